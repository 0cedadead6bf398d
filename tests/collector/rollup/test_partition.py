"""The partition of a person's time: properties on random spans, and the rules of who wins."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.facts import SpanFact
from planwhy_collector.rollup.partition import Talk, partition
from planwhy_collector.rollup.piece import Piece
from planwhy_shared.times import Interval, clipped, merged, subtracted, total_ms

STATES = st.sampled_from(["active", "idle", "locked", "asleep", "private", "off"])
BOUNDS = Interval(100, 400)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    start = draw(st.integers(0, 500))
    return Interval(start, start + draw(st.integers(0, 200)))


@st.composite
def spans(draw: st.DrawFn) -> SpanFact:
    time, state = draw(intervals()), draw(STATES)
    return SpanFact(draw(st.integers(1, 3)), time.start_ms, time.end_ms, state, draw(st.integers(0, 4)))


def talk_of(time: Interval) -> Talk:
    return Talk(time.start_ms, time.end_ms, 9)


talks = intervals().map(talk_of)
sets = st.lists(intervals(), max_size=4).map(merged)


def cut(
    spans: list[SpanFact], talks: list[Talk] | None = None, working: tuple[Interval, ...] = (BOUNDS,),
    absent: tuple[Interval, ...] = (),
) -> tuple[Piece, ...]:  # fmt: skip
    return partition(spans, talks or [], working, absent, BOUNDS)


@given(st.lists(spans(), max_size=12), st.lists(talks, max_size=4), sets)
def test_pieces_neither_overlap_nor_leave_a_hole_in_working_time(
    given_spans: list[SpanFact], given_talks: list[Talk], working: tuple[Interval, ...]
) -> None:
    pieces = cut(given_spans, given_talks, working)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(pieces))
    assert all(p.ms > 0 and BOUNDS.start_ms <= p.start_ms and p.end_ms <= BOUNDS.end_ms for p in pieces)
    assert sum(p.ms for p in pieces if p.working) == total_ms(clipped(working, BOUNDS))
    assert merged(Interval(p.start_ms, p.end_ms) for p in pieces if p.working) == clipped(working, BOUNDS)


@given(st.lists(spans(), max_size=12), st.lists(talks, max_size=4), sets, st.randoms())
def test_neither_the_order_of_spans_nor_duplicates_matter(
    given_spans: list[SpanFact], given_talks: list[Talk], working: tuple[Interval, ...], chance: random.Random
) -> None:
    shuffled = given_spans + given_spans[:3]
    chance.shuffle(shuffled)
    assert cut(shuffled, given_talks[::-1], working) == cut(given_spans, given_talks, working)


@given(st.lists(spans(), max_size=12), sets)
def test_outside_working_time_stands_exactly_what_was_recorded(
    given_spans: list[SpanFact], working: tuple[Interval, ...]
) -> None:
    recorded = merged(clipped([Interval(s.start_ms, s.end_ms) for s in given_spans], BOUNDS))
    outside = [Interval(p.start_ms, p.end_ms) for p in cut(given_spans, [], working) if not p.working]
    assert merged(outside) == subtracted(recorded, working)


@given(st.lists(spans(), max_size=12), st.lists(talks, max_size=3), sets, sets)
def test_each_instant_obeys_the_rules(
    given_spans: list[SpanFact], given_talks: list[Talk], working: tuple[Interval, ...], away: tuple[Interval, ...]
) -> None:
    for piece in partition(given_spans, given_talks, working, away, BOUNDS):
        here = [s for s in given_spans if s.start_ms <= piece.start_ms < s.end_ms]
        talking = any(t.start_ms <= piece.start_ms < t.end_ms for t in given_talks)
        absent = any(i.start_ms <= piece.start_ms < i.end_ms for i in away)
        assert (piece.presence == "active") == any(s.state == "active" for s in here)
        assert piece.presence != "call" or talking
        assert piece.presence not in ("idle", "locked", "asleep", "off", "none") or not (talking or absent)
        assert piece.context_id == 0 or piece.presence in ("active", "call")


def test_working_time_without_any_word_is_none() -> None:
    assert cut([]) == (Piece(100, 400, "none", 0, True),)


def test_of_two_machines_the_active_one_counts_and_of_two_active_ones_the_later() -> None:
    found = cut(
        [SpanFact(1, 100, 300, "active", 1), SpanFact(2, 200, 400, "active", 2), SpanFact(3, 0, 400, "idle", 0)]
    )
    assert [(p.start_ms, p.end_ms, p.context_id) for p in found] == [(100, 200, 1), (200, 400, 2)]


def test_a_machine_that_is_off_says_nothing_while_another_is_idle() -> None:
    found = cut([SpanFact(1, 100, 400, "idle", 0), SpanFact(2, 200, 300, "off", 0)])
    assert [p.presence for p in found] == ["idle"]


def test_a_call_beats_idle_and_silence_but_neither_active_nor_private() -> None:
    states = [SpanFact(1, 100, 150, "active", 1), SpanFact(1, 150, 200, "private", 5), SpanFact(1, 200, 250, "idle", 0)]
    found = cut(states, [Talk(50, 300, 9)])
    assert [(p.presence, p.ms, p.context_id) for p in found] == [
        ("active", 50, 1), ("private", 50, 0), ("call", 100, 9), ("none", 100, 0),
    ]  # fmt: skip


def test_approved_absence_takes_all_but_activity_and_calls() -> None:
    states = [SpanFact(1, 100, 150, "active", 1), SpanFact(1, 150, 200, "private", 0)]
    found = cut(states, [Talk(200, 250, 9)], absent=(Interval(100, 400),))
    assert [(p.presence, p.ms) for p in found] == [("active", 50), ("absent", 50), ("call", 50), ("absent", 150)]
