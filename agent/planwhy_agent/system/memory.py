"""What is in front is in memory before it is masked or dropped: neither a dump nor freed memory shall keep it.

In: this process. Out: limits of it. Never: an error. On Windows dumps are made only where an administrator asked for
them, and freed memory is not overwritten: the interpreter takes its allocator from the environment it starts with.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

_WIPING = {"PYTHONMALLOC": "pymalloc_debug", "GLIBC_TUNABLES": "glibc.malloc.perturb=85:glibc.malloc.arena_max=1"}
"""The interpreter's and the C library's own means to overwrite what is freed; together about 3 MB. One arena for all
threads gives one of them back: two threads that seldom allocate need no more."""
_OURS = ("planwhy-agent", "cli.py")


def switch_off_core_dumps() -> None:
    """Let the system write no core file for this process and its children, for good."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  there is none on Windows

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def wipe_freed_memory() -> None:
    """Begin this program anew, as the same process, with memory that is overwritten when it is freed.

    Returns where that is so already, where another allocator was asked for, and where this is not the agent's own
    program but somebody who calls it.
    """
    if os.name != "posix" or "PYTHONMALLOC" in os.environ or not sys.executable:
        return
    if Path(sys.argv[0]).name in _OURS:
        with suppress(OSError):
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | _WIPING)  # noqa: S606  ourselves
