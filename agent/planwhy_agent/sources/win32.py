"""The functions of Windows that the sources call, each with declared types.

In: library, name, types. Out: something to call. Never: an error at import on another system, nor for a function
that an older Windows lacks: what stands in for it gives 0, which every caller takes for "not told".
"""

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

_SYSTEM: str = sys.platform
ON_WINDOWS = _SYSTEM == "win32"
SYSTEM_FOLDER = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32: a library of this name beside the program is not taken."""
HANDLE, HWND, BOOL, DWORD, UINT = wintypes.HANDLE, wintypes.HWND, wintypes.BOOL, ctypes.c_uint32, wintypes.UINT
TEXT, LONG, POINTER, SIZE = wintypes.LPWSTR, ctypes.c_int32, ctypes.c_void_p, ctypes.c_ssize_t
"""Widths are those of 64-bit Windows on every system: DWORD and LONG have 32 bits, handles and SIZE the pointer's."""
callback: Callable[..., Any] = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
"""Makes the type of a function that Windows calls: result, then arguments."""


def function(library: str, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Declare a function of a system library. Pointers and handles come back as int, or None for NULL."""
    load = getattr(ctypes, "WinDLL", None)
    if load is None:
        return _not_there
    try:
        # A library object of our own: the shared `ctypes.windll` would carry these types into other people's calls.
        found: Any = getattr(load(library, winmode=SYSTEM_FOLDER), name)
    except (OSError, AttributeError):
        return _not_there
    found.restype, found.argtypes = result, arguments
    declared: Callable[..., Any] = found
    return declared


def _not_there(*_: object) -> int:
    return 0


def text_of(buffer: Any, units: int) -> str:
    """Read so many UTF-16 units, or up to the end mark before; halves of a pair stay as they are."""
    return ctypes.string_at(buffer, 2 * units).decode("utf-16-le", "surrogatepass").partition("\0")[0]


def room_for(units: int) -> Any:
    """Make a buffer for so many UTF-16 units."""
    return (ctypes.c_uint16 * units)()
