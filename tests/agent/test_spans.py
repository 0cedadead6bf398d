"""Stage 3: time is a partition, whatever the samples and the clocks do."""

from itertools import pairwise

from agent_parts import NOON_MS, moment
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.privacy import Kept
from planwhy_agent.spans import PIECE_MS, Fold, Moment, Stretch, advance, begin, finish, skipped

A, B = Kept("active", "a"), Kept("active", "b")
IDLE = Kept("idle")
DAY, YEAR = 86_400_000, 365 * 86_400_000


def folded(*steps, last_end_ms=None) -> list[Stretch]:
    """Run (moment, kept, idle_ms) steps through the fold and close it at the last moment."""
    fold, closed = begin(steps[0][0], steps[0][1], 0, last_end_ms)
    out = list(closed)
    for at, kept, idle_ms in steps[1:]:
        fold, more = advance(fold, at, kept, idle_ms)
        out.extend(more)
    return out + list(finish(fold, steps[-1][0]))


def shown(found: list[Stretch]) -> list[tuple[int, int, str | None]]:
    return [(s.start_ms - NOON_MS, s.end_ms - NOON_MS, s.kept.app or s.kept.state) for s in found]


def test_a_switch_closes_one_span_where_the_next_begins():
    assert shown(folded((moment(0), A, 0), (moment(700), B, 0), (moment(1000), B, 0))) == [
        (0, 700, "a"),
        (700, 1000, "b"),
    ]


def test_idle_begins_at_the_last_input_and_ends_with_the_next():
    steps = ((moment(0), A, 0), (moment(5000), IDLE, 3000), (moment(9000), A, 500), (moment(9100), A, 0))
    assert shown(folded(*steps)) == [(0, 2000, "a"), (2000, 8500, "idle"), (8500, 9100, "a")]


def test_idle_never_reaches_back_into_a_closed_span():
    steps = ((moment(0), A, 0), (moment(2000), B, 1000), (moment(5000), IDLE, 4500), (moment(6000), IDLE, 5500))
    assert shown(folded(*steps)) == [(0, 2000, "a"), (2000, 6000, "idle")]


def test_time_asleep_is_asleep_and_not_idle():
    hour = 3_600_000
    steps = (
        (moment(0), A, 0),
        (moment(hour + 1000, asleep_ms=hour), A, 0),
        (moment(hour + 2000, asleep_ms=hour), A, 0),
    )
    assert shown(folded(*steps)) == [(0, 1000, "a"), (1000, hour + 1000, "asleep"), (hour + 1000, hour + 2000, "a")]


def test_awake_time_without_a_sample_is_off():
    found = folded((moment(0), A, 0), (moment(90_000), A, 0), (moment(91_000), A, 0))
    assert shown(found) == [(0, 90_000, "off"), (90_000, 91_000, "a")]
    assert found[0].mark == "stalled"


def test_a_clock_that_is_set_cuts_and_marks_but_changes_no_duration():
    found = folded((moment(0), A, 0), (moment(1000, jump_ms=DAY), A, 0), (moment(2000, jump_ms=DAY), A, 0))
    assert shown(found) == [(0, 1000, "a"), (1000, 2000, "a")]
    assert [s.mark for s in found] == ["clock_jump", None]


def test_time_since_the_last_run_is_off():
    assert shown(folded((moment(0), A, 0), (moment(10), A, 0), last_end_ms=NOON_MS - 500)) == [
        (-500, 0, "off"),
        (0, 10, "a"),
    ]


def test_a_clock_set_back_between_runs_makes_no_overlap():
    found = folded((moment(0), A, 0), (moment(10), A, 0), last_end_ms=NOON_MS + 5000)
    assert shown(found) == [(5000, 5000, "off"), (5000, 5010, "a")]


def test_a_long_span_is_rolled_so_that_the_collector_hears_of_it():
    assert len(folded(*((moment(i * 5000), A, 0) for i in range(200)))) == 4


def test_no_span_is_longer_than_the_collector_takes():
    found = folded((moment(0), A, 0), (moment(1), A, 0), last_end_ms=NOON_MS - YEAR)
    assert max(s.end_ms - s.start_ms for s in found) <= PIECE_MS
    assert found[0].start_ms == NOON_MS - YEAR


def test_skipped_time_is_off_and_marked():
    fold, _ = begin(moment(0), A, 0, None)
    fold, closed = skipped(advance(fold, moment(100), A)[0], 5000)
    assert [(s.kept.state, s.mark, s.end_ms - s.start_ms) for s in closed] == [
        ("active", "clock_jump", 100),
        ("off", "clock_jump", 5000),
    ]
    assert fold.open.start_ms == closed[-1].end_ms


steps_of = st.lists(
    st.tuples(
        st.integers(0, 400_000),
        st.sampled_from((0, 0, 0, 30_000, DAY)),
        st.sampled_from((0, 0, 0, DAY, -DAY, YEAR, -YEAR)),
        st.sampled_from((A, B, IDLE, Kept("locked"), Kept("private"), Kept("off"))),
        st.integers(0, 2 * DAY),
    ),
    min_size=1,
    max_size=40,
)


@given(steps_of, st.one_of(st.none(), st.integers(NOON_MS - 2 * YEAR, NOON_MS + YEAR)))
def test_there_is_no_hole_no_overlap_and_all_of_the_time_whatever_happens(steps, last_end_ms):
    at = Moment(1000, 1000, NOON_MS)
    fold, closed = begin(at, A, 0, last_end_ms)
    began, out = fold.open.start_ms, list(closed)
    for awake, slept, jump, kept, idle_ms in steps:
        at = Moment(at.mono_ms + awake + slept, at.awake_ms + awake, at.wall_ms + awake + slept + jump)
        fold, more = advance(fold, at, kept, idle_ms)
        out.extend(more)
    out.extend(finish(fold, at))
    assert all(a.end_ms == b.start_ms for a, b in pairwise(out))
    assert all(0 <= s.end_ms - s.start_ms <= PIECE_MS for s in out)
    assert sum(s.end_ms - s.start_ms for s in out if s.start_ms >= began) == at.mono_ms - 1000


def test_clocks_that_run_backwards_are_not_followed():
    fold, _ = begin(moment(0), A, 0, None)
    later, closed = advance(fold, Moment(0, 0, NOON_MS), B)
    assert isinstance(later, Fold)
    assert closed == ()
    assert later.now_ms == fold.now_ms
