"""The names of programs, by process.

In: process ids. Out: the name as the system knows it (`xterm`, `chromium`), remembered per process, that is per
(id, start time). Never: a list of all processes, a command line, a path.
"""

import os
import sys

from planwhy_shared import limits

from planwhy_agent.sources.texts import clean

if sys.platform == "linux":
    from planwhy_agent.sources.processes_linux import identity_of, owner_of, parent_of
else:
    from planwhy_agent.sources.processes_psutil import identity_of, owner_of, parent_of

REMEMBERED = 256
"""Processes remembered before all are forgotten and asked for again."""
MOST_PARENTS = 64
"""No line of parents is longer, unless ids are used again while it is read."""


class Programs:
    """Looks up processes of this machine."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._names: dict[tuple[int, float], str] = {}

    def name_of(self, pid: int) -> str | None:
        """The program's name; None where there is no such process or it may not be looked at."""
        found = identity_of(pid)
        if found is None:
            return None
        name, started = found
        if (pid, started) not in self._names:
            if len(self._names) >= REMEMBERED:
                self._names.clear()
            self._names[pid, started] = clean(name, limits.APP_CHARS)
        return self._names[pid, started] or None

    def is_ours(self, pid: int) -> bool:
        """Whether a process of this user runs under the id: a number from inside a container usually is not ours."""
        return sys.platform != "win32" and owner_of(pid) == os.getuid()

    def related(self, one: int, other: int) -> bool:
        """Whether one of two processes was started by the other, directly or through others."""
        return one in self._parents(other) or other in self._parents(one)

    def _parents(self, pid: int) -> list[int]:
        """The ids of a process's parents, nearest first."""
        found: list[int] = []
        parent = parent_of(pid)
        while parent is not None and parent not in found and len(found) < MOST_PARENTS:
            found.append(parent)
            parent = parent_of(parent)
        return found
