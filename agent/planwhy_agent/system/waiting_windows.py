"""What rings while the agent waits on Windows: events, to which another process can ring by name.

In: handles and a time-out. Out: that something happened. Never: an end of the session that catches the agent at work:
Windows is told to wait until the last span is written. There are no signals here. The end comes from Ctrl-C, from a
console that closes, and, as most agents have no console, as a message to a window that nobody sees.
"""

import _winapi  # the waits under multiprocessing; ctypes would need an array for each
import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterable
from ctypes import wintypes

if sys.platform == "win32":  # for the type checker: this module is imported on Windows only
    from planwhy_agent.system.instance_lock_windows import Wish, event_name

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

END_S = 4.5
"""How long the end of the session waits for the agent; Windows itself loses patience after five seconds."""
_CLOSES, _LOGS_OFF, _SHUTS_DOWN = 2, 5, 6
_WM_CLOSE, _WM_QUIT, _WM_QUERYENDSESSION, _WM_ENDSESSION = 0x10, 0x12, 0x11, 0x16

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_user32 = ctypes.WinDLL("user32", use_last_error=True)
_OnConsole = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
_OnMessage = ctypes.WINFUNCTYPE(wintypes.LPARAM, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
_kernel32.CreateEventW.argtypes = (wintypes.LPVOID, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.CreateEventW.restype = wintypes.HANDLE
_kernel32.SetEvent.argtypes = (wintypes.HANDLE,)
_kernel32.SetConsoleCtrlHandler.argtypes = (_OnConsole, wintypes.BOOL)
_user32.DefWindowProcW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
_user32.DefWindowProcW.restype = wintypes.LPARAM
_user32.CreateWindowExW.argtypes = (
    wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD, *4 * (ctypes.c_int,),
    wintypes.HWND, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID,
)  # fmt: skip
_user32.CreateWindowExW.restype = wintypes.HWND
_user32.PostThreadMessageW.argtypes = (wintypes.DWORD, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)


class _WindowClass(ctypes.Structure):
    """WNDCLASSW."""

    _fields_ = (
        ("style", wintypes.UINT), ("on_message", _OnMessage), ("more", ctypes.c_int), ("more_each", ctypes.c_int),
        ("instance", wintypes.HINSTANCE), ("icon", wintypes.HICON), ("cursor", wintypes.HANDLE),
        ("background", wintypes.HBRUSH), ("menu", wintypes.LPCWSTR), ("name", wintypes.LPCWSTR),
    )  # fmt: skip


class Bell:
    """Events that other threads and other processes of this user set."""

    def __init__(self, on_stop: Callable[[], None], on_nudge: Callable[[], None]) -> None:
        """Take what to call when the system wants an end, and when files are to be looked at again."""
        self._ring = _event(None)
        self._stop = on_stop
        self._named: dict[int, Callable[[], None]] = {}
        self._wishes: dict[Wish, Callable[[], None]] = {"stop": on_stop, "nudge": on_nudge}
        self._ended = threading.Event()
        self._on_console = _OnConsole(self._console_ends)
        self._window: _Window | None = None

    def take_signals(self) -> None:
        """From now on the named events, the console and the end of the session are heeded."""
        for wish, act in self._wishes.items():
            self._named[_event(event_name(wish, os.getpid()))] = act
        _kernel32.SetConsoleCtrlHandler(self._on_console, True)
        self._window = _Window(self._session_ends)

    def ring(self) -> None:
        """End the current wait."""
        _kernel32.SetEvent(self._ring)

    def wait(self, timeout_s: float, filenos: Iterable[int]) -> None:
        """Wait for any event, at most so long; of the handles only so many count as the system can wait on."""
        handles = list(dict.fromkeys((self._ring, *self._named, *filenos)))[:63]
        first = _winapi.WaitForMultipleObjects(handles, False, max(1, round(1000 * timeout_s)))
        rang = handles[first] if first < len(handles) else None  # waiting has used that event up
        for handle, act in self._named.items():
            if handle == rang or _winapi.WaitForSingleObject(handle, 0) == _winapi.WAIT_OBJECT_0:
                act()

    def close(self) -> None:
        """Let go of all events; whoever waits for our end waits no longer."""
        self._ended.set()
        if self._window is not None:
            _kernel32.SetConsoleCtrlHandler(self._on_console, False)
            self._window.close()
        for handle in (self._ring, *self._named):
            _winapi.CloseHandle(handle)

    def _session_ends(self) -> None:
        """Stop, and let the session wait for it."""
        self._stop()
        self.ring()
        self._ended.wait(END_S)

    def _console_ends(self, kind: int) -> bool:
        """Ctrl-C stops; a console that closes ends the process as soon as this returns."""
        if kind in (_CLOSES, _LOGS_OFF, _SHUTS_DOWN):
            self._session_ends()
        else:
            self._stop()
            self.ring()
        return True


class _Window(threading.Thread):
    """A window that is never shown, in a thread of its own: it hears that the session ends, or is asked to close."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__(name="session end", daemon=True)
        self._on_end, self._ready = on_end, threading.Event()
        self._class = _WindowClass(on_message=_OnMessage(self._heard), name=f"planwhy-agent-{id(self)}")
        self.start()
        self._ready.wait()

    def run(self) -> None:
        """Pass messages on until told to end; without a desktop there is no window, and nothing to hear."""
        _user32.RegisterClassW(ctypes.byref(self._class))
        window = _user32.CreateWindowExW(0, self._class.name, "Planwhy agent", 0, 0, 0, 0, 0, None, None, None, None)
        message = wintypes.MSG()
        _user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)  # makes the queue that `close` posts to
        self._ready.set()
        while window and _user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            _user32.DispatchMessageW(ctypes.byref(message))

    def close(self) -> None:
        """End the thread; its window goes with it."""
        if self.ident is not None:
            _user32.PostThreadMessageW(self.ident, _WM_QUIT, 0, 0)
        if threading.current_thread() is not self:
            self.join(1)

    def _heard(self, window: int, message: int, first: int, second: int) -> int:
        if message == _WM_QUERYENDSESSION:
            return 1
        if message == _WM_CLOSE or (message == _WM_ENDSESSION and first):
            self._on_end()
            return 0
        return int(_user32.DefWindowProcW(window, message, first, second))


def _event(name: str | None) -> int:
    """Make an event that one wait uses up. Raises OSError."""
    handle = _kernel32.CreateEventW(None, False, False, name)
    if not handle:
        raise ctypes.WinError(ctypes.get_last_error())
    return int(handle)
