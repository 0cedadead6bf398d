"""Whose a Windows pipe is: made for one user, and recognised as made by the same.

In: nothing, or an open pipe. Out: this user's security id, a security descriptor, a yes or no. Never: a right for
anybody else, administrators included.
"""

import ctypes
import sys
from ctypes import wintypes
from functools import cache

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

_TOKEN_QUERY, _TOKEN_USER = 8, 1
_KERNEL_OBJECT, _OWNER = 6, 1
_POINTER = ctypes.POINTER(wintypes.LPVOID)

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel32.LocalFree.argtypes = (wintypes.LPVOID,)
_advapi32.OpenProcessToken.argtypes = (wintypes.HANDLE, wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE))
_advapi32.GetTokenInformation.argtypes = (
    wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD)
)  # fmt: skip
_advapi32.ConvertSidToStringSidW.argtypes = (wintypes.LPVOID, ctypes.POINTER(wintypes.LPVOID))
_advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = (
    wintypes.LPCWSTR, wintypes.DWORD, _POINTER, wintypes.LPVOID
)  # fmt: skip
_advapi32.GetSecurityInfo.argtypes = (
    wintypes.HANDLE, ctypes.c_int, wintypes.DWORD, _POINTER, wintypes.LPVOID, wintypes.LPVOID, wintypes.LPVOID, _POINTER
)  # fmt: skip


class SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (("size", wintypes.DWORD), ("descriptor", wintypes.LPVOID), ("inherit", wintypes.BOOL))


@cache
def user_sid() -> str:
    """Name this user as the system does, such as `S-1-5-21-…`. Raises OSError."""
    token, size, room = wintypes.HANDLE(), wintypes.DWORD(), ctypes.create_string_buffer(256)
    if not _advapi32.OpenProcessToken(_kernel32.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        if not _advapi32.GetTokenInformation(token, _TOKEN_USER, room, len(room), ctypes.byref(size)):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        _kernel32.CloseHandle(token)
    return _text_of(ctypes.cast(room, _POINTER)[0])


@cache
def mine_alone() -> SecurityAttributes:
    """Make what a pipe is given so that only this user may open it, or make another by its name. Raises OSError."""
    descriptor = wintypes.LPVOID()
    words = f"O:{user_sid()}D:P(A;;GA;;;{user_sid()})"
    if not _advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(words, 1, ctypes.byref(descriptor), None):
        raise ctypes.WinError(ctypes.get_last_error())
    return SecurityAttributes(ctypes.sizeof(SecurityAttributes), descriptor, False)


def is_mine(handle: int) -> bool:
    """Whether an open pipe was made by this user: somebody else may have been first with its name."""
    owner, descriptor = wintypes.LPVOID(), wintypes.LPVOID()
    wrong = _advapi32.GetSecurityInfo(
        handle, _KERNEL_OBJECT, _OWNER, ctypes.byref(owner), None, None, None, ctypes.byref(descriptor)
    )
    if wrong or not owner:
        return False
    try:
        return _text_of(owner.value) == user_sid()
    finally:
        _kernel32.LocalFree(descriptor)


def _text_of(sid: int | None) -> str:
    text = wintypes.LPVOID()
    if not _advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        return ctypes.wstring_at(text.value or 0)
    finally:
        _kernel32.LocalFree(text)
