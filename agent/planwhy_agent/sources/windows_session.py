"""Whether a person sits before this session of Windows.

In: notices of the session, and what Windows answers. Out: locked or not, remote or not. Never: an error where Windows
does not answer; then the desktop that takes the input tells.
"""

import ctypes
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from planwhy_agent.sources.win32 import BOOL, DWORD, HANDLE, LONG, POINTER, UINT, function
from planwhy_agent.sources.windows_facts import Seat, seat_after, seat_told

ASK_MS = 5_000
"""How often Windows is asked, so that a missed notice does not matter for long."""
_HERE, _CURRENT, _INFO = None, 0xFFFFFFFF, 25
"""This server, this session, WTSSessionInfoEx."""
_SAVER_RUNS, _REMOTE, _READ_OBJECTS = 0x72, 0x1000, 0x1
_FLAGS, _SHOWN = 1, 1
"""UOI_FLAGS and WSF_VISIBLE: a service's window station is not shown."""

_query = function("wtsapi32", "WTSQuerySessionInformationW", BOOL, HANDLE, DWORD, LONG, POINTER, POINTER)
_free = function("wtsapi32", "WTSFreeMemory", None, POINTER)
_input_desktop = function("user32", "OpenInputDesktop", HANDLE, DWORD, BOOL, DWORD)
_close_desktop = function("user32", "CloseDesktop", BOOL, HANDLE)
_parameter = function("user32", "SystemParametersInfoW", BOOL, UINT, UINT, POINTER, UINT)
_metric = function("user32", "GetSystemMetrics", LONG, LONG)
_station = function("user32", "GetProcessWindowStation", HANDLE)
_about = function("user32", "GetUserObjectInformationW", BOOL, HANDLE, LONG, POINTER, DWORD, POINTER)


class _Info(ctypes.Structure):
    """The start of WTSINFOEXW; what follows the flags is not read. The padding is that of the 64-bit times behind."""

    _fields_ = (
        ("level", DWORD), ("padding", DWORD), ("session", DWORD), ("state", LONG), ("flags", LONG),
    )  # fmt: skip


class _StationFlags(ctypes.Structure):
    _fields_ = (("inherit", BOOL), ("reserved", BOOL), ("flags", DWORD))


class SessionSeat:
    """Follows the session; notices may come from any thread."""

    def __init__(self) -> None:
        """Ask once for the state now."""
        self._notices: deque[int] = deque()
        self._seat, self._answers, self._ask_at_ms = Seat(), False, 0
        self._ask()

    def note(self, notice: int) -> None:
        """Take in what WM_WTSSESSION_CHANGE told."""
        self._notices.append(notice)

    def locked(self) -> bool:
        """Whether the session is locked, away, or covered by a screen saver.

        A question of the system that covers the screen, such as for an administrator's consent, is no lock.
        """
        while self._notices:
            self._seat = seat_after(self._seat, self._notices.popleft())
            self._ask_at_ms = _now_ms() + ASK_MS
        if _now_ms() >= self._ask_at_ms:
            self._ask()
        if self._seat.locked or self._seat.away or _saver_runs():
            return True
        return not self._answers and _covered()

    def _ask(self) -> None:
        self._ask_at_ms = _now_ms() + ASK_MS
        seat = _asked()
        self._answers = seat is not None
        if seat is not None:
            self._seat = seat


def is_remote() -> bool:
    """Whether the session is shown on another machine by the system's own remote desktop."""
    return bool(_metric(_REMOTE))


def is_shown() -> bool:
    """Whether this process belongs to a desktop that a person can see; a service does not."""
    told = _StationFlags()
    size = ctypes.sizeof(told)
    return bool(_about(_station(), _FLAGS, ctypes.byref(told), size, None)) and bool(told.flags & _SHOWN)


def _asked() -> Seat | None:
    """What Windows answers; None where it does not, or leaves it open."""
    found, size = ctypes.c_void_p(), DWORD()
    if not _query(_HERE, _CURRENT, _INFO, ctypes.byref(found), ctypes.byref(size)) or not found.value:
        return None
    try:
        if size.value < ctypes.sizeof(_Info):
            return None
        info = _Info.from_buffer_copy(ctypes.string_at(found.value, ctypes.sizeof(_Info)))
        return seat_told(info.state, info.flags, _windows()) if info.level == 1 else None
    finally:
        _free(found)


def _windows() -> tuple[int, int]:
    tell: Callable[[], Any] | None = getattr(sys, "getwindowsversion", None)
    return (tell().major, tell().minor) if tell else (0, 0)


def _saver_runs() -> bool:
    runs = BOOL()
    return bool(_parameter(_SAVER_RUNS, 0, ctypes.byref(runs), 0)) and bool(runs.value)


def _covered() -> bool:
    """Whether a desktop takes the input that this process may not open: that of the lock screen."""
    desktop = _input_desktop(0, False, _READ_OBJECTS)
    if desktop:
        _close_desktop(desktop)
    return not desktop


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
