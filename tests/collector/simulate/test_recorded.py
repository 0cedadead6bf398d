"""What simulated agents send: a clean partition of the day that the product's own rules read as it was meant."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from random import Random

import msgspec
import pytest
from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.simulate.history import history
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.roster import POSITION, roster
from planwhy_collector.simulate.screens import Cards, Kind, screen
from planwhy_collector.simulate.spans import batches
from planwhy_shared import limits
from planwhy_shared.times import total_ms
from planwhy_shared.wire import Batch, Span

MEANT = {
    "sales": ("work", "sales"), "service": ("work", "service"), "general": ("work", "general"),
    "non_work": ("non_work", None), "neutral": ("neutral", None), "unclassified": (None, None),
}  # fmt: skip


def months(number: int = 1) -> tuple[Month, ...]:
    member = list(roster(number + 1, 3))[number]
    return history(member, date(2026, 10, 1), date(2026, 10, 31), 3).months


def spans() -> Iterator[Span]:
    for batch in batches("e2", 3, months()):
        yield from batch.spans


@pytest.mark.parametrize("kind", MEANT)
def test_the_rules_read_every_screen_as_it_was_meant(kind: Kind) -> None:
    rules, rng = builtin_rules(), Random(1)
    for _ in range(60):
        shown = screen(rng, kind, Cards(("11",), ("22",)))
        verdict = rules.judge(context_of(shown.app, shown.url, shown.title), rules.profile_of(POSITION))
        assert (verdict.label, verdict.area) == MEANT[kind], shown


def test_a_day_is_a_partition_of_its_working_hours() -> None:
    for month in months():
        for day, stretches in zip(month.frame.days, month.days, strict=True):
            assert sum(s.ms for s in stretches) == total_ms(day.working)
            assert all(a.end_ms <= b.start_ms for a, b in pairwise(stretches))


def test_spans_never_overlap_and_are_numbered_without_a_hole() -> None:
    found = list(spans())
    assert [s.seq for s in found] == list(range(len(found)))
    assert all(a.start_ms < a.end_ms <= b.start_ms for a, b in pairwise(found))


def test_batches_keep_the_limits_of_the_wire_and_read_back() -> None:
    for batch in batches("e2", 3, months()):
        sent = msgspec.json.encode(batch)
        assert len(batch.spans) <= limits.BATCH_SPANS
        assert len(sent) <= limits.WIRE_BYTES
        assert msgspec.json.decode(sent, type=Batch) == batch
