"""What Windows tells of its windows: which is in front, which are open, title, process, program.

In: nothing, or the number of a window, which may vanish at any moment. Out: Windows with clean, short texts. Never: a
message to a window, which one that hangs would not answer; a title that may not be read; an error.
"""

import ctypes
from collections import Counter
from collections.abc import Iterator

from planwhy_shared import limits

from planwhy_agent.sources import win32
from planwhy_agent.sources.base import OPEN_AT_MOST, OpenProgram, Titled, Window
from planwhy_agent.sources.texts import clean
from planwhy_agent.sources.win32 import BOOL, DWORD, HWND, LONG, POINTER, SIZE, UINT, callback, function
from planwhy_agent.sources.windows_processes import ProgramNames

TITLE_UNITS = 4 * limits.TITLE_CHARS
"""How much of a title is read: a code point takes at most two units, and some are left out."""
_FRAMES = "applicationframehost.exe"
"""Owns the frames of Store programs; the program itself owns a window within the frame."""
_CHILDREN = 64
_OWNER, _EXTENDED_STYLE, _TOOL, _ON_TASKBAR = 4, -20, 0x80, 0x40000
_CLOAKED = 14

_Each = callback(BOOL, HWND, SIZE)
_front = function("user32", "GetForegroundWindow", HWND)
_background = function("user32", "GetDesktopWindow", HWND)
_thread_of = function("user32", "GetWindowThreadProcessId", DWORD, HWND, POINTER)
# GetWindowTextW would send a message where the window is our own process's.
_text = function("user32", "InternalGetWindowText", LONG, HWND, POINTER, LONG)
_child = function("user32", "FindWindowExW", HWND, HWND, HWND, POINTER, POINTER)
_each_window = function("user32", "EnumWindows", BOOL, _Each, SIZE)
_visible = function("user32", "IsWindowVisible", BOOL, HWND)
_related = function("user32", "GetWindow", HWND, HWND, UINT)
_style = function("user32", "GetWindowLongW", LONG, HWND, LONG)
_shell = function("user32", "GetShellWindow", HWND)
_attribute = function("dwmapi", "DwmGetWindowAttribute", LONG, HWND, DWORD, POINTER, DWORD)


def front() -> int | None:
    """The number of the window in front; None where none is, or where it is the background of the screen."""
    window = _front()
    return window if window and window != _background() else None


def process_of(window_id: int) -> int | None:
    """The id of the process that made a window; None where there is no such window."""
    pid = DWORD()
    return pid.value or None if _thread_of(window_id, ctypes.byref(pid)) else None


class WindowReader:
    """Reads windows; `titled` says which titles may be read."""

    def __init__(self, titled: Titled) -> None:
        """Take the question to ask before a title is read."""
        self._titled = titled
        self._names = ProgramNames()

    def read(self, window_id: int) -> Window | None:
        """Read all there is to know of a window; parts it does not tell are None. None where it is gone."""
        pid, app = self._program(window_id)
        if pid is None:
            return None
        title = clean(_start_of_title(window_id, TITLE_UNITS), limits.TITLE_CHARS) if self._titled(app, pid) else ""
        return Window(app, title or None, pid, window_id)

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs that have ordinary windows, those with the most first."""
        counts = Counter(app for window_id in _ordinary() if (app := self._program(window_id)[1]))
        return tuple(OpenProgram(app, windows) for app, windows in counts.most_common(OPEN_AT_MOST))

    def _program(self, window_id: int) -> tuple[int | None, str | None]:
        """Process and program behind a window, which for a frame are those of what is shown within."""
        pid = process_of(window_id)
        app = self._names.name_of(pid) if pid is not None else None
        if pid is not None and app is not None and app.casefold() == _FRAMES:
            within = _process_within(window_id, pid)
            return (within, self._names.name_of(within)) if within is not None else (pid, app)
        return pid, app


def _start_of_title(window_id: int, units: int) -> str:
    """The title as Windows itself keeps it, up to a length; nobody is asked for it."""
    buffer = win32.room_for(units + 1)
    return win32.text_of(buffer, max(0, min(units, _text(window_id, buffer, units + 1))))


def _process_within(frame: int, frame_pid: int) -> int | None:
    """The process of the first window in a frame that is not the frame's own."""
    child = None
    for _ in range(_CHILDREN):
        child = _child(frame, child, None, None)
        if not child:
            return None
        if (pid := process_of(child)) not in {None, frame_pid}:
            return pid
    return None


def _ordinary() -> Iterator[int]:
    """Windows as the taskbar shows them, and the one in front in any case."""
    found: list[int] = []

    def collect(window_id: int, _: int) -> bool:
        found.append(window_id)
        return True

    _each_window(_Each(collect), 0)
    ahead, desk = front(), _shell()
    return (one for one in found if one != desk and (one == ahead or _on_taskbar(one)))


def _on_taskbar(window_id: int) -> bool:
    """Whether a window is shown, stands for itself and has a title, of which no more than that is looked at."""
    style = _style(window_id, _EXTENDED_STYLE)
    apart = bool(style & _ON_TASKBAR) or not (style & _TOOL or _related(window_id, _OWNER))
    return apart and bool(_visible(window_id)) and not _is_cloaked(window_id) and _start_of_title(window_id, 1) != ""


def _is_cloaked(window_id: int) -> bool:
    """Whether a window is drawn nowhere although it counts as visible: on another desktop, or suspended."""
    cloaked = DWORD()
    failed = _attribute(window_id, _CLOAKED, ctypes.byref(cloaked), ctypes.sizeof(cloaked))
    return not failed and cloaked.value != 0
