"""Locks and calls of Unix: flock and signals.

In: a descriptor, or a process id. Out: whether it is ours now, or was reached. Never: a wait.
"""

import fcntl
import os
import signal
import sys
from typing import Literal

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows exists on Unix only

_SIGNALS = {"stop": signal.SIGTERM, "nudge": signal.SIGUSR1}


def locked_now(descriptor: int, shared: bool = False) -> bool:
    """Lock a file; whether nobody else had it locked. `shared` is for those who only look."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def called(pid: int, wish: Literal["stop", "nudge"]) -> bool:
    """Ask the agent that runs as this process for something; whether there is one."""
    try:
        os.kill(pid, _SIGNALS[wish])
    except ProcessLookupError:
        return False
    return True
