"""Stage 3 beside the focus: what is claimed to have been open lies between two looks that saw it."""

from collections import Counter
from itertools import pairwise

from agent_parts import NOON_MS, moment
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.privacy import Kept, Opened
from planwhy_agent.spans import Moment, Stretch
from planwhy_agent.spans_open import (
    LOOK_MS,
    ROLL_MS,
    ROW_MS,
    ROWS_SAVED,
    OpenTrack,
    due,
    end,
    look,
    moved,
    standing,
)

MINUTE, HOUR = 60_000, 3_600_000
Look = tuple[Moment, int, tuple[Opened, ...]]


def program(name: str, windows: int = 1) -> Opened:
    return Opened(Kept("active", name, None, None, "window"), windows)


def at(minute: float, *names: str, asleep_ms: int = 0, jump_ms: int = 0) -> Look:
    """A look after so many minutes that sees these programs."""
    passed = round(minute * MINUTE)
    return moment(passed, asleep_ms, jump_ms), NOON_MS + passed, tuple(program(name) for name in names)


def followed(*looks: Look) -> list[Stretch]:
    track, out = OpenTrack(), list[Stretch]()
    for one in looks:
        track, closed = look(track, *one)
        out += closed
    return out + list(end(track)[1])


def shown(found: list[Stretch]) -> list[tuple[float, float, str | None]]:
    return sorted(((s.start_ms - NOON_MS) / MINUTE, (s.end_ms - NOON_MS) / MINUTE, s.kept.app) for s in found)


def test_a_thing_is_open_from_the_first_look_that_saw_it_to_the_last():
    found = followed(at(0, "a"), at(1, "a", "b"), at(2, "a", "b"), at(3, "a"), at(4, "a"))
    assert shown(found) == [(0, 4, "a"), (1, 2, "b")]
    assert {s.track for s in found} == {"open"}


def test_what_one_look_alone_saw_claims_no_time():
    assert shown(followed(at(0, "a"), at(1, "a", "b"), at(2, "a"))) == [(0, 2, "a")]


def test_the_most_windows_at_once_are_counted():
    looks = [(*at(minute)[:2], (program("a", windows),)) for minute, windows in enumerate((2, 5, 3))]
    assert [s.count for s in followed(*looks)] == [5]


def test_sleep_a_set_clock_and_missed_looks_end_everything_at_the_last_look():
    slept = followed(at(0, "a"), at(1, "a"), at(61, "a", asleep_ms=HOUR), at(62, "a", asleep_ms=HOUR))
    assert shown(slept) == [(0, 1, "a"), (61, 62, "a")]
    missed = followed(at(0, "a"), at(1, "a"), at(30, "a"), at(31, "a"))
    assert shown(missed) == [(0, 1, "a"), (30, 31, "a")]
    jumped = followed(at(0, "a"), at(1, "a"), at(2, "a", jump_ms=HOUR), at(3, "a", jump_ms=HOUR))
    assert [(s.end_ms - s.start_ms, s.mark) for s in jumped] == [(MINUTE, "clock_jump"), (MINUTE, None)]


def test_a_long_span_is_closed_and_goes_on_without_a_hole():
    whole = ROLL_MS // MINUTE
    found = followed(*(at(minute, "a") for minute in range(whole + 3)))
    assert shown(found) == [(0, whole, "a"), (whole, whole + 2, "a")]


def test_looks_are_a_minute_apart():
    track, _ = look(OpenTrack(), *at(0, "a"))
    assert due(OpenTrack(), moment(0))
    assert not due(track, moment(LOOK_MS - 1))
    assert due(end(track)[0], moment(LOOK_MS))
    assert not due(end(track)[0], moment(LOOK_MS - 1))


def test_what_stands_is_claimed_up_to_the_last_look():
    track, _ = look(look(OpenTrack(), *at(0, "a"))[0], *at(1, "a"))
    assert shown(list(standing(track))) == [(0, 1, "a")]
    assert shown(list(standing(moved(track, MINUTE)))) == [(1, 2, "a")]


def test_where_too_many_come_and_go_the_last_named_are_left_out_marked_and_counted():
    names = [f"p{n}" for n in range(ROWS_SAVED + 2)]
    track, _ = look(OpenTrack(), *at(0, *names))
    track, _ = look(track, *at(1, *names))
    closed = end(track)[1]
    assert {s.kept.app for s in closed} == set(names[:-2])
    assert {s.mark for s in closed} == {"open_limit"}
    assert track.left_out == 2


@st.composite
def lives(draw: st.DrawFn) -> list[Look]:
    """Looks at least a minute apart, with sleep, jumps and any programs."""
    out, passed, asleep, jump = [], 0, 0, 0
    names = st.sets(st.sampled_from("abcdef"))
    for _ in range(draw(st.integers(1, 30))):
        awake = draw(st.sampled_from((MINUTE, MINUTE + 5_000, 2 * MINUTE, 4 * MINUTE, HOUR)))
        slept = draw(st.sampled_from((0, 0, 0, 5_000, 8 * HOUR)))
        passed, asleep = passed + awake + slept, asleep + slept
        jump += draw(st.sampled_from((0, 0, 0, HOUR, -HOUR)))
        seen = tuple(program(name, draw(st.integers(1, 9))) for name in sorted(draw(names)))
        out.append((moment(passed, asleep, jump), NOON_MS + passed, seen))
    return out


@given(lives())
def test_every_claim_lies_between_looks_that_saw_the_thing_and_nothing_is_claimed_twice(looks):
    saw = {time: {one.kept for one in seen} for _, time, seen in looks}
    found = followed(*looks)
    for span in found:
        within = [seen for time, seen in saw.items() if span.start_ms <= time <= span.end_ms]
        assert span.start_ms in saw and span.end_ms in saw and span.start_ms < span.end_ms
        assert all(span.kept in seen for seen in within)
    ends = Counter((span.kept, span.start_ms) for span in found)
    assert all(n == 1 for n in ends.values())
    by_thing = sorted(found, key=lambda s: (s.kept.app, s.start_ms))
    assert all(a.kept != b.kept or a.end_ms <= b.start_ms for a, b in pairwise(by_thing))


@given(lives())
def test_whatever_two_sound_looks_saw_is_claimed(looks):
    found = followed(*looks)
    for (before, start, saw), (after, stop, still) in pairwise(looks):
        passed = after.mono_ms - before.mono_ms
        sound = passed == after.awake_ms - before.awake_ms < 3 * MINUTE and passed == after.wall_ms - before.wall_ms
        for kept in {one.kept for one in saw} & {one.kept for one in still}:
            claimed = any(s.kept == kept and s.start_ms <= start and stop <= s.end_ms for s in found)
            assert claimed == sound


@given(st.lists(st.sets(st.integers(0, 200)), max_size=60))
def test_no_life_makes_more_rows_than_were_granted(days):
    looks = [at(minute, *(str(n) for n in sorted(seen))) for minute, seen in enumerate(days)]
    assert len(followed(*looks)) <= ROWS_SAVED + len(looks) * MINUTE // ROW_MS
