"""What agents would have recorded of simulated days, in the wire format. Pure.

In: what was seen of the months. Out: batches by machine. Never: a span of a day on which the agent was switched off.
Outside working hours only the state is sent, as the policy of agents has it.
"""

import uuid
from collections.abc import Iterable, Iterator
from itertools import pairwise

from planwhy_shared.limits import BATCH_SPANS
from planwhy_shared.times import Interval
from planwhy_shared.wire import Batch, Span, State

from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.frame import Workday
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.screens import BLANK, Screen
from planwhy_collector.simulate.seeing import Seen, View

MACHINES = ("office", "home")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:planwhy:simulate")

Raw = tuple[int, int, State, Screen]
"""Start and end in ms, state, what was in front."""


def batches(person: str, seed: int, months: Iterable[tuple[Month, View]], machine: str = "office") -> Iterator[Batch]:
    """Cut the spans recorded by one machine into batches of one epoch, each as large as the wire allows."""
    epoch = str(uuid.uuid5(NAMESPACE, f"{seed}/{person}/{machine}"))
    waiting: list[Span] = []
    for span in _spans(months, machine):
        waiting.append(span)
        if len(waiting) == BATCH_SPANS:
            yield _batch(epoch, waiting)
            waiting = []
    if waiting:
        yield _batch(epoch, waiting)


def _batch(epoch: str, spans: list[Span]) -> Batch:
    batch_id = str(uuid.uuid5(NAMESPACE, f"{epoch}/{spans[0].seq}"))
    return Batch(1, batch_id, epoch, spans[-1].end_ms + MINUTE, tuple(spans))


def _spans(months: Iterable[tuple[Month, View]], machine: str) -> Iterator[Span]:
    seq = 0
    for month, view in months:
        for n, (day, seen) in enumerate(zip(month.frame.days, view.days, strict=True)):
            if n in view.silent:
                continue
            for start, end, state, shown in _joined(_of_machine(day, seen, machine)):
                source = "browser" if shown.url else "window" if shown.app else None
                yield Span(seq, start, end, state, shown.app, shown.title, shown.url, source)
                seq += 1


def _of_machine(day: Workday, seen: tuple[Seen, ...], machine: str) -> Iterator[Raw]:
    """A day on the machine that was used; on days at home the one in the office sleeps."""
    if day.rhythm.home == (machine == "home"):
        yield from _of_day(day, seen)
    elif machine == "office":
        yield day.working[0].start_ms, day.working[-1].end_ms, "asleep", BLANK


def _of_day(day: Workday, seen: tuple[Seen, ...]) -> Iterator[Raw]:
    """The day as states, the break between working hours and the time after them included."""
    breaks = [Interval(a.end_ms, b.start_ms) for a, b in pairwise(day.working)]
    outside = [raw for gap in breaks for raw in _break(gap, day.rhythm.lunch)]
    if day.rhythm.overtime.ms:
        outside.append((day.rhythm.overtime.start_ms, day.rhythm.overtime.end_ms, "active", BLANK))
    inside: list[Raw] = [(s.start_ms, s.end_ms, s.state, s.shown) for s in seen if s.state is not None]
    yield from sorted([*inside, *outside], key=lambda raw: raw[0])


def _break(gap: Interval, lunch: Interval) -> Iterator[Raw]:
    """Locked while the person eats, active before and after."""
    eaten = gap.cut(lunch)
    edges = sorted({gap.start_ms, eaten.start_ms, eaten.end_ms, gap.end_ms})
    for start, end in pairwise(edges):
        yield start, end, "locked" if lunch.cut(Interval(start, end)).ms else "active", BLANK


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
