"""Stage 8a: a person's time is cut into pieces. In: spans of all devices, talks, the calendar's intervals, bounds.
Out: pieces that partition the working time and add what was recorded outside it. Never: what a context means.

Working time without any word is `none`. Who is at two machines at once is active at the one taken up later.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from planwhy_shared.times import Interval, clipped, merged

from planwhy_collector.facts import Presence, SpanFact
from planwhy_collector.rollup.piece import Piece

_RANK = {"active": 2, "idle": 1, "locked": 1, "asleep": 1, "private": 1, "off": 0}
"""Active beats the others; a machine that is off says nothing while another one speaks."""
_STATES: dict[str, Presence] = {
    "active": "active",
    "idle": "idle",
    "locked": "locked",
    "asleep": "asleep",
    "private": "private",
    "off": "off",
}
_Claim = tuple[int, int, int, str, int]
"""Rank, start, end, state, context: the greatest wins, so that the order of spans never matters."""
_Stretch = tuple[int, int, _Claim | None]
"""From, to, and the claim that holds there; layers that only say "yes" hold None."""
_Held = tuple[bool, _Claim | None]
"""What a layer says at an instant: whether anything holds there, and the claim."""
_Says = tuple[Presence, int, bool]
"""Presence, context, and whether it is working time."""
_Told = tuple[tuple[int, int], _Says | None]
"""From and to, and what is said of it."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A call or meeting, with the context that stands for it."""

    start_ms: int
    end_ms: int
    context_id: int


class _Upturned:
    """A claim in a heap, the greatest on top."""

    __slots__ = ("claim",)

    def __init__(self, claim: _Claim) -> None:
        self.claim = claim

    def __lt__(self, other: "_Upturned") -> bool:
        return self.claim > other.claim


def partition(
    spans: Iterable[SpanFact],
    talks: Iterable[Talk],
    working: Iterable[Interval],
    absent: Iterable[Interval],
    bounds: Interval,
) -> tuple[Piece, ...]:
    """Cut the bounds into pieces, in order of time.

    `working` is the calendar's working time, `absent` the part of it under approved absence; each without overlap.
    The pieces cover all working time within the bounds, and outside it what spans and talks say.
    """
    front = _topmost(_span_claims(spans), bounds)
    layers = (_topmost(_talk_claims(talks), bounds), _flags(working, bounds), _flags(absent, bounds))
    return tuple(Piece(a, b, *says) for (a, b), says in _joined(_told(front, layers, bounds)))


def _told(front: Sequence[_Stretch], layers: Sequence[Sequence[_Stretch]], bounds: Interval) -> Iterator[_Told]:
    """Lay what was in front over talks, working time and absence, which change a few times a day only."""
    edges = sorted({bounds.start_ms, bounds.end_ms, *(edge for layer in layers for part in layer for edge in part[:2])})
    cursors = [_Cursor(layer) for layer in layers]
    at = 0
    for start, end in pairwise(edges):
        call, working, away = (cursor.at(start) for cursor in cursors)
        here = start
        while at < len(front) and front[at][0] < end:
            begins, ends, claim = front[at]
            if begins > here:
                yield (here, begins), _says(None, call, working, away)
            yield (max(begins, start), min(ends, end)), _says(claim, call, working, away)
            here = min(ends, end)
            if ends > end:
                break
            at += 1
        if here < end:
            yield (here, end), _says(None, call, working, away)


def _says(claim: _Claim | None, call: _Held, working: _Held, away: _Held) -> _Says | None:
    presence = _STATES[claim[3]] if claim else None
    if claim and presence == "active":
        return "active", claim[4], working[0]
    if call[1] and presence != "private":
        return "call", call[1][4], working[0]
    if away[0]:
        return "absent", 0, working[0]
    if presence or working[0]:
        return presence or "none", 0, working[0]
    return None


def _span_claims(spans: Iterable[SpanFact]) -> Iterator[_Claim]:
    return ((_RANK[s.state], s.start_ms, s.end_ms, s.state, s.context_id) for s in spans)


def _talk_claims(talks: Iterable[Talk]) -> Iterator[_Claim]:
    return ((0, t.start_ms, t.end_ms, "call", t.context_id) for t in talks)


def _topmost(claims: Iterable[_Claim], bounds: Interval) -> list[_Stretch]:
    """Flatten overlapping claims: at each instant the greatest one holds."""
    low, high = bounds.start_ms, bounds.end_ms
    touching = sorted([c for c in claims if c[1] < high and c[2] > low and c[1] < c[2]], key=_start)
    out: list[_Stretch] = []
    for crowd in _crowds(touching):
        if len(crowd) == 1:
            claim = crowd[0]
            out.append((max(claim[1], low), min(claim[2], high), claim))
        else:
            out += _greatest(sorted(set(crowd), key=_start), bounds)
    return out


def _crowds(claims: Sequence[_Claim]) -> Iterator[Sequence[_Claim]]:
    """Cut claims, in order of start, where none reaches over: most of them overlap with no other."""
    first, reach = 0, 0
    for at, claim in enumerate(claims):
        if at > first and claim[1] >= reach:
            yield claims[first:at]
            first, reach = at, claim[2]
        elif claim[2] > reach:
            reach = claim[2]
    if claims:
        yield claims[first:]


def _greatest(waiting: Sequence[_Claim], bounds: Interval) -> Iterator[_Stretch]:
    edges = sorted({min(max(e, bounds.start_ms), bounds.end_ms) for c in waiting for e in c[1:3]})
    open_claims: list[_Upturned] = []
    at = 0
    for a, b in pairwise(edges):
        while at < len(waiting) and waiting[at][1] <= a:
            heapq.heappush(open_claims, _Upturned(waiting[at]))
            at += 1
        while open_claims and open_claims[0].claim[2] <= a:
            heapq.heappop(open_claims)
        if open_claims:
            yield a, b, open_claims[0].claim


def _flags(intervals: Iterable[Interval], bounds: Interval) -> list[_Stretch]:
    return [(part.start_ms, part.end_ms, None) for part in clipped(merged(intervals), bounds)]


class _Cursor:
    """Answers what holds at an instant; the instants asked for must grow."""

    def __init__(self, layer: Sequence[_Stretch]) -> None:
        self._layer = layer
        self._next = 0

    def at(self, ms: int) -> tuple[bool, _Claim | None]:
        while self._next < len(self._layer) and self._layer[self._next][1] <= ms:
            self._next += 1
        if self._next == len(self._layer) or self._layer[self._next][0] > ms:
            return False, None
        return True, self._layer[self._next][2]


def _joined(told: Iterable[_Told]) -> Iterator[tuple[tuple[int, int], _Says]]:
    """Join neighbours that say the same; leave out what says nothing."""
    start, end, last = 0, 0, None
    for (begins, ends), says in told:
        if says is not None and says == last and begins == end:
            end = ends
            continue
        if last is not None:
            yield (start, end), last
        start, end, last = begins, ends, says
    if last is not None:
        yield (start, end), last


def _start(claim: _Claim) -> int:
    return claim[1]
