"""Adding up by day: nothing gained, nothing lost, on days of 23, 24 and 25 hours too."""

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import EntityRef, SpanFact, TaskFact
from planwhy_collector.rollup.judge import areas_of, judged
from planwhy_collector.rollup.partition import partition
from planwhy_collector.rollup.piece import Piece
from planwhy_collector.rollup.totals import context_totals, totals
from planwhy_shared.hours import parse_hours
from planwhy_shared.times import HOUR_MS, day_bounds, days_between, days_bounds, total_ms

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 10, 23), date(2026, 10, 27)
DAYS = [(day, day_bounds(day, BERLIN)) for day in days_between(FIRST, LAST)]
BOUNDS = days_bounds(FIRST, LAST, BERLIN)
WORKING = [i for day, _ in DAYS for i in parse_hours("Mon-Sun 00:00-13:00,14:00-24:00").of_day(day, BERLIN)]
VERDICTS = {
    1: Verdict("work", "crm_sales", "sales", "R-crm-deal", "v", EntityRef("deal", "5")),
    2: Verdict("non_work", "social", None, "H-vk.com", "v"),
    3: Verdict(None, None, None, None, "v"),
}


@st.composite
def spans(draw: st.DrawFn) -> SpanFact:
    start = draw(st.integers(BOUNDS.start_ms, BOUNDS.end_ms))
    end = start + draw(st.integers(1, 30 * HOUR_MS))
    return SpanFact(1, start, end, draw(st.sampled_from(["active", "idle", "asleep"])), draw(st.integers(0, 4)))


@given(st.lists(spans(), max_size=8))
def test_both_levels_add_up_to_the_calendar(given_spans: list[SpanFact]) -> None:
    pieces = partition(given_spans, [], WORKING, [], BOUNDS)
    first = context_totals(pieces, DAYS)
    second = totals(first, VERDICTS, {})
    for level in (first, second):
        for day, bounds in DAYS:
            ms = sum(t.working_ms for t in level if t.day == day)
            assert ms == total_ms(i.cut(bounds) for i in WORKING)
        assert sum(t.working_ms + t.other_ms for t in level) == sum(p.ms for p in pieces)
    assert sum(p.ms for p in judged(pieces, VERDICTS, {})) == sum(p.ms for p in pieces)


def test_the_day_on_which_clocks_go_back_has_an_hour_more() -> None:
    sunday = date(2026, 10, 25)
    assert [t.working_ms // HOUR_MS for t in context_totals(partition([], [], WORKING, [], BOUNDS), DAYS)] == [
        23 + (day == sunday) for day, _ in DAYS
    ]


def test_only_active_time_and_calls_get_a_label_and_only_work_an_area() -> None:
    pieces = [Piece(0, 1, "active", 1, True), Piece(1, 2, "active", 2, True), Piece(2, 3, "idle", 1, True),
              Piece(3, 4, "active", 3, True), Piece(4, 5, "active", 99, True)]  # fmt: skip
    found = judged(pieces, VERDICTS, {EntityRef("deal", "5"): "service"})
    assert [(j.label, j.area) for j in found] == [
        ("work", "service"), ("non_work", None), (None, None), (None, None), (None, None),
    ]  # fmt: skip


def test_the_area_of_a_card_follows_what_the_crm_knows() -> None:
    task = TaskFact("t1", None, "", 0, None, False, None, "deal", "r", "")
    cards = {
        EntityRef("deal", "n"): "sales", EntityRef("deal", "r"): "service", EntityRef("deal", "unknown"): "sales",
        EntityRef("lead", "1"): "sales", EntityRef("client", "1"): "service",
        EntityRef("task", "t1"): "service", EntityRef("task", "unknown"): "general",
    }  # fmt: skip
    assert areas_of(cards, {"n": "new", "r": "recurring"}, {"t1": task}) == cards


def test_what_lies_outside_the_days_is_left_out() -> None:
    (day, bounds), *_ = DAYS
    piece = Piece(bounds.start_ms - HOUR_MS, bounds.end_ms + HOUR_MS, "active", 1, True)
    assert [t.working_ms for t in context_totals([piece], [(day, bounds)])] == [bounds.ms]
