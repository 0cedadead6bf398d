"""A thread that Windows tells of changes, so that the agent need not look all the time.

In: events of windows, notices of the session, of sleep and of waking. Out: a call whenever it is worth a look. Never:
anything about a window itself, a decision, an error where Windows delivers nothing; then looking now and then remains.
"""

import ctypes
import threading
import time
from collections.abc import Callable
from ctypes import wintypes

from planwhy_agent.sources.win32 import BOOL, DWORD, HANDLE, HWND, LONG, POINTER, SIZE, UINT, callback, function
from planwhy_agent.sources.windows_window import front, process_of

WINDOW_CLASS = "PlanwhyAgentEvents"
SESSION_CHANGE, POWER_BROADCAST = 0x02B1, 0x0218
FRONT_CHANGED, NAME_CHANGED = 0x0003, 0x800C
NAMES_APART_S = 0.25
"""A program that changes its title without end wakes the agent no more often; the next look sees the last title."""
START_S = 2.0
_QUIT, _ONLY_MESSAGES, _THIS_SESSION, _TO_WINDOW = 0x0012, -3, 0, 0

_Procedure = callback(SIZE, HWND, UINT, SIZE, SIZE)
_Hook = callback(None, HANDLE, DWORD, HWND, LONG, LONG, DWORD, DWORD)


class _Class(ctypes.Structure):
    """WNDCLASSW."""

    _fields_ = (
        ("style", UINT), ("procedure", _Procedure), ("class_extra", LONG), ("window_extra", LONG), ("module", HANDLE),
        ("icon", HANDLE), ("cursor", HANDLE), ("background", HANDLE), ("menu", POINTER), ("name", wintypes.LPCWSTR),
    )  # fmt: skip


_module = function("kernel32", "GetModuleHandleW", HANDLE, POINTER)
_thread = function("kernel32", "GetCurrentThreadId", DWORD)
_register = function("user32", "RegisterClassW", wintypes.ATOM, POINTER)
_unregister = function("user32", "UnregisterClassW", BOOL, wintypes.LPCWSTR, HANDLE)
_create = function(
    "user32", "CreateWindowExW", HWND, DWORD, wintypes.LPCWSTR, POINTER, DWORD, *[LONG] * 4, HWND, HANDLE, HANDLE,
    POINTER,
)  # fmt: skip
_destroy = function("user32", "DestroyWindow", BOOL, HWND)
_default = function("user32", "DefWindowProcW", SIZE, HWND, UINT, SIZE, SIZE)
_next_message = function("user32", "GetMessageW", LONG, POINTER, HWND, UINT, UINT)
_dispatch = function("user32", "DispatchMessageW", SIZE, POINTER)
_post = function("user32", "PostThreadMessageW", BOOL, DWORD, UINT, SIZE, SIZE)
_hook = function("user32", "SetWinEventHook", HANDLE, UINT, UINT, HANDLE, _Hook, DWORD, DWORD, UINT)
_unhook = function("user32", "UnhookWinEvent", BOOL, HANDLE)
_hear_session = function("wtsapi32", "WTSRegisterSessionNotification", BOOL, HWND, DWORD)
_leave_session = function("wtsapi32", "WTSUnRegisterSessionNotification", BOOL, HWND)
# A window that takes only messages gets no broadcasts, so power is asked for by name; Windows 7 cannot.
_hear_power = function("user32", "RegisterSuspendResumeNotification", HANDLE, HWND, DWORD)
_leave_power = function("user32", "UnregisterSuspendResumeNotification", BOOL, HANDLE)


class Events:
    """Calls `on_event` from a thread of its own, and `on_notice` with each notice of the session before that."""

    def __init__(self, on_event: Callable[[], None], on_notice: Callable[[int], None]) -> None:
        """Start to listen; both are called from another thread and have to be quick."""
        self._on_event, self._on_notice = on_event, on_notice
        self._procedure, self._heard = _Procedure(self._message), _Hook(self._changed)
        self._names: int | None = None
        self._name_at = 0.0
        self._number, self._closed = 0, False
        self._ready = threading.Event()
        self._worker = threading.Thread(target=self._listen, name="windows-events", daemon=True)
        self._worker.start()
        self._ready.wait(START_S)

    def close(self) -> None:
        """Listen no longer; nothing is called after this."""
        self._closed = True
        self._ready.wait(START_S)
        _post(self._number, _QUIT, 0, 0)
        self._worker.join(START_S)

    def _listen(self) -> None:
        """The thread: what Windows delivers is delivered while it waits for the next message."""
        window = self._window()
        fronts = _hook(FRONT_CHANGED, FRONT_CHANGED, None, self._heard, 0, 0, 0)
        self._follow()
        session = window and _hear_session(window, _THIS_SESSION)
        power = window and _hear_power(window, _TO_WINDOW)
        self._number = _thread()
        self._ready.set()
        message = wintypes.MSG()
        while not self._closed and _next_message(ctypes.byref(message), None, 0, 0) > 0:
            _dispatch(ctypes.byref(message))
        for hook in filter(None, (fronts, self._names)):
            _unhook(hook)
        if power:
            _leave_power(power)
        if session:
            _leave_session(window)
        if window:
            _destroy(window)
            _unregister(WINDOW_CLASS, _module(None))

    def _window(self) -> int | None:
        """A window that is nowhere to be seen and only takes messages; None where Windows makes none."""
        kind = _Class(procedure=self._procedure, module=_module(None), name=WINDOW_CLASS)
        if not _register(ctypes.byref(kind)):
            return None
        window = _create(0, WINDOW_CLASS, None, 0, 0, 0, 0, 0, _ONLY_MESSAGES, None, kind.module, None)
        return window or None

    def _message(self, window: int, message: int, what: int, more: int) -> int:
        """Called by Windows for messages to the window."""
        if message == SESSION_CHANGE and not self._closed:
            self._on_notice(what)
        if message in {SESSION_CHANGE, POWER_BROADCAST}:
            self._tell()
        return int(_default(window, message, what, more))

    def _changed(self, _hook: int, event: int, window: int, thing: int, part: int, _thread: int, _ms: int) -> None:
        """Called by Windows when another window came to the front, or when something got another name."""
        if event == FRONT_CHANGED:
            self._follow()
            self._tell()
        elif thing == part == 0 and window == front() and time.monotonic() - self._name_at >= NAMES_APART_S:
            self._name_at = time.monotonic()
            self._tell()

    def _tell(self) -> None:
        if not self._closed:
            self._on_event()

    def _follow(self) -> None:
        """Hear of names in the process whose window is in front only: all others would wake this one for nothing."""
        if self._names:
            _unhook(self._names)
        window = front()
        pid = process_of(window) if window else None
        self._names = _hook(NAME_CHANGED, NAME_CHANGED, None, self._heard, pid, 0, 0) if pid else None
