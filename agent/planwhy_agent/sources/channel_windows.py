"""Named pipes between native hosts and the agent, which only their user can open or make.

In: the runtime folder. Out: a listener, links. Never: a pipe that another user was first to make, a client from another
machine, a read or an `accept` that waits: each is begun ahead, and its event tells when it is done.
"""

import ctypes
import hashlib
import sys
import time
from ctypes import wintypes
from pathlib import Path

if sys.platform == "win32":  # for the type checker: this module is imported on Windows only
    from planwhy_agent.sources.pipe_owner import is_mine, mine_alone, user_sid
from planwhy_agent.sources.base import SourceLost

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

BUFFER_BYTES = 16 << 10
TRIES, AGAIN_S = 20, 0.1
"""The name of a killed agent's pipe stays until the last native host has noticed."""
_OVERLAPPED, _FIRST, _DUPLEX, _NO_REMOTE, _UNLIMITED = 0x4000_0000, 0x0008_0000, 3, 8, 255
_READ_WRITE, _OPEN_EXISTING, _IDENTIFY_ONLY = 0xC000_0000, 3, 0x0011_0000
_NOBODY = ctypes.c_void_p(-1).value
_ACCESS_DENIED, _INCOMPLETE, _PENDING = 5, 996, 997


class _Operation(ctypes.Structure):
    """OVERLAPPED: a read, write or connect under way; its event rings when it is done."""

    _fields_ = (("_state", ctypes.c_void_p), ("_count", ctypes.c_void_p), ("_at", ctypes.c_ulonglong),
                ("event", wintypes.HANDLE))  # fmt: skip


_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_operation = ctypes.POINTER(_Operation)
_count = ctypes.POINTER(wintypes.DWORD)
_kernel32.CreateNamedPipeW.argtypes = (wintypes.LPCWSTR, *6 * (wintypes.DWORD,), wintypes.LPVOID)
_kernel32.CreateNamedPipeW.restype = wintypes.HANDLE
_kernel32.CreateFileW.argtypes = (
    wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID, wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE
)  # fmt: skip
_kernel32.CreateFileW.restype = wintypes.HANDLE
_kernel32.CreateEventW.argtypes = (wintypes.LPVOID, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.CreateEventW.restype = wintypes.HANDLE
_kernel32.SetEvent.argtypes = (wintypes.HANDLE,)
_kernel32.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
_kernel32.WaitNamedPipeW.argtypes = (wintypes.LPCWSTR, wintypes.DWORD)
_kernel32.ConnectNamedPipe.argtypes = (wintypes.HANDLE, _operation)
_kernel32.ReadFile.argtypes = (wintypes.HANDLE, wintypes.LPVOID, wintypes.DWORD, _count, _operation)
_kernel32.WriteFile.argtypes = (wintypes.HANDLE, wintypes.LPCVOID, wintypes.DWORD, _count, _operation)
_kernel32.GetOverlappedResult.argtypes = (wintypes.HANDLE, _operation, _count, wintypes.BOOL)
_kernel32.DisconnectNamedPipe.argtypes = (wintypes.HANDLE,)
_kernel32.CancelIoEx.argtypes = (wintypes.HANDLE, _operation)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)


class _Pipe:
    """An open pipe with an operation that is always under way, so that one event tells of news for ever."""

    def __init__(self, handle: int) -> None:
        """Take a pipe's handle."""
        self._handle = handle
        self._operation = _Operation(event=_kernel32.CreateEventW(None, True, False, None))
        self._over = self._closed = False

    def fileno(self) -> int:
        """The event; it stays the same."""
        return int(self._operation.event)

    def close(self) -> None:
        """End what is under way, so that nothing is written into memory that is somebody else's by then."""
        if self._closed:  # by now the numbers of its handles may be those of others
            return
        self._closed = True
        if not self._over:
            _kernel32.CancelIoEx(self._handle, ctypes.byref(self._operation))
            self._result(wait=True)
        _kernel32.CloseHandle(self._handle)
        _kernel32.CloseHandle(self._operation.event)

    def _begun(self, done: int) -> None:
        """Note what became of an operation that was begun: done or under way, both ring; else it is over."""
        if not done and ctypes.get_last_error() != _PENDING:
            self._over = True
            _kernel32.SetEvent(self._operation.event)

    def _result(self, wait: bool = False) -> int | None:
        """How many bytes the operation moved; None while it is under way, 0 where the pipe has ended."""
        moved = wintypes.DWORD()
        if _kernel32.GetOverlappedResult(self._handle, ctypes.byref(self._operation), ctypes.byref(moved), wait):
            return moved.value
        if ctypes.get_last_error() == _INCOMPLETE:
            return None
        self._over = True
        return 0


class PipeLink(_Pipe):
    """One end of a connected pipe."""

    def __init__(self, handle: int, patience_s: float) -> None:
        """Take a connected pipe, and how long sending may take."""
        super().__init__(handle)
        self._patience_ms = round(1000 * patience_s)
        self._buffer = ctypes.create_string_buffer(BUFFER_BYTES)
        self._read_ahead()

    def receive(self, size: int) -> bytes | None:  # noqa: ARG002  what was read ahead is given whole
        """What has come; None where nothing has, nothing at the end."""
        moved = 0 if self._over else self._result()
        if not moved:
            return None if moved is None else b""
        data = ctypes.string_at(self._buffer, moved)
        self._read_ahead()
        return data

    def send(self, data: bytes) -> None:
        """Pass all of it on. Raises OSError, and after that the link has ended."""
        operation = _Operation(event=_kernel32.CreateEventW(None, True, False, None))
        moved = wintypes.DWORD()
        try:
            done = _kernel32.WriteFile(self._handle, data, len(data), None, ctypes.byref(operation))
            if done or ctypes.get_last_error() == _PENDING:
                if _kernel32.WaitForSingleObject(operation.event, self._patience_ms):
                    _kernel32.CancelIoEx(self._handle, ctypes.byref(operation))
                _kernel32.GetOverlappedResult(self._handle, ctypes.byref(operation), ctypes.byref(moved), True)
        finally:
            _kernel32.CloseHandle(operation.event)
        if moved.value != len(data):
            _kernel32.CancelIoEx(self._handle, ctypes.byref(self._operation))
            raise BrokenPipeError("the other end does not take what is sent")

    def _read_ahead(self) -> None:
        done = _kernel32.ReadFile(self._handle, self._buffer, BUFFER_BYTES, None, ctypes.byref(self._operation))
        self._begun(done)


class PipeListener:
    """A pipe's name, and always one end of it that waits for somebody."""

    def __init__(self, name: str) -> None:
        """Take the name. Raises OSError where somebody listens under it."""
        self._name = name
        self._event = _kernel32.CreateEventW(None, True, False, None)
        self._free = self._made(_FIRST)
        self._await_somebody()

    def fileno(self) -> int:
        """The event of whoever comes next."""
        return int(self._event)

    def accept(self) -> PipeLink | None:
        """A new connection; None where there is none now."""
        moved = wintypes.DWORD()
        come = _kernel32.GetOverlappedResult(self._free, ctypes.byref(self._coming), ctypes.byref(moved), False)
        if not come and ctypes.get_last_error() == _INCOMPLETE:
            return None
        try:
            taken, self._free = self._free, self._made()
        except OSError:  # the system has no more ends to give: who came is let go, the place is offered again
            taken = None
            _kernel32.DisconnectNamedPipe(self._free)
        self._await_somebody()
        return PipeLink(taken, 0) if taken is not None else None

    def close(self) -> None:
        """Let nobody in any more."""
        _kernel32.CancelIoEx(self._free, ctypes.byref(self._coming))
        _kernel32.GetOverlappedResult(self._free, ctypes.byref(self._coming), ctypes.byref(wintypes.DWORD()), True)
        _kernel32.CloseHandle(self._free)
        _kernel32.CloseHandle(self._event)

    def _made(self, first: int = 0) -> int:
        """Make one more end of the pipe. Raises OSError."""
        handle = _kernel32.CreateNamedPipeW(
            self._name, _DUPLEX | _OVERLAPPED | first, _NO_REMOTE, _UNLIMITED, BUFFER_BYTES, BUFFER_BYTES, 0,
            ctypes.byref(mine_alone()),
        )  # fmt: skip
        if handle == _NOBODY:
            raise ctypes.WinError(ctypes.get_last_error())
        return int(handle)

    def _await_somebody(self) -> None:
        """Begin to wait for somebody at the free end."""
        self._coming = _Operation(event=self._event)
        waits = _kernel32.ConnectNamedPipe(self._free, ctypes.byref(self._coming))
        if not waits and ctypes.get_last_error() != _PENDING:  # somebody was quick
            _kernel32.SetEvent(self._event)


def listen(runtime_dir: Path, backlog: int) -> PipeListener:  # noqa: ARG001  a pipe has no queue
    """Make the pipe. Raises SourceLost where another agent of this user, or anybody else, has it."""
    name, taken = _name(runtime_dir), "another agent of this user listens for browsers already"
    if _kernel32.WaitNamedPipeW(name, 1):
        raise SourceLost(taken)
    for _ in range(TRIES):
        try:
            return PipeListener(name)
        except OSError as error:
            if error.winerror != _ACCESS_DENIED:
                raise SourceLost(f"cannot listen for browsers: {error.strerror}") from error
            time.sleep(AGAIN_S)
    raise SourceLost(taken)


def connect(runtime_dir: Path, patience_s: float) -> PipeLink:
    """Reach the agent's pipe; whoever made it learns no more than who we are. Raises OSError."""
    flags = _OVERLAPPED | _IDENTIFY_ONLY
    handle = _kernel32.CreateFileW(_name(runtime_dir), _READ_WRITE, 0, None, _OPEN_EXISTING, flags, None)
    if handle == _NOBODY:
        raise ctypes.WinError(ctypes.get_last_error())
    if not is_mine(handle):
        _kernel32.CloseHandle(handle)
        raise PermissionError("the pipe is somebody else's")
    return PipeLink(handle, patience_s)


def _name(runtime_dir: Path) -> str:
    """A name of this user and this folder alone."""
    told = f"{user_sid()} {runtime_dir.absolute()}".lower().encode("utf-8", "surrogatepass")
    return rf"\\.\pipe\planwhy-agent-{hashlib.blake2b(told, digest_size=16).hexdigest()}"
