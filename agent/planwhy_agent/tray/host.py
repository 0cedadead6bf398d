"""Which tray this desktop has, and the tray's own process: `python -m planwhy_agent.tray.host --lifeline`.

In: the environment, settings. Out: Hosts; the tray shown until the agent ends. Never: a toolkit loaded where D-Bus is
enough; the agent's own pipeline loaded (the process takes half the memory without it).
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from planwhy_agent.config import Settings, load_settings
from planwhy_agent.errors import AgentError, AlreadyRunning, NotRunning
from planwhy_agent.system.instance_lock import InstanceLock, holder
from planwhy_agent.tray.process import Does, Shown, Tray
from planwhy_agent.words import Words, system_language

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
        from planwhy_agent.tray import linux as tray_linux  # noqa: PLC0415  loaded on its own system only

        return Hosts(*tray_linux.hosts(environment))
    from planwhy_agent.tray import with_pystray as tray_pystray  # noqa: PLC0415  loaded on its own system only

    found = tray_pystray.is_installed()
    return Hosts(found, found)


def open_shown(settings: Settings, does: Does, lifeline: bool) -> Shown | None:
    """The way to this desktop's tray; None where there is neither a tray nor a service for notifications."""
    if _LINUX:
        from planwhy_agent.tray import linux as tray_linux  # noqa: PLC0415  loaded on its own system only

        return tray_linux.open_shown(settings, does, lifeline)
    from planwhy_agent.tray import with_pystray as tray_pystray  # noqa: PLC0415  loaded on its own system only

    return tray_pystray.open_shown(settings, does, lifeline)


def run_tray(settings: Settings, say: Words, lifeline: bool) -> int:
    """Show the tray until the agent ends; `lifeline`: standard input ends with the agent and tells of changes.

    Raises NotRunning without an agent, AlreadyRunning beside another tray.
    """
    if holder(settings.lock) is None:
        raise NotRunning("the agent does not run; start it: planwhy-agent run")
    try:
        lock = InstanceLock(settings.data / "tray.lock")
    except AlreadyRunning:
        raise AlreadyRunning("the tray shows the icon already") from None
    try:
        tray = Tray(settings, say, lambda: time.time_ns() // 1_000_000)
        shown = open_shown(settings, tray, lifeline)
        return shown.drive(lambda: tray.run(shown)) if shown is not None else NO_TRAY
    finally:
        lock.release()


def main(arguments: list[str]) -> int:
    """What the agent starts beside itself."""
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is meant for the agent, whose end ends the tray
    try:
        return run_tray(load_settings(os.environ), Words(system_language(os.environ)), "--lifeline" in arguments)
    except (AgentError, OSError) as error:
        sys.stderr.write(f"planwhy-agent: the tray: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
