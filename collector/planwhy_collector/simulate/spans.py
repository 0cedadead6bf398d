"""What an agent would have recorded of simulated days, in the wire format. Pure.

In: days as they really were. Out: batches. Never: a span of a day on which the agent was switched off.
"""

import uuid
from collections.abc import Iterable, Iterator
from itertools import pairwise

from planwhy_shared.limits import BATCH_SPANS
from planwhy_shared.times import Interval, subtracted
from planwhy_shared.wire import Batch, Span, State

from planwhy_collector.simulate.day import MINUTE, Stretch
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.screens import BLANK, Screen

IDLE_AFTER_MS = 3 * MINUTE
"""Without a key or mouse event for longer, an agent says idle: most talks on the telephone look like that."""
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:planwhy:simulate")

Raw = tuple[int, int, State, Screen]
"""Start and end in ms, state, what was in front."""


def batches(person: str, seed: int, months: Iterable[Month]) -> Iterator[Batch]:
    """Cut a person's recorded spans into batches of one epoch, each as large as the wire allows."""
    epoch = str(uuid.uuid5(NAMESPACE, f"{seed}/{person}"))
    waiting: list[Span] = []
    for span in _spans(months):
        waiting.append(span)
        if len(waiting) == BATCH_SPANS:
            yield _batch(epoch, waiting)
            waiting = []
    if waiting:
        yield _batch(epoch, waiting)


def _batch(epoch: str, spans: list[Span]) -> Batch:
    batch_id = str(uuid.uuid5(NAMESPACE, f"{epoch}/{spans[0].seq}"))
    return Batch(1, batch_id, epoch, spans[-1].end_ms + MINUTE, tuple(spans))


def _spans(months: Iterable[Month]) -> Iterator[Span]:
    seq = 0
    for month in months:
        for day, seen in zip(month.days, month.frame.days, strict=True):
            if seen.silent:
                continue
            for start, end, state, shown in _without(_joined(_of_day(day)), seen.hole):
                source = "browser" if shown.url else "window" if shown.app else None
                yield Span(seq, start, end, state, shown.app, shown.title, shown.url, source)
                seq += 1


def _of_day(day: tuple[Stretch, ...]) -> Iterator[Raw]:
    """The day as states; the break between working hours is locked."""
    for before, one in pairwise((None, *day)):
        assert one is not None  # noqa: S101  only the first of the pairs is empty
        if before is not None and before.end_ms < one.start_ms:
            yield before.end_ms, one.start_ms, "locked", BLANK
        yield one.start_ms, one.end_ms, *_seen(one)


def _seen(one: Stretch) -> tuple[State, Screen]:
    if one.kind == "locked":
        return "locked", BLANK
    talk = one.kind in ("sales_call", "service_call")
    if one.kind == "idle" or (talk and one.ms > IDLE_AFTER_MS):
        return "idle", BLANK
    return "active", one.screen


def _without(raw: Iterable[Raw], hole: Interval) -> Iterator[Raw]:
    """Leave out what fell into the hole."""
    for start, end, state, shown in raw:
        for part in subtracted([Interval(start, end)], [hole]):
            yield part.start_ms, part.end_ms, state, shown


def _joined(raw: Iterable[Raw]) -> Iterator[Raw]:
    """Join neighbours that look the same, as an agent does."""
    held: Raw | None = None
    for one in raw:
        if held and held[1] == one[0] and held[2:] == one[2:]:
            held = (held[0], one[1], *held[2:])
            continue
        if held:
            yield held
        held = one
    if held:
        yield held
