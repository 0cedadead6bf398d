"""Words taken out of the log of looks, provably. Pure: a later row of the chain vouches for rows that lost words.

In: rows of the log. Out: the text that vouches for them, and whether every row that no longer fits its own hash is
vouched for. Never: a database. What a row says now is part of what the vouching row hashes, so that nothing but the
removal passes for one.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_TEXT = re.compile(r"rows ([0-9,-]*) lost words: sha256 ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Voucher:
    """The rows that one row of the log vouches for, and their hash as of then."""

    seq: int
    rows: frozenset[int]
    digest: str


def vouching_text(rows: Mapping[int, str]) -> str:
    """What a vouching row says. `rows`: what each row says now, by number."""
    return f"rows {_runs(rows)} lost words: sha256 {_digest(rows)}"


def voucher(seq: int, text: str) -> Voucher | None:
    """Read what a vouching row says; None where it vouches for nothing."""
    found = _TEXT.fullmatch(text)
    return Voucher(seq, frozenset(_numbers(found[1])), found[2]) if found else None


def together_with(rows: Iterable[int], earlier: Iterable[Voucher]) -> frozenset[int]:
    """All rows that have to be vouched for anew when these change: those vouched for beside them, too."""
    found, listed = frozenset(rows), tuple(earlier)
    while (more := found.union(*(v.rows for v in listed if v.rows & found))) != found:
        found = more
    return found


def unexplained(
    odd: Iterable[int], vouchers: Iterable[Voucher], said: Callable[[frozenset[int]], Mapping[int, str]]
) -> int | None:
    """Find the first row that does not fit its hash and that no vouching row stands for; None where there is none.

    `said` gives what rows say now. Of two that vouch for a row the later one counts.
    """
    strange, covered = frozenset(odd), frozenset[int]()
    for one in sorted(vouchers, key=lambda v: v.seq, reverse=True):
        sound = one.seq not in strange or one.seq in covered
        if sound and one.rows - covered and _digest(said(one.rows)) == one.digest:
            covered |= one.rows
    return min(strange - covered, default=None)


def _digest(rows: Mapping[int, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows.items())).encode()).hexdigest()


def _runs(numbers: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _numbers(text: str) -> Iterable[int]:
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
