"""What was recorded against what the collector counted: nothing lost, nothing twice, no hole without a gap."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from tests.durability.found import Found

Key = tuple[str, int]
Times = tuple[int, int]


def reckon(
    counted: Mapping[Key, Mapping[str, Any]],
    gaps: Iterable[Mapping[str, Any]],
    written: Mapping[Key, Times] | None = None,
    upto: int = 0,
) -> Found:
    """Compare the collector's spans and gaps with what the agent wrote down; `upto` leaves earlier time out."""
    gaps = list(gaps)
    spans = sorted(
        (s for s in counted.values() if s.get("track", "focus") == "focus" and s["end_ms"] >= upto),
        key=lambda s: (s["start_ms"], s["end_ms"]),
    )
    declared = joined((g["from_ms"], g["to_ms"]) for g in gaps)
    lost = 0
    for key, times in (written or {}).items():
        arrived = counted.get(key)
        if arrived is None:
            lost += not covers(declared, times) and not numbered(gaps, key[1])
        elif (arrived["start_ms"], arrived["end_ms"]) != times:
            lost += 1
    pairs = list(pairwise(spans))
    doubled = sum(a["end_ms"] > b["start_ms"] for a, b in pairs)
    holes = sum(a["end_ms"] < b["start_ms"] and not covers(declared, (a["end_ms"], b["start_ms"])) for a, b in pairs)
    return Found(1, lost, doubled, holes + _missing_numbers(counted, gaps))


def _missing_numbers(counted: Mapping[Key, object], gaps: list[Mapping[str, Any]]) -> int:
    """Numbers that never came although a later one of their epoch did, and that no gap names."""
    missing = 0
    for epoch in {epoch for epoch, _ in counted}:
        seqs = {seq for e, seq in counted if e == epoch}
        missing += sum(1 for seq in range(1, max(seqs)) if seq not in seqs and not numbered(gaps, seq))
    return missing


def numbered(gaps: Iterable[Mapping[str, Any]], seq: int) -> bool:
    return any((g.get("first_seq") or 0) <= seq <= (g.get("last_seq") or -1) for g in gaps)


def covers(declared: list[Times], times: Times) -> bool:
    return any(a <= times[0] and times[1] <= b for a, b in declared)


def joined(intervals: Iterable[Times]) -> list[Times]:
    found: list[Times] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
