"""What the system says of a process, by way of psutil, where there is no /proc.

In: a process id. Out: name, start, owner, parent; None where there is no such process or it may not be looked at.
Never: a command line, a path, a list of all processes.
"""

import sys
from contextlib import suppress

import psutil

_LOST = (psutil.Error, OSError, ValueError, OverflowError)


def identity_of(pid: int) -> tuple[str, float] | None:
    """The program's name, and when the process began: it tells a number used again."""
    try:
        process = psutil.Process(pid)
        return process.name(), process.create_time()
    except _LOST:
        return None


def parent_of(pid: int) -> int | None:
    """The process that started this one."""
    try:
        return psutil.Process(pid).ppid() or None
    except _LOST:
        return None


def owner_of(pid: int) -> int | None:
    """The user who runs it; None on Windows, where users have no numbers."""
    found: int | None = None
    if sys.platform != "win32":
        with suppress(*_LOST):
            found = psutil.Process(pid).uids().real
    return found
