"""Parts of the agent for tests: samples, policies, kept things, a desktop that a script moves."""

import os

from planwhy_agent.privacy import Kept, Rules, rules_of
from planwhy_agent.sources.base import OpenProgram, OpenSite, Sample, Tab, Window
from planwhy_agent.spans import Moment, Stretch
from planwhy_shared.wire import HostTitles, Policy

ALWAYS = "Mon-Sun 00:00-24:00"
NOON_MS = 1_792_065_600_000
"""Thursday 2026-10-15 12:00 UTC."""


def policy(**changes: object) -> Policy:
    """A policy that records always, in UTC, and keeps paths of one CRM."""
    usual: dict[str, object] = {
        "version": "p1",
        "notice_version": "n1",
        "working_hours": ALWAYS,
        "time_zone": "UTC",
        "path_hosts": ("bitrix24.ru",),
    }
    return Policy(**(usual | changes))  # type: ignore[arg-type]


def rules(**changes: object) -> Rules:
    """The same, made ready."""
    return rules_of(policy(**changes))


def host_rule(value: str, titles: str) -> HostTitles:
    """A title rule for a host."""
    return HostTitles("host", value, titles)  # type: ignore[arg-type]


def sample(
    app: str | None = "xterm",
    title: str | None = "t",
    url: str | None = None,
    private: bool = False,
    idle_ms: int = 0,
    locked: bool = False,
) -> Sample:
    """What is in front; a tab where an address is given or the window is private."""
    tab = Tab(url, title, private, 0) if url or private else None
    return Sample(0, 0, NOON_MS, Window(app, title, 1), tab, idle_ms, locked)


def moment(at_ms: int, asleep_ms: int = 0, jump_ms: int = 0) -> Moment:
    """The clocks so long after the start; asleep and jump are totals."""
    return Moment(1_000_000 + at_ms, 500_000 + at_ms - asleep_ms, NOON_MS + at_ms + jump_ms)


def stretches(count: int, start_ms: int = NOON_MS, ms: int = 1_000, title: str = "t") -> list[Stretch]:
    """So many stretches, one after the other."""
    kept = Kept("active", "xterm", title, None, "window")
    return [Stretch(start_ms + i * ms, start_ms + (i + 1) * ms, kept) for i in range(count)]


class ScriptedDesktop:
    """A desktop whose window, idle time and lock a test sets."""

    def __init__(self, windows: list[Window] | None = None) -> None:
        self._read_fd, self._write_fd = os.pipe()
        self.windows = windows or [Window("xterm", "t", 1)]
        self.turn = 0
        self.idle = 0
        self.is_locked = False
        self.open_programs: tuple[OpenProgram, ...] = ()

    def filenos(self) -> tuple[int, ...]:
        """The end of a pipe."""
        return (self._read_fd,)

    def poll_ms(self) -> None:
        """The pipe suffices."""
        return

    def read(self) -> Window | None:
        """The next window of the script."""
        self.turn += 1
        return self.windows[self.turn % len(self.windows)]

    def settle_ms(self) -> int:
        """Settled."""
        return 0

    def idle_ms(self) -> int:
        """As set."""
        return self.idle

    def remote(self) -> bool:
        """Somebody sits at this machine."""
        return False

    def locked(self) -> bool:
        """As set."""
        return self.is_locked

    def programs(self) -> tuple[OpenProgram, ...]:
        """As set."""
        return self.open_programs

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._read_fd)
        os.close(self._write_fd)


class ScriptedBrowsers:
    """Browsers that tell of no tab in front, only of what is open in them."""

    def __init__(self, sites: tuple[OpenSite, ...] = ()) -> None:
        self.open_sites = sites

    def filenos(self) -> tuple[int, ...]:
        """Nothing to wait on."""
        return ()

    def read(self) -> None:
        """Nothing comes."""

    def tab_of(self, _window: Window) -> Tab | None:
        """No browser speaks for any window."""
        return None

    def settle_ms(self) -> int:
        """Settled."""
        return 0

    def connected(self) -> int:
        """One."""
        return 1

    def sites(self) -> tuple[OpenSite, ...]:
        """As set."""
        return self.open_sites

    def close(self) -> None:
        """Nothing to close."""


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        """The moment now."""
        return self.now
