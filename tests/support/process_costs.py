"""What running processes cost, as the kernel counts it: a process together with all that it started.

In: a process id. Out: Costs since the process began. Never: an estimate; what the kernel does not tell is an error.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Costs:
    """Processor seconds, times a thread went to sleep and was woken, bytes written to files and bytes on the disk."""

    cpu_s: float
    wakeups: int
    written: int
    to_disk: int

    def since(self, before: "Costs") -> "Costs":
        """What came on top of an earlier reading."""
        return Costs(
            self.cpu_s - before.cpu_s,
            self.wakeups - before.wakeups,
            self.written - before.written,
            self.to_disk - before.to_disk,
        )


def family(pid: int) -> list[int]:
    """The process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for one in PROC.iterdir():
        if one.name.isdigit() and (parent := _parent(int(one.name))) is not None:
            children.setdefault(parent, []).append(int(one.name))
    found, at = [pid], 0
    while at < len(found):
        found.extend(children.get(found[at], ()))
        at += 1
    return found


def costs(pid: int) -> Costs:
    """Add up a family; processes that ended and were waited for are in their parent's seconds."""
    told = [_of_one(one) for one in family(pid)]
    return Costs(
        sum(t.cpu_s for t in told),
        sum(t.wakeups for t in told),
        sum(t.written for t in told),
        sum(t.to_disk for t in told),
    )


def pss_mib(pid: int) -> float:
    """The proportional share of memory of a family, MiB."""
    return sum(_kib(one, "smaps_rollup", "Pss:") for one in family(pid)) / 1024


def rss_mib(pid: int) -> float:
    """The resident memory of one process, MiB."""
    return _kib(pid, "status", "VmRSS:") / 1024


def peak_rss_mib(pid: int) -> float:
    """The most resident memory that one process ever had, MiB."""
    return _kib(pid, "status", "VmHWM:") / 1024


def _of_one(pid: int) -> Costs:
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    told = dict(line.split(": ") for line in (PROC / str(pid) / "io").read_text().splitlines())
    return Costs(
        sum(map(int, fields[11:15])) / TICKS,
        sum(_switches(pid)),
        int(told["wchar"]),
        int(told["write_bytes"]),
    )


def _switches(pid: int) -> Iterator[int]:
    for task in (PROC / str(pid) / "task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                yield int(line.split()[1])


def _parent(pid: int) -> int | None:
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return None


def _kib(pid: int, file: str, name: str) -> int:
    text = (PROC / str(pid) / file).read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name))
