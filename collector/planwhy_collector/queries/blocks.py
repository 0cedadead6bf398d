"""Spans packed into blocks of columns, and out again. Pure: no session, no clock. In: spans. Out: blocks, or spans.

A block holds spans of one device, epoch and track that begin on one day (UTC), in order of their start. Its body is a
MessagePack array of columns. A column whose values are all equal is stored as one, so that consecutive sequence
numbers and spans without holes cost nothing. Never: a value rounded, or an order that depends on how spans came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from operator import add
from typing import NamedTuple

import msgspec
from planwhy_shared.times import HOUR_MS

BLOCK_SPANS = 64
"""A body of so many stays below a quarter of a SQLite page, beyond which a clustered row takes pages of its own."""
DAY_MS = 24 * HOUR_MS


class StoredSpan(NamedTuple):
    """A span in numbers: milliseconds, sequence number, context, the codes of state, source and mark, and the count.

    `many` is the most windows or tabs at once, of the track `open`; 1 where nobody counted.
    """

    start_ms: int
    end_ms: int
    seq: int
    context_id: int
    state: int
    source: int
    mark: int
    many: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A packed block. `end_ms` is the latest end of its spans, `first_seq` the number of the one that starts first."""

    start_ms: int
    first_seq: int
    end_ms: int
    spans: int
    body: bytes


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    """The body: lengths, then what differs from "begins where the last one ended, with the next number", and codes."""

    lengths: list[int]
    holes: list[int]
    steps: list[int]
    contexts: list[int]
    places: list[int]
    states: list[int]
    sources: list[int]
    marks: list[int]


class _Counted(_Columns, frozen=True, array_like=True):
    """The same with a last column that only blocks with a count other than 1 have; older releases pass over it."""

    counts: list[int] = msgspec.field(default_factory=lambda: [1])


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Counted).decode


def pack(spans: Iterable[StoredSpan]) -> Iterator[Block]:
    """Pack spans of one device, epoch and track, given in any order."""
    for _, day in groupby(sorted(spans, key=_order), key=lambda span: span.start_ms // DAY_MS):
        whole = list(day)
        for at in range(0, len(whole), BLOCK_SPANS):
            yield _packed(whole[at : at + BLOCK_SPANS])


def unpack(start_ms: int, first_seq: int, body: bytes) -> Iterator[StoredSpan]:
    """Give the spans of a block in order of start. Raises msgspec.DecodeError for a damaged body."""
    told = _decode(body)
    count = len(told.lengths)
    holes, steps = _spread(told.holes, count - 1), _spread(told.steps, count - 1)
    starts = list(accumulate(map(add, told.lengths, holes), initial=start_ms))
    return map(
        StoredSpan,
        starts,
        map(add, starts, told.lengths),
        accumulate(steps, initial=first_seq),
        map(told.contexts.__getitem__, _spread(told.places, count)),
        _spread(told.states, count),
        _spread(told.sources, count),
        _spread(told.marks, count),
        _spread(told.counts, count),
    )


def contexts_in(body: bytes) -> list[int]:
    """The contexts that a block names, each once."""
    return _decode(body).contexts


def _order(span: StoredSpan) -> tuple[int, int]:
    return span.start_ms, span.seq


def _packed(spans: Sequence[StoredSpan]) -> Block:
    starts, ends, seqs, contexts, states, sources, marks, counts = map(list, zip(*spans, strict=True))
    known = list(dict.fromkeys(contexts))
    place = {context: at for at, context in enumerate(known)}
    columns = _Columns(
        lengths=[end - start for start, end in zip(starts, ends, strict=True)],
        holes=_column([after - before for after, before in zip(starts[1:], ends[:-1], strict=True)]),
        steps=_column([after - before for before, after in pairwise(seqs)]),
        contexts=known,
        places=_column([place[context] for context in contexts]),
        states=_column(states),
        sources=_column(sources),
        marks=_column(marks),
    )
    told = columns if _column(counts) == [1] else _counted(columns, _column(counts))
    return Block(starts[0], seqs[0], max(ends), len(spans), _encode(told))


def _counted(columns: _Columns, counts: list[int]) -> _Counted:
    return _Counted(**msgspec.structs.asdict(columns), counts=counts)


def _column(values: list[int]) -> list[int]:
    return values[:1] if values and values.count(values[0]) == len(values) else values


def _spread(column: list[int], count: int) -> list[int]:
    return column * count if len(column) == 1 else column
