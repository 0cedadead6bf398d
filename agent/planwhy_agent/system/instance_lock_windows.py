"""Locks and calls of Windows: one locked byte far behind the file's end, and events with a name.

In: a descriptor, or a process id. Out: whether it is ours now, or was reached. Never: a wait.
A locked byte cannot be read by others, therefore it is not one of those that tell the holder's process id.
"""

import ctypes
import msvcrt
import os
import sys
from ctypes import wintypes
from typing import Literal

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

Wish = Literal["stop", "nudge"]
_FAR = 1 << 30
_EVENT_MODIFY_STATE = 2

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.OpenEventW.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.OpenEventW.restype = wintypes.HANDLE
_kernel32.SetEvent.argtypes = (wintypes.HANDLE,)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)


def locked_now(descriptor: int, shared: bool = False) -> bool:  # noqa: ARG001  those who only look let go at once
    """Lock a file; whether nobody else had it locked. The position in the file moves."""
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def event_name(wish: Wish, pid: int) -> str:
    """The event by which an agent of this session is asked for something."""
    return rf"Local\planwhy-agent-{wish}-{pid}"


def called(pid: int, wish: Wish) -> bool:
    """Ask the agent that runs as this process for something; whether there is one."""
    event = _kernel32.OpenEventW(_EVENT_MODIFY_STATE, False, event_name(wish, pid))
    if not event:
        return False
    _kernel32.SetEvent(event)
    _kernel32.CloseHandle(event)
    return True
