"""Start with the person's session: which way of doing so fits this system.

In: on or off. Out: what the system's own way says. Never: another person's session, administrator rights, two ways at
once. Each way is a module with the same three functions.
"""

import sys
from collections.abc import Mapping
from typing import Protocol

from planwhy_agent.errors import ConfigError


class Way(Protocol):
    """One way of starting with the session."""

    def switch_on(self, environment: Mapping[str, str], /) -> str:
        """Start the agent with every session from now on; where that stands now. Raises OSError."""

    def switch_off(self, environment: Mapping[str, str], /) -> bool:
        """Start it no more; whether it was started before. Raises OSError."""

    def is_on(self, environment: Mapping[str, str], /) -> bool:
        """Whether it starts with the session."""


def switch_on(environment: Mapping[str, str], systemd: bool = False) -> str:
    """Start the agent with every session from now on; where that stands now.

    Raises OSError; ConfigError where systemd is asked for on a system that has none.
    """
    ways = _ways()
    if systemd and "systemd" not in ways:
        raise ConfigError("--systemd: this system has none; leave it out")
    chosen = "systemd" if systemd else _fitting(environment, ways)
    for name, way in ways.items():
        if name != chosen:
            way.switch_off(environment)
    return ways[chosen].switch_on(environment)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    were_on = [way.switch_off(environment) for way in _ways().values()]
    return any(were_on)


def is_on(environment: Mapping[str, str]) -> bool:
    """Whether it starts with the session."""
    return any(way.is_on(environment) for way in _ways().values())


def _ways() -> dict[str, Way]:
    """The ways of this system by name, the usual one first."""
    ways: dict[str, Way]
    if sys.platform == "win32":
        from planwhy_agent.system import autostart_windows  # noqa: PLC0415  of one system only

        ways = {"windows": autostart_windows}
    elif sys.platform == "darwin":
        from planwhy_agent.system import autostart_macos  # noqa: PLC0415  of one system only

        ways = {"macos": autostart_macos}
    else:
        from planwhy_agent.system import autostart_systemd, autostart_xdg  # noqa: PLC0415  of one system only

        ways = {"xdg": autostart_xdg, "systemd": autostart_systemd}
    return ways


def _fitting(environment: Mapping[str, str], ways: Mapping[str, Way]) -> str:
    """The usual way, but for a window manager that reads no autostart folder where systemd looks after the session."""
    if "systemd" in ways:
        from planwhy_agent.system.autostart_systemd import looks_after  # noqa: PLC0415  of one system only
        from planwhy_agent.system.autostart_xdg import is_read_by  # noqa: PLC0415  of one system only

        if looks_after(environment) and not is_read_by(environment):
            return "systemd"
    return next(iter(ways))
