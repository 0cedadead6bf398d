"""Processes of Windows: program, package, start.

In: process ids. Out: names and paths, remembered per process, that is per (id, start time). Never: an error for a
process that ended or may not be looked at, a list of all processes without a cause.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from planwhy_agent.sources import win32
from planwhy_agent.sources.win32 import BOOL, DWORD, HANDLE, LONG, POINTER, function
from planwhy_agent.sources.windows_facts import Running, program_name

REMEMBERED = 256
"""Processes remembered before all are forgotten and asked for again."""
PATH_UNITS, FAMILY_UNITS = 32_768, 256
LISTED = 8_192
"""Processes listed at most."""
_QUERY = 0x1000
"""PROCESS_QUERY_LIMITED_INFORMATION: granted also for programs that run with more rights."""

_open = function("kernel32", "OpenProcess", HANDLE, DWORD, BOOL, DWORD)
_close = function("kernel32", "CloseHandle", BOOL, HANDLE)
_times = function("kernel32", "GetProcessTimes", BOOL, HANDLE, POINTER, POINTER, POINTER, POINTER)
_image = function("kernel32", "QueryFullProcessImageNameW", BOOL, HANDLE, DWORD, POINTER, POINTER)
_family = function("kernel32", "GetPackageFamilyName", LONG, HANDLE, POINTER, POINTER)
_list = function("kernel32", "K32EnumProcesses", BOOL, POINTER, DWORD, POINTER)


class ProgramNames:
    """Looks up the programs of processes."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._names: dict[tuple[int, int], str | None] = {}

    def name_of(self, pid: int) -> str | None:
        """The program's name, such as `chrome.exe`; None where there is no such process or it may not be looked at."""
        with _opened(pid) as process:
            created = _created(process)
            if process is None or created is None:
                return None
            key = (pid, created)
            if key not in self._names:
                if len(self._names) >= REMEMBERED:
                    self._names.clear()
                self._names[key] = program_name(_path(process) or "")
            return self._names[key]


def running() -> Iterator[Running]:
    """All processes that may be looked at; for rare questions only."""
    for pid in _all_pids():
        with _opened(pid) as process:
            created, path = _created(process), _path(process)
            if process is not None and created is not None and path is not None:
                yield Running(path, _package(process), created)


@contextmanager
def _opened(pid: int) -> Iterator[int | None]:
    """Open a process for questions; None where that is refused."""
    process = _open(_QUERY, False, pid) if 0 < pid < 1 << 32 else None
    try:
        yield process or None
    finally:
        if process:
            _close(process)


def _created(process: int | None) -> int | None:
    """When a process started, in units of 100 ns since 1601."""
    times = [ctypes.c_uint64() for _ in range(4)]
    if process is None or not _times(process, *map(ctypes.byref, times)):
        return None
    return times[0].value


def _path(process: int | None) -> str | None:
    buffer, length = win32.room_for(PATH_UNITS), DWORD(PATH_UNITS)
    if process is None or not _image(process, 0, buffer, ctypes.byref(length)):
        return None
    return win32.text_of(buffer, min(length.value, PATH_UNITS))


def _package(process: int) -> str | None:
    """The family of the package that a program was installed with; None for ordinary programs."""
    buffer, length = win32.room_for(FAMILY_UNITS), DWORD(FAMILY_UNITS)
    if _family(process, ctypes.byref(length), buffer) != 0:
        return None
    return win32.text_of(buffer, min(length.value, FAMILY_UNITS)) or None


def _all_pids() -> list[int]:
    pids, size = (DWORD * LISTED)(), DWORD()
    if not _list(pids, ctypes.sizeof(pids), ctypes.byref(size)):
        return []
    return list(pids[: size.value // ctypes.sizeof(DWORD)])
