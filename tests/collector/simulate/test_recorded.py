"""What simulated agents send: a clean partition of the day that the product's own rules read as it was meant."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from random import Random

import msgspec
import pytest
from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.simulate.causes import CAUSES
from planwhy_collector.simulate.history import History, history
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.roster import POSITION, roster
from planwhy_collector.simulate.screens import Cards, Kind, screen, unknown
from planwhy_collector.simulate.spans import MACHINES, batches
from planwhy_shared import limits
from planwhy_shared.times import Interval, total_ms
from planwhy_shared.wire import Batch, Span

MEANT = {
    "sales": ("work", "sales"), "service": ("work", "service"), "general": ("work", "general"),
    "non_work": ("non_work", None), "neutral": ("neutral", None),
}  # fmt: skip


def lived(number: int = 2, hide: float = 0.0) -> History:
    member = list(roster(number + 1, 3))[number]
    return history(member, Order(number + 1, 31, 3, date(2026, 10, 31), hide=(hide,)))


def sent(machine: str, hide: float = 0.0) -> Iterator[Batch]:
    one = lived(hide=hide)
    return batches("e3", 3, list(zip(one.months, one.views, strict=True)), machine)


def spans(machine: str, hide: float = 0.0) -> list[Span]:
    return [span for batch in sent(machine, hide) for span in batch.spans]


@pytest.mark.parametrize("kind", MEANT)
def test_the_rules_read_every_screen_as_it_was_meant(kind: Kind) -> None:
    rules, rng = builtin_rules(), Random(1)
    for _ in range(60):
        shown = screen(rng, kind, Cards(("11",), ("22",)))
        verdict = rules.judge(context_of(shown.app, shown.url, shown.title), rules.profile_of(POSITION))
        assert (verdict.label, verdict.area) == MEANT[kind], shown


@pytest.mark.parametrize("number", [0, 1, 6, 77])
def test_the_rules_do_not_know_what_is_to_be_unknown(number: int) -> None:
    rules, shown = builtin_rules(), unknown(number)
    verdict = rules.judge(context_of(shown.app, shown.url, shown.title), rules.profile_of(POSITION))
    assert verdict.label is None


@pytest.mark.parametrize("number", range(12), ids=lambda n: CAUSES[n].name)
def test_a_day_is_a_partition_of_its_working_hours(number: int) -> None:
    for month in lived(number).months:
        for day, stretches in zip(month.frame.days, month.days, strict=True):
            assert sum(s.ms for s in stretches) == total_ms(day.working)
            assert all(a.end_ms <= b.start_ms for a, b in pairwise(stretches))


@pytest.mark.parametrize("hide", [0.0, 0.3])
def test_what_is_seen_is_the_same_time_as_what_happened(hide: float) -> None:
    one = lived(hide=hide)
    for month, view in zip(one.months, one.views, strict=True):
        for day, seen in zip(month.days, view.days, strict=True):
            assert sum(s.end_ms - s.start_ms for s in seen) == sum(s.ms for s in day)
            assert {(s.kind, s.screen) for s in seen} == {(s.kind, s.screen) for s in day if s.ms}


def test_hiding_changes_nothing_of_what_happened() -> None:
    plain, hidden = lived(), lived(hide=0.4)
    assert plain.months == hidden.months
    assert plain.truth[0].factors == hidden.truth[0].factors
    assert len(spans("office", 0.4)) < 0.75 * len(spans("office"))
    assert hidden.truth[0].hidden.unrecorded["sales"] > plain.truth[0].hidden.unrecorded.get("sales", 0)


@pytest.mark.parametrize("machine", MACHINES)
def test_spans_never_overlap_and_are_numbered_without_a_hole(machine: str) -> None:
    found = spans(machine)
    assert [s.seq for s in found] == list(range(len(found)))
    assert all(a.start_ms < a.end_ms <= b.start_ms for a, b in pairwise(found))


def test_a_day_at_home_is_recorded_there_while_the_office_sleeps() -> None:
    days = [d for month in lived().months for d in month.frame.days if d.rhythm.home]
    office, home = spans("office"), spans("home")
    assert days
    for day in days:
        bounds = day.working[0].start_ms, day.working[-1].end_ms
        own = [s for s in office if s.start_ms < bounds[1] and s.end_ms > bounds[0]]
        assert [(s.state, s.start_ms, s.end_ms) for s in own] == [("asleep", *bounds)]
        assert any(s.state == "active" and bounds[0] <= s.start_ms < bounds[1] for s in home)


def test_outside_working_hours_only_the_state_is_told() -> None:
    days = [part for month in lived().months for day in month.frame.days for part in day.working]
    after = [s for m in MACHINES for s in spans(m) if not any(i.cut(Interval(s.start_ms, s.end_ms)).ms for i in days)]
    assert any(s.state == "active" for s in after)
    assert {(s.app, s.title, s.url) for s in after} == {(None, None, None)}


@pytest.mark.parametrize("machine", MACHINES)
def test_batches_keep_the_limits_of_the_wire_and_read_back(machine: str) -> None:
    for batch in sent(machine):
        body = msgspec.json.encode(batch)
        assert len(batch.spans) <= limits.BATCH_SPANS
        assert len(body) <= limits.WIRE_BYTES
        assert msgspec.json.decode(body, type=Batch) == batch
