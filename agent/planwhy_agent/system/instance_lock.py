"""One agent per person: a lock that the system itself lets go when the process ends, however it ends.

In: a path. Out: the lock, or who holds it. Never: a stale lock after kill -9.
What a system locks with, and how it calls another process, is in `instance_lock_unix` and `instance_lock_windows`.
"""

import os
import sys
import time
from pathlib import Path

from planwhy_agent.errors import AlreadyRunning
from planwhy_agent.files import owned_folder

if sys.platform == "win32":
    from planwhy_agent.system.instance_lock_windows import called, locked_now
else:
    from planwhy_agent.system.instance_lock_unix import called, locked_now

TRIES = 4
AGAIN_S = 0.05
"""Whoever only looks who holds the lock holds it for an instant; so a lock that is taken is asked for again."""


class InstanceLock:
    """The lock while it is held."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises AlreadyRunning with the process id of its holder."""
        owned_folder(path.parent)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not self._taken():
            os.close(self._descriptor)
            raise AlreadyRunning(f"the agent records already, as process {_pid(path) or 'unknown'}")
        own = str(os.getpid()).encode()
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, own)  # over the one before: cut to nothing first, a full disk might take none
        os.ftruncate(self._descriptor, len(own))

    def release(self) -> None:
        """Let the lock go."""
        os.close(self._descriptor)

    def _taken(self) -> bool:
        for _ in range(TRIES - 1):
            if locked_now(self._descriptor):
                return True
            time.sleep(AGAIN_S)
        return locked_now(self._descriptor)


def holder(path: Path) -> int | None:
    """The process id of the running agent; None where none runs."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return None if locked_now(descriptor, shared=True) else _pid(path)
    finally:
        os.close(descriptor)


def nudge(path: Path) -> bool:
    """Tell the running agent to look at its files again; whether one runs."""
    pid = holder(path)
    return pid is not None and called(pid, "nudge")


def halt(path: Path) -> bool:
    """Ask the running agent to stop; whether one runs. It ends a little later, when the last span is written."""
    pid = holder(path)
    return pid is not None and called(pid, "stop")


def _pid(path: Path) -> int | None:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return int(text) if text.isdigit() else None
