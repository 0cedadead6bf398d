"""One agent per person: a lock that the system itself lets go when the process ends, however it ends.

In: a path. Out: the lock, or who holds it. Never: a stale lock after kill -9.
"""

import fcntl
import os
import signal
from pathlib import Path

from planwhy_agent.errors import AlreadyRunning
from planwhy_agent.files import owned_folder


class InstanceLock:
    """The lock while it is held."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises AlreadyRunning with the process id of its holder."""
        owned_folder(path.parent)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise AlreadyRunning(f"the agent records already, as process {_pid(path) or 'unknown'}") from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the lock go."""
        os.close(self._descriptor)


def holder(path: Path) -> int | None:
    """The process id of the running agent; None where none runs."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid(path)
    else:
        return None
    finally:
        os.close(descriptor)


def nudge(path: Path) -> bool:
    """Tell the running agent to look at its files again; whether one runs."""
    pid = holder(path)
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGUSR1)
    except ProcessLookupError:
        return False
    return True


def _pid(path: Path) -> int | None:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return int(text) if text.isdigit() else None
