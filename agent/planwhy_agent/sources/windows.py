"""The windows of a Windows desktop, by looking every second and whenever Windows tells of a change.

In: what Windows tells of the window in front, of input and of the session. Out: the window in front, how long nothing
was typed, whether the session is locked or remote, which programs are open. Never: a hook into other programs, a
message to a window, an error for a window that vanishes.
"""

import ctypes
from collections.abc import Callable

from planwhy_agent.sources import windows_window
from planwhy_agent.sources.base import OpenProgram, SourceLost, SourceUnsupported, Titled, Window, every_title
from planwhy_agent.sources.settling import Settling
from planwhy_agent.sources.win32 import BOOL, DWORD, ON_WINDOWS, POINTER, UINT, function
from planwhy_agent.sources.windows_events import Events
from planwhy_agent.sources.windows_facts import LastInput, last_input
from planwhy_agent.sources.windows_session import SessionSeat, is_remote, is_shown
from planwhy_agent.sources.windows_window import WindowReader

POLL_MS = 1_000
TRIES = 3
"""How often a window is read that is no longer in front when it has been read."""

_input = function("user32", "GetLastInputInfo", BOOL, POINTER)
_ticks = function("kernel32", "GetTickCount64", ctypes.c_uint64)


class _InputInfo(ctypes.Structure):
    """LASTINPUTINFO."""

    _fields_ = (("size", UINT), ("tick", DWORD))


class WindowsDesktop:
    """The desktop of this session. Keeps the protocol `Desktop`."""

    def __init__(self, titled: Titled, on_event: Callable[[], None]) -> None:
        """Look at the desktop of this process; use `open`."""
        self._reader, self._seat = WindowReader(titled), SessionSeat()
        self._last: LastInput | None = None
        self._settling = Settling()
        self._events = Events(on_event, self._seat.note)

    @classmethod
    def open(cls, titled: Titled = every_title, on_event: Callable[[], None] | None = None) -> "WindowsDesktop":
        """Begin to look; `on_event` is called from another thread when it is worth a look before the next second.

        Raises SourceUnsupported where there are no windows to see, SourceLost where Windows tells no idle time.
        """
        if not ON_WINDOWS:
            raise SourceUnsupported("unsupported: not Windows")
        if not is_shown():
            raise SourceUnsupported("unsupported: no desktop (a service sees no windows)")
        _last_tick()
        return cls(titled, on_event or _nobody)

    def filenos(self) -> tuple[int, ...]:
        """Windows has no descriptors for this; `on_event` is called instead."""
        return ()

    def poll_ms(self) -> int:
        """Look every second, whatever events Windows delivers."""
        return POLL_MS

    def read(self) -> Window | None:
        """Return the window in front now; None where no window is."""
        window = self._window()
        self._settling.saw(window)
        return window

    def settle_ms(self) -> int:
        """How much longer to wait before believing that no window is in front; 0 when `read` can be believed."""
        return self._settling.left_ms()

    def idle_ms(self) -> int:
        """Time since the last key or mouse event of this session. Raises SourceLost."""
        tick, now_ms = _last_tick(), _ticks()
        self._last = last_input(self._last, tick, now_ms)
        return int(now_ms - self._last.at_ms)

    def locked(self) -> bool:
        """Whether the session is locked, disconnected, behind another person's, or covered by a screen saver."""
        return self._seat.locked()

    def remote(self) -> bool:
        """Whether the session is shown on another machine by Remote Desktop; other such programs do not tell."""
        return is_remote()

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs that have ordinary windows now, the one in front included; at most 64."""
        return self._reader.programs()

    def close(self) -> None:
        """Stop the thread that hears of changes."""
        self._events.close()

    def _window(self) -> Window | None:
        """Read the window in front; all that is told of it belongs to one window that was in front meanwhile."""
        for _ in range(TRIES):
            window_id = windows_window.front()
            window = self._reader.read(window_id) if window_id is not None else None
            if windows_window.front() == window_id:
                return window
        return window


def _last_tick() -> int:
    """The tick of the last input. Raises SourceLost where Windows does not tell it."""
    info = _InputInfo(size=ctypes.sizeof(_InputInfo))
    if not _input(ctypes.byref(info)):
        raise SourceLost("Windows tells no idle time")
    return int(info.tick)


def _nobody() -> None:
    """Nobody waits to be called."""
