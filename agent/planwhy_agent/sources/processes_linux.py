"""What the kernel says of a process, on Linux: read from /proc, because the usual library costs the agent 4 MB.

In: a process id. Out: name, start, owner, parent; None where there is no such process. Never: a command line beyond its
first word, which is the program's own name, and that only where the kernel has cut the name.
"""

from pathlib import Path

_CUT_CHARS = 15
"""The kernel keeps so much of a name."""
_PARENT, _STARTED = 1, 19
"""Places in `stat` behind the name; see proc(5)."""


def identity_of(pid: int) -> tuple[str, int] | None:
    """The program's name, and when the process began in the kernel's own ticks: it tells a number used again."""
    told = _stat(pid)
    if told is None:
        return None
    name, fields = told
    return _whole(pid, name) if len(name) >= _CUT_CHARS else name, int(fields[_STARTED])


def parent_of(pid: int) -> int | None:
    """The process that started this one; None for the first and for one that is gone."""
    told = _stat(pid)
    return int(told[1][_PARENT]) or None if told else None


def owner_of(pid: int) -> int | None:
    """The user who runs it."""
    text = _read(pid, "status")
    found = next((line for line in (text or "").splitlines() if line.startswith("Uid:")), "")
    return int(found.split()[1]) if found else None


def _stat(pid: int) -> tuple[str, list[str]] | None:
    text = _read(pid, "stat")
    if not text:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, rest.split()


def _whole(pid: int, name: str) -> str:
    """The name as the program was started by, where it goes on like the kernel's."""
    first = (_read(pid, "cmdline") or "").partition("\0")[0].rpartition("/")[2]
    return first if first.startswith(name) else name


def _read(pid: int, what: str) -> str | None:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes().decode("utf-8", "replace") if pid > 0 else None
    except OSError:
        return None
