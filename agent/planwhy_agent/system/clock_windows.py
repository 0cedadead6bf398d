"""Windows' own clocks: the one of Python stands still or not while the machine sleeps, depending on its version.

In: nothing. Out: nanoseconds since the machine started. Never: a clock that somebody can set.
"""

import ctypes
import sys
from collections.abc import Callable

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

_kernel32 = ctypes.WinDLL("kernel32")
_interrupts = getattr(ctypes.WinDLL("kernelbase"), "QueryInterruptTime", None)


def _hundreds_of_ns(ask: Callable[[object], object]) -> int:
    told = ctypes.c_ulonglong()
    ask(ctypes.byref(told))
    return told.value * 100


def awake_ns() -> int:
    """Time without what was slept."""
    return _hundreds_of_ns(_kernel32.QueryUnbiasedInterruptTime)


def boot_ns() -> int:
    """Time with what was slept; coarser where the system is older than Windows 10."""
    if _interrupts is not None:
        return _hundreds_of_ns(_interrupts)
    return int(_ticks()) * 1_000_000


_ticks = _kernel32.GetTickCount64
_ticks.restype = ctypes.c_ulonglong
