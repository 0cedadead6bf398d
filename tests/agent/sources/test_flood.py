"""What holds off a browser that talks too much: limits, and pauses that grow and are known to all processes."""

from pathlib import Path

import pytest
from agent_parts import Clock
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.flood import (
    BURST,
    FILE_NAME,
    FIRST_PAUSE_S,
    FORGIVEN_S,
    LONGEST_PAUSE_S,
    PER_S,
    REMEMBERED,
    Bucket,
    KeptPauses,
    Pauses,
)

ASKED = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 60)), max_size=60)


@given(asked=ASKED)
def test_nobody_ever_takes_more_than_a_burst_and_what_time_brings(asked: list[tuple[float, int]]) -> None:
    now, taken, bucket = 50.0, 0, Bucket(50.0)
    for later, count in asked:
        now += later
        taken += count if bucket.take(count, now) else 0
        assert taken <= BURST + PER_S * (now - 50.0) + 1e-6


@given(asked=ASKED)
def test_who_stays_below_the_rate_is_never_refused(asked: list[tuple[float, int]]) -> None:
    now, bucket = 0.0, Bucket(0.0)
    for later, count in asked:
        now += later + count / PER_S
        assert bucket.take(count, now)


def test_an_empty_limit_says_when_there_is_room_again() -> None:
    bucket = Bucket(0.0, per_s=2.0, burst=4.0)
    assert bucket.take(4, 0.0)
    assert bucket.wait_s(0.0) == 0.5
    assert not bucket.take(1, 0.4)
    assert bucket.take(1, 0.5)


def test_a_clock_that_runs_back_gives_nothing_away() -> None:
    bucket = Bucket(100.0, per_s=1.0, burst=1.0)
    assert bucket.take(1, 100.0)
    assert not bucket.take(1, 0.0)
    assert not bucket.take(1, 100.5)


def test_pauses_double_up_to_the_longest_and_end() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    lengths = [pauses.strike(7) for _ in range(9)]
    assert lengths[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert lengths[-1] == pauses.wait_s(7) == LONGEST_PAUSE_S
    assert pauses.wait_s(8) == 0
    clock.now += LONGEST_PAUSE_S
    assert pauses.wait_s(7) == 0


def test_after_a_quiet_time_the_next_pause_is_the_first_again() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    pauses.strike(7)
    clock.now += FIRST_PAUSE_S + FORGIVEN_S
    assert pauses.strike(7) == FIRST_PAUSE_S


def test_another_process_knows_of_a_pause(tmp_path: Path) -> None:
    clock = Clock()
    KeptPauses(tmp_path, clock).strike(7)
    assert KeptPauses(tmp_path, clock).wait_s(7) == FIRST_PAUSE_S
    assert KeptPauses(tmp_path, clock).strike(7) == 2 * FIRST_PAUSE_S
    assert [one.name for one in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("bad", [b"", b"[]", b'{"7":[1]}', b'{"x":[1,2]}', b'{"7":[1,"\xff"]}', b"[" * 100_000])
def test_a_damaged_file_counts_as_none_and_is_replaced(tmp_path: Path, bad: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(bad)
    assert KeptPauses(tmp_path).wait_s(7) == 0
    KeptPauses(tmp_path).strike(7)
    assert KeptPauses(tmp_path).wait_s(7) > 0


def test_a_restart_of_the_machine_leaves_no_endless_pause(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"7":[3,1e300]}')
    assert KeptPauses(tmp_path).wait_s(7) == LONGEST_PAUSE_S


def test_no_more_than_so_many_are_remembered() -> None:
    pauses = Pauses(Clock())
    for pid in range(REMEMBERED + 1):
        pauses.strike(pid)
    assert pauses.wait_s(0) == 0
    assert pauses.wait_s(1) > 0
