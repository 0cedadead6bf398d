"""Stage 8c: pieces are added up by day. In: pieces, the bounds of days, verdicts. Out: totals on two levels.

The first level is by context and depends on spans only; the second, by what contexts mean, is made from the first,
so that a change of rules never reads spans again. Never: rounding; all is milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from planwhy_shared.times import Interval

from planwhy_collector.facts import Presence
from planwhy_collector.rollup.judge import Areas, Meaning, Verdicts, meaning
from planwhy_collector.rollup.piece import ContextTotal, Piece, Total


def context_totals(pieces: Iterable[Piece], days: Sequence[tuple[date, Interval]]) -> tuple[ContextTotal, ...]:
    """First level: milliseconds by day, presence and context. `days` in order; what lies outside them is left out."""
    sums: defaultdict[tuple[date, Presence, int], list[int]] = defaultdict(lambda: [0, 0])
    for day, start_ms, end_ms, piece in _split(pieces, days):
        sums[day, piece.presence, piece.context_id][0 if piece.working else 1] += end_ms - start_ms
    return tuple(ContextTotal(*key, *both) for key, both in sorted(sums.items()) if any(both))


def totals(first_level: Iterable[ContextTotal], verdicts: Verdicts, areas: Areas) -> tuple[Total, ...]:
    """Second level: milliseconds by day, presence, label, category, area and CRM card."""
    sums: defaultdict[tuple[date, Presence, Meaning], list[int]] = defaultdict(lambda: [0, 0])
    for one in first_level:
        both = sums[one.day, one.presence, meaning(one.presence, one.context_id, verdicts, areas)]
        both[0] += one.working_ms
        both[1] += one.other_ms
    return tuple(_total(day, presence, means, *both) for (day, presence, means), both in sums.items())


def _split(pieces: Iterable[Piece], days: Sequence[tuple[date, Interval]]) -> Iterator[tuple[date, int, int, Piece]]:
    """Cut pieces, in order of time, at the bounds of days."""
    first = 0
    for piece in pieces:
        while first < len(days) and days[first][1].end_ms <= piece.start_ms:
            first += 1
        for at in range(first, len(days)):
            day, bounds = days[at]
            if bounds.start_ms >= piece.end_ms:
                break
            yield day, max(piece.start_ms, bounds.start_ms), min(piece.end_ms, bounds.end_ms), piece


def _total(day: date, presence: Presence, m: Meaning, working_ms: int, other_ms: int) -> Total:
    return Total(day, presence, m.label, m.category, m.area, m.entity, working_ms, other_ms)
