"""The windows of a desktop by way of pywinctl, where the system's own source cannot be opened.

In: pywinctl's answers, each of which may be missing, stale or an error; idle time from elsewhere, for pywinctl knows
none. Out: the window in front, looked at once a second. Never: `getAppName` or `getAllApps…` (tens to hundreds of
milliseconds each), a title that may not be read, an error for what pywinctl raises; a desktop without idle time: nobody
could tell there whether the person is present, so it is refused.

What it cannot tell: programs of windows without a process id, and docks from ordinary windows.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from planwhy_shared import limits

from planwhy_agent.sources.base import OPEN_AT_MOST, OpenProgram, SourceUnsupported, Titled, Window, every_title
from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.settling import Settling
from planwhy_agent.sources.texts import clean

POLL_MS = 1_000

_Answer = TypeVar("_Answer")


class PortableWindows(Protocol):
    """The two functions of pywinctl that are asked; windows have `title`, `isAlive`, `getPID()` and `getHandle()`."""

    def getActiveWindow(self) -> Any:  # noqa: N802  as pywinctl names it
        """The window in front; None where there is none."""

    def getAllWindows(self) -> Sequence[Any]:  # noqa: N802  as pywinctl names it
        """All windows."""


class Idle(Protocol):
    """Where idle time comes from."""

    def idle_ms(self) -> int:
        """Time since the last key or mouse event. Raises SourceLost when the display is gone."""

    def close(self) -> None:
        """Let go of it."""


class Locks(Protocol):
    """Where the lock of the session comes from; `SessionLock` on Linux."""

    @property
    def locked(self) -> bool:
        """Whether the person can be at the session."""

    @property
    def remote(self) -> bool:
        """Whether the session was begun from another machine."""

    def filenos(self) -> tuple[int, ...]:
        """Descriptors that become readable when the answer may have changed."""

    def read(self) -> None:
        """Take in what has arrived."""

    def close(self) -> None:
        """Let go of it."""


class FallbackDesktop:
    """A desktop that pywinctl sees. Keeps the protocol `Desktop`."""

    def __init__(
        self, windows: PortableWindows, idle: Idle, locks: Locks, remote: bool = False, titled: Titled = every_title
    ) -> None:
        """Take pywinctl and what it lacks; use `open`."""
        self._windows, self._idle, self._locks = windows, idle, locks
        self._remote, self._titled = remote, titled
        self._programs = Programs()
        self._settling = Settling()

    @classmethod
    def open(cls, idle: Idle, locks: Locks, remote: bool = False, titled: Titled = every_title) -> "FallbackDesktop":
        """Load pywinctl. Raises SourceUnsupported where it is not installed or sees nothing here."""
        return cls(_loaded(), idle, locks, remote, titled)

    def filenos(self) -> tuple[int, ...]:
        """Descriptors of what tells the lock; windows are looked at."""
        return self._locks.filenos()

    def poll_ms(self) -> int:
        """Look once a second."""
        return POLL_MS

    def read(self) -> Window | None:
        """The window in front now; None where none is, or where it vanished meanwhile. Raises SourceLost."""
        self._locks.read()
        self._idle.idle_ms()  # what pywinctl raises when the display is gone looks like a window that is gone
        found = _answered(self._windows.getActiveWindow)
        window = self._window(found) if found is not None else None
        self._settling.saw(window)
        return window

    def settle_ms(self) -> int:
        """How much longer to wait before believing that no window is in front."""
        return self._settling.left_ms()

    def idle_ms(self) -> int:
        """Time since the last key or mouse event. Raises SourceLost when the display is gone."""
        return self._idle.idle_ms()

    def locked(self) -> bool:
        """Whether the session is locked, as far as a message bus tells."""
        return self._locks.locked

    def remote(self) -> bool:
        """Whether the session is seen from another machine."""
        return self._remote or self._locks.remote

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs that have windows now, docks included; those with most windows first."""
        found = _answered(self._windows.getAllWindows) or ()
        apps = (self._app(_answered(one.getPID)) for one in found)
        counted = Counter(app for app in apps if app)
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return tuple(OpenProgram(app, windows) for app, windows in ordered[:OPEN_AT_MOST])

    def close(self) -> None:
        """Let go of what is held; pywinctl keeps its own connection until the program ends."""
        self._idle.close()
        self._locks.close()

    def _window(self, found: Any) -> Window | None:
        """What there is to know of a window; None where it vanished."""
        handle = _answered(found.getHandle)
        if not isinstance(handle, int) or _answered(lambda: found.isAlive) is not True:
            return None
        pid = _answered(found.getPID)
        app, number = self._app(pid), pid if isinstance(pid, int) else None
        title = _answered(lambda: found.title) if self._titled(app, number) else None
        shown = clean(title, limits.TITLE_CHARS) if isinstance(title, str) else ""
        return Window(app, shown or None, number, handle)

    def _app(self, pid: object) -> str | None:
        return self._programs.name_of(pid) if isinstance(pid, int) and pid > 0 else None


def _loaded() -> PortableWindows:
    """Load pywinctl, which connects to the display meanwhile."""
    try:
        windows: PortableWindows = importlib.import_module("pywinctl")
    except ImportError as error:
        raise SourceUnsupported("unsupported: pywinctl, the portable fallback, is not installed") from error
    except Exception as error:
        raise SourceUnsupported(f"unsupported: pywinctl sees nothing here ({type(error).__name__})") from error
    return windows


def _answered(ask: Callable[[], _Answer]) -> _Answer | None:
    """What pywinctl answers; None for whatever it raises: it names no errors, and nearly all mean a vanished window."""
    try:
        return ask()
    except Exception:  # noqa: BLE001  X errors, bytes that are not UTF-8, attributes of None, indexes of nothing
        return None
