"""Another program on a Windows desktop: opens real windows and does with them what it is told.

Reads one JSON list a line, a verb and its arguments, and answers each with one line of JSON. Ends with its input.
"""

import ctypes
import json
import queue
import sys
import threading
import time
from ctypes import wintypes
from typing import Any

WIDE, HWND, DWORD = wintypes.LPCWSTR, wintypes.HWND, wintypes.DWORD
PROCEDURE = ctypes.WINFUNCTYPE(ctypes.c_ssize_t, HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
NORMAL, TOOL, SHOWN = 0x00CF0000, 0x80, 0x10000000
CHILD = 0x40000000


class ClassW(ctypes.Structure):
    _fields_ = (
        ("style", wintypes.UINT), ("procedure", PROCEDURE), ("class_extra", ctypes.c_int), ("extra", ctypes.c_int),
        ("module", wintypes.HANDLE), ("icon", wintypes.HANDLE), ("cursor", wintypes.HANDLE),
        ("background", wintypes.HANDLE), ("menu", WIDE), ("name", WIDE),
    )  # fmt: skip


user = ctypes.WinDLL("user32")
user.CreateWindowExW.restype = HWND
user.CreateWindowExW.argtypes = [
    DWORD, WIDE, WIDE, DWORD, *[ctypes.c_int] * 4, HWND, wintypes.HANDLE, wintypes.HANDLE, ctypes.c_void_p,
]  # fmt: skip
user.GetForegroundWindow.restype = HWND
user.DefWindowProcW.restype = ctypes.c_ssize_t
user.DefWindowProcW.argtypes = [HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]
user.SetWindowTextW.argtypes = [HWND, ctypes.c_void_p]
for name in ("SetForegroundWindow", "DestroyWindow", "ShowWindow"):
    getattr(user, name).argtypes = [HWND, ctypes.c_int][: 2 if name == "ShowWindow" else 1]
user.NotifyWinEvent.argtypes = [DWORD, HWND, ctypes.c_long, ctypes.c_long]


class Program:
    """What the program can be told to do."""

    def __init__(self) -> None:
        self.asked_for_title = 0
        self.procedure = PROCEDURE(self.take)
        self.kind = ClassW(procedure=self.procedure, name="TestWindow")
        user.RegisterClassW(ctypes.byref(self.kind))

    def take(self, window: int, message: int, what: int, more: int) -> int:
        self.asked_for_title += message in {0x000D, 0x000E}
        return int(user.DefWindowProcW(window, message, what, more))

    def open(self, title: str, extended: int = 0, owner: int | None = None, shown: bool = True) -> int:
        style = NORMAL | (SHOWN if shown else 0)
        window = user.CreateWindowExW(extended, "TestWindow", title, style, 20, 20, 300, 200, owner, None, None, None)
        assert window, ctypes.GetLastError()
        return int(window)

    def within(self, frame: int, title: str) -> int:
        window = user.CreateWindowExW(0, "TestWindow", title, CHILD | SHOWN, 0, 0, 90, 90, frame, None, None, None)
        assert window, ctypes.GetLastError()
        return int(window)

    def front(self, window: int) -> bool:
        return bool(user.SetForegroundWindow(window))

    def is_front(self, window: int) -> bool:
        return bool(user.GetForegroundWindow() == window)

    def retitle(self, window: int, title: str, times: int = 1) -> None:
        units = (title * times).encode("utf-16-le", "surrogatepass") + b"\0\0"
        user.SetWindowTextW(window, units)

    def destroy(self, window: int) -> None:
        user.DestroyWindow(window)

    def show(self, window: int, how: int) -> None:
        user.ShowWindow(window, how)

    def tell(self, event: int, window: int) -> None:
        user.NotifyWinEvent(event, window, 0, 0)

    def hang(self, seconds: float) -> None:
        time.sleep(seconds)

    def titles_asked_for(self) -> int:
        return self.asked_for_title


def hear(lines: "queue.Queue[str | None]") -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)


def answer(program: Program, line: str) -> None:
    verb, *rest = json.loads(line)
    if verb == "hang":
        print("null", flush=True)
        program.hang(*rest)
        return
    told: Any = getattr(program, verb)(*rest)
    print(json.dumps(told), flush=True)


def main() -> None:
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=hear, args=(lines,), daemon=True).start()
    program, message = Program(), wintypes.MSG()
    while True:
        while user.PeekMessageW(ctypes.byref(message), None, 0, 0, 1):
            user.DispatchMessageW(ctypes.byref(message))
        try:
            line = lines.get(timeout=0.01)
        except queue.Empty:
            continue
        if line is None:
            return
        answer(program, line)


if __name__ == "__main__":
    main()
