"""Stage 1: the sample and the protocols that sources keep.

In: the system's events. Out: a Sample whenever something changed. Never: a decision what to keep (stage 2).
A source is driven by one loop: it waits on `filenos()` and on a clock, at most `poll_ms()` long, then calls `read()`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Window:
    """The window in front: program name as the system knows it (`chrome.exe`, `xterm`), title, process id.

    `id` is the system's own number of the window: two windows of one program differ in it, whatever their titles.
    """

    app: str | None
    title: str | None
    pid: int | None
    id: int | None = None


Titled = Callable[[str | None, int | None], bool]
"""Whether the title of a window may be read at all, by program and process id. What may not is None in the Window."""


def every_title(_app: str | None, _pid: int | None) -> bool:
    """Every title may be read."""
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """The visible tab of the focused browser window. `url` and `title` are None in a private window.

    The address has lost its query and fragment inside the browser already. `since_ms` is the wall clock at which
    the browser said so.
    """

    url: str | None
    title: str | None
    private: bool
    since_ms: int


OPEN_AT_MOST = 64
"""Programs, and sites, that a source names at once; more are nobody's picture of a day."""


@dataclass(frozen=True, slots=True)
class OpenProgram:
    """A program that has ordinary windows now, wherever they are; `windows` is how many, at least 1."""

    app: str
    windows: int


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A host that ordinary (not private) tabs of a browser show now; `tabs` is how many, at least 1."""

    app: str
    host: str
    tabs: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything known at one moment. `mono_ms` is a clock that is never set and, on Linux, counts sleep.

    `awake_ms` is the same clock without the time asleep, so that the difference between two samples tells how
    long the machine slept. `idle_ms` is the time since the last key or mouse event. `tab` is None unless the
    window in front is a browser that has reported its tab since it got the focus. `call` names the signal
    (`microphone`, `call_window`) by which the person is in a call although no key is pressed; `quiet_ms` is the time
    since the last input or call, None where that is `idle_ms`.
    """

    mono_ms: int
    awake_ms: int
    wall_ms: int
    window: Window | None
    tab: Tab | None
    idle_ms: int
    locked: bool
    call: str | None = None
    quiet_ms: int | None = None


class Desktop(Protocol):
    """The windows of one system. It is opened with a `Titled`, which it asks before it reads a title."""

    def filenos(self) -> tuple[int, ...]:
        """Descriptors that become readable when something may have changed; none where the system sends no events."""

    def poll_ms(self) -> int | None:
        """How often to read although no descriptor asks for it; None where every change comes as an event."""

    def read(self) -> Window | None:
        """Take in all pending events and return the window in front now; None where no window is.

        A title that may be read by now is read, one that may no longer be is forgotten: `Titled` is asked each time.

        Never raises for a window that vanishes meanwhile. Raises SourceLost when the display itself is gone.
        """

    def settle_ms(self) -> int:
        """How much longer to wait before believing `read()`; 0 when it can be believed now.

        Window managers pass through short states without an active window.
        """

    def remote(self) -> bool:
        """Whether the session is seen from another machine: RDP, xrdp, VNC, a forwarded display. Never raises."""

    def idle_ms(self) -> int:
        """Time since the last key or mouse event."""

    def locked(self) -> bool:
        """Whether the session is locked, its screen saver on, or another person's session in front."""

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs that have ordinary windows now, the one in front included, at most OPEN_AT_MOST.

        On all monitors and workspaces, whether minimised or not; no docks, desktops and tool windows. No title is
        read. Asked once a minute at most. Raises SourceLost when the display itself is gone.
        """

    def close(self) -> None:
        """Let go of the display."""


CallTest = Callable[[str | None, str | None], bool]
"""Whether a window is that of a running call, by program and title; None is a title that may not be read."""


@runtime_checkable
class CallWindows(Protocol):
    """A desktop that can also look for windows of calls behind the one in front."""

    def any_call(self, programs: frozenset[str], called: CallTest) -> bool:
        """Whether an ordinary window of one of these programs (lower case, no `.exe`) passes the test.

        The test is not asked about windows of other programs, and titles are read as `Titled` allows.
        Raises SourceLost when the display itself is gone.
        """


class Browsers(Protocol):
    """The tabs that browser extensions report."""

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on; they change as browsers come and go."""

    def read(self) -> None:
        """Take in all pending messages without blocking."""

    def tab_of(self, window: Window) -> Tab | None:
        """The tab to credit while this window is in front; None where no browser speaks for it."""

    def speaks_for(self, app: str | None, pid: int | None) -> bool:
        """Whether a browser speaks for the windows of a process, so that their titles need not be read."""

    def settle_ms(self) -> int:
        """How much longer to wait before believing `tab_of`: an extension tells of a focus a little late."""

    def connected(self) -> int:
        """How many browsers are connected."""

    def trouble(self) -> dict[str, int]:
        """What did not go as it should, by name, since the start; only what happened at all."""

    def sites(self) -> tuple[OpenSite, ...]:
        """What ordinary (not private) tabs are open, by program and host, at most OPEN_AT_MOST."""

    def close(self) -> None:
        """Let go of all connections."""


class SourceLost(Exception):
    """The system no longer shows its windows (the display ended); permanent for this source object."""


class SourceUnsupported(Exception):
    """This system cannot be watched; the text says why, such as `unsupported: wayland`."""
