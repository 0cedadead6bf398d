"""Which tray this desktop has: what shows icons and notifications, and the way to it.

In: the environment. Out: Hosts; something that shows. Never: a toolkit loaded where D-Bus is enough.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planwhy_agent.config import Settings
from planwhy_agent.tray import Shown, Tray
from planwhy_agent.tray_menu import Act
from planwhy_agent.words import Words

NO_TRAY = 3
"""Exit code where the desktop shows neither icons nor notifications."""
_LINUX: bool = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class Hosts:
    """What a desktop shows."""

    icons: bool
    notifications: bool


def hosts(environment: Mapping[str, str]) -> Hosts:
    """Look what there is now."""
    if _LINUX:
        from planwhy_agent import tray_linux  # noqa: PLC0415  loaded on its own system only

        return Hosts(*tray_linux.hosts(environment))
    from planwhy_agent import tray_pystray  # noqa: PLC0415  loaded on its own system only

    found = tray_pystray.is_installed()
    return Hosts(found, found)


def may_be_shown(environment: Mapping[str, str]) -> bool:
    """Whether it is worth starting a process that looks closer. Costs nothing."""
    if _LINUX:
        return bool(environment.get("DBUS_SESSION_BUS_ADDRESS"))
    from planwhy_agent import tray_pystray  # noqa: PLC0415  loaded on its own system only

    return tray_pystray.is_installed()


def open_shown(settings: Settings, clicked: Callable[[Act], None], lifeline: bool) -> Shown | None:
    """The way to this desktop's tray; None where there is neither a tray nor a service for notifications."""
    if _LINUX:
        from planwhy_agent import tray_linux  # noqa: PLC0415  loaded on its own system only

        return tray_linux.open_shown(settings, clicked, lifeline)
    from planwhy_agent import tray_pystray  # noqa: PLC0415  loaded on its own system only

    return tray_pystray.open_shown(settings, clicked, lifeline)


def run_tray(settings: Settings, say: Words, lifeline: bool) -> int:
    """Show the tray until the agent ends; `lifeline`: standard input ends with the agent and tells of changes."""
    tray = Tray(settings, say, lambda: time.time_ns() // 1_000_000)
    shown = open_shown(settings, tray.click, lifeline)
    return shown.drive(lambda: tray.run(shown)) if shown is not None else NO_TRAY
