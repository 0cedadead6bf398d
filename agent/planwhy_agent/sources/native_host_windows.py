"""The native host's ends on Windows: the browser's two pipes, and what to wait on.

In: descriptors 0 and 1, as the browser gave them. Out: bytes. Never: a frame understood; more read than was asked for,
but for one piece. The browser's pipes cannot be waited on, so a thread reads ahead of who asks and rings an event.
"""

import _winapi  # the waits under multiprocessing; ctypes would need an array for each
import ctypes
import msvcrt
import os
import sys
import threading
import time
from ctypes import wintypes
from pathlib import Path
from typing import Protocol

import psutil

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

CHUNK_BYTES = 64 << 10
SHELL = "cmd.exe"
"""What runs the script that browsers start."""
_SYNCHRONIZE, _QUERY = 0x0010_0000, 0x1000

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateEventW.argtypes = (wintypes.LPVOID, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.CreateEventW.restype = wintypes.HANDLE
_kernel32.SetEvent.argtypes = _kernel32.ResetEvent.argtypes = (wintypes.HANDLE,)
_kernel32.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
_kernel32.OpenProcess.restype = wintypes.HANDLE
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel32.QueryFullProcessImageNameW.argtypes = (
    wintypes.HANDLE, wintypes.DWORD, wintypes.LPWSTR, ctypes.POINTER(wintypes.DWORD)
)  # fmt: skip


class Browser:
    """The browser that started this process, through a script."""

    def __init__(self) -> None:
        """Take the browser's pipes; as text they would lose bytes."""
        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
        self.pid = _browser_pid()
        self._process = _kernel32.OpenProcess(_SYNCHRONIZE, False, self.pid)
        self._event = _kernel32.CreateEventW(None, True, False, None)
        self._piece, self._wanted = b"", threading.Event()
        self._reader = threading.Thread(target=self._read_ahead, name="browser", daemon=True)

    def fileno(self) -> int:
        """What to wait on until there is something to read; who asks begins to read."""
        if self._reader.ident is None:
            self._reader.start()
        return int(self._event)

    def read(self, size: int) -> bytes:  # noqa: ARG002  what was read ahead is given whole
        """What the extension says; nothing at the end."""
        piece = self._piece
        if piece:
            _kernel32.ResetEvent(self._event)
            self._wanted.set()
        return piece

    def write(self, data: bytes) -> None:
        """Tell the extension all of it. Raises BrokenPipeError."""
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError as error:  # Windows has several for a reader that is gone
            raise BrokenPipeError from error

    def lives(self) -> bool:
        """Whether the browser is still there, for when nothing of it is read."""
        return not self._process or _winapi.WaitForSingleObject(self._process, 0) != _winapi.WAIT_OBJECT_0

    def _read_ahead(self) -> None:
        while True:
            self._wanted.clear()
            try:
                self._piece = os.read(0, CHUNK_BYTES)
            except OSError:
                self._piece = b""
            _kernel32.SetEvent(self._event)
            if not self._piece:
                return
            self._wanted.wait()


class _Source(Protocol):
    def fileno(self) -> int: ...


class Events:
    """Sources that are waited on together; each has an event that rings until it is read."""

    def __init__(self) -> None:
        """Start with none."""
        self._sources: dict[int, _Source] = {}

    def add(self, source: _Source) -> None:
        """Wait on this one too."""
        self._sources[source.fileno()] = source

    def drop(self, source: _Source) -> None:
        """Wait on it no longer."""
        del self._sources[source.fileno()]

    def among(self, timeout_s: float | None) -> list[object]:
        """Wait, for ever without a time; the sources that have something."""
        if not self._sources:
            time.sleep(timeout_s or 0)
            return []
        wait_ms = _winapi.INFINITE if timeout_s is None else round(1000 * timeout_s)
        _winapi.WaitForMultipleObjects(list(self._sources), False, wait_ms)
        rings = _winapi.WAIT_OBJECT_0
        return [source for event, source in self._sources.items() if _winapi.WaitForSingleObject(event, 0) == rings]


def _browser_pid() -> int:
    """The process that had the script run: above the shell, and above the interpreter that a venv starts by another."""
    parents = [parent.pid for parent in psutil.Process().parents()]
    while parents and _program(parents[0]) == Path(sys.executable).name.lower():
        del parents[0]
    while len(parents) > 1 and _program(parents[0]) == SHELL:
        del parents[0]
    return parents[0] if parents else os.getppid()


def _program(pid: int) -> str:
    """A process's program, in small letters; empty where it may not be looked at."""
    process = _kernel32.OpenProcess(_QUERY, False, pid)
    if not process:
        return ""
    size = wintypes.DWORD(1 << 10)
    path = ctypes.create_unicode_buffer(size.value)
    found = _kernel32.QueryFullProcessImageNameW(process, 0, path, ctypes.byref(size))
    _kernel32.CloseHandle(process)
    return path.value.rpartition("\\")[2].lower() if found else ""
