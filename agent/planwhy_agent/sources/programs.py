"""The names of programs, by process.

In: process ids. Out: the name as the system knows it (`xterm`, `chromium`), remembered per process, that is per
(id, start time). Never: a list of all processes, a command line, a path.
"""

import os
import sys
from contextlib import suppress

import psutil
from planwhy_shared import limits

from planwhy_agent.sources.texts import clean

REMEMBERED = 256
"""Processes remembered before all are forgotten and asked for again."""


class Programs:
    """Looks up processes of this machine."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._names: dict[tuple[int, float], str] = {}

    def name_of(self, pid: int) -> str | None:
        """The program's name; None where there is no such process or it may not be looked at."""
        try:
            process = psutil.Process(pid)
            key = (pid, process.create_time())
            if key not in self._names:
                if len(self._names) >= REMEMBERED:
                    self._names.clear()
                self._names[key] = clean(process.name(), limits.APP_CHARS)
            return self._names[key] or None
        except (psutil.Error, OSError, ValueError, OverflowError):
            return None

    def is_ours(self, pid: int) -> bool:
        """Whether a process of this user runs under the id: a number from inside a container usually is not ours."""
        with suppress(psutil.Error, OSError, ValueError, OverflowError):
            if sys.platform != "win32":
                return bool(psutil.Process(pid).uids().real == os.getuid())
        return False

    def related(self, one: int, other: int) -> bool:
        """Whether one of two processes was started by the other, directly or through others."""
        return one in self._parents(other) or other in self._parents(one)

    def _parents(self, pid: int) -> tuple[int, ...]:
        """The ids of a process's parents, nearest first."""
        with suppress(psutil.Error, OSError, ValueError, OverflowError):
            return tuple(parent.pid for parent in psutil.Process(pid).parents())
        return ()
