"""Stage 8a: a person's time is cut into pieces. In: spans of all devices, talks, the calendar's intervals, bounds.
Out: pieces that partition the working time and add what was recorded outside it. Never: what a context means.

Working time without any word is `none`. Who is at two machines at once is active at the one taken up later.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
    layers = (
        _topmost(_span_claims(spans), bounds),
        _topmost(_talk_claims(talks), bounds),
        _flags(working, bounds),
        _flags(absent, bounds),
    )
    edges = sorted({edge for layer in layers for part in layer for edge in part[:2]})
    cursors = [_Cursor(layer) for layer in layers]
    pieces = (_piece(Interval(a, b), *(cursor.at(a) for cursor in cursors)) for a, b in pairwise(edges))
    return tuple(_joined(piece for piece in pieces if piece is not None))


def _piece(part: Interval, state: _Held, call: _Held, working: _Held, away: _Held) -> Piece | None:
    claim, talk = state[1], call[1]
    presence = _STATES[claim[3]] if claim else None
    if claim and presence == "active":
        return Piece(part.start_ms, part.end_ms, "active", claim[4], working[0])
    if talk and presence != "private":
        return Piece(part.start_ms, part.end_ms, "call", talk[4], working[0])
    if away[0]:
        return Piece(part.start_ms, part.end_ms, "absent", 0, working[0])
    if presence or working[0]:
        return Piece(part.start_ms, part.end_ms, presence or "none", 0, working[0])
    return None


def _span_claims(spans: Iterable[SpanFact]) -> Iterator[_Claim]:
    return ((_RANK[s.state], s.start_ms, s.end_ms, s.state, s.context_id) for s in spans)


def _talk_claims(talks: Iterable[Talk]) -> Iterator[_Claim]:
    return ((0, t.start_ms, t.end_ms, "call", t.context_id) for t in talks)


def _topmost(claims: Iterable[_Claim], bounds: Interval) -> list[_Stretch]:
    """Flatten overlapping claims: at each instant the greatest one holds."""
    waiting = sorted({c for c in claims if c[1] < bounds.end_ms and c[2] > bounds.start_ms and c[1] < c[2]}, key=_start)
    edges = sorted({min(max(e, bounds.start_ms), bounds.end_ms) for c in waiting for e in c[1:3]})
    open_claims: list[_Upturned] = []
    out: list[_Stretch] = []
    at = 0
    for a, b in pairwise(edges):
        while at < len(waiting) and waiting[at][1] <= a:
            heapq.heappush(open_claims, _Upturned(waiting[at]))
            at += 1
        while open_claims and open_claims[0].claim[2] <= a:
            heapq.heappop(open_claims)
        if open_claims:
            out.append((a, b, open_claims[0].claim))
    return out


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


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours that say the same."""
    last: Piece | None = None
    for piece in pieces:
        if last and last.end_ms == piece.start_ms and _says(last) == _says(piece):
            last = replace(last, end_ms=piece.end_ms)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _says(piece: Piece) -> tuple[Presence, int, bool]:
    return piece.presence, piece.context_id, piece.working


def _start(claim: _Claim) -> int:
    return claim[1]
