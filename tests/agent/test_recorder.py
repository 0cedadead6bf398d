"""Stages 3 and 4 together: restarts leave no hole, and the collector's clock is taken over without one."""

from itertools import pairwise
from pathlib import Path

import pytest
from agent_parts import NOON_MS, moment
from planwhy_agent import batches
from planwhy_agent.privacy import Kept
from planwhy_agent.recorder import Recorder
from planwhy_agent.spool import Spool

A, B = Kept("active", "a"), Kept("active", "b")
HOUR = 3_600_000


@pytest.fixture
def spool(tmp_path: Path):
    found = Spool(tmp_path / "spool.sqlite3", recover=True)
    yield found
    found.close()


def rows(spool: Spool) -> list[tuple[int, int]]:
    found = spool.connection.execute("SELECT start_ms, end_ms FROM spans ORDER BY epoch_no, seq").fetchall()
    return [(a - NOON_MS, b - NOON_MS) for a, b in found]


def recorded(spool: Spool, start_ms: int, jump_ms: int = 0, offset_ms: int = 0) -> Recorder:
    recorder = Recorder(spool, offset_ms)
    for i in range(4):
        recorder.take(moment(start_ms + i * 1000, jump_ms=jump_ms), (A, B)[i % 2], 0)
    return recorder


def test_a_restart_closes_the_hole_with_off(spool):
    recorded(spool, 0).stop(moment(4000))
    recorded(spool, 10_000).stop(moment(14_000))
    found = rows(spool)
    assert (4000, 10_000) in found
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert found[-1][1] == 14_000


def test_what_was_checkpointed_survives_a_kill_and_nothing_overlaps(spool):
    recorded(spool, 0).write(moment(3000))
    recorded(Spool(spool.path), 20_000).stop(moment(24_000))
    found = rows(spool)
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert found[0][0] == 0


@pytest.mark.parametrize("wrong_ms", [3 * HOUR, -3 * HOUR, 400 * 24 * HOUR])
def test_a_wrong_clock_is_corrected_before_anything_is_sent(spool, wrong_ms):
    recorder = recorded(spool, 0, jump_ms=wrong_ms)
    recorder.correct(NOON_MS + 3000, moment(3000).mono_ms)
    recorder.stop(moment(4000, jump_ms=wrong_ms))
    assert rows(spool)[0][0] == 0
    assert rows(spool)[-1][1] == 4000


def test_a_correction_moves_the_end_of_the_pause_before_this_run(spool):
    recorded(spool, 0).stop(moment(4000))
    recorder = recorded(spool, 20_000, jump_ms=-HOUR)
    recorder.correct(NOON_MS + 23_000, moment(23_000).mono_ms)
    recorder.stop(moment(24_000, jump_ms=-HOUR))
    found = rows(spool)
    assert found[-1][1] == 24_000
    assert (4000, 20_000) in found
    assert all(a[1] == b[0] for a, b in pairwise(found))


def test_once_sent_a_span_is_not_moved_and_time_skips_forward_as_off(spool):
    recorder = recorded(spool, 0)
    recorder.write(moment(3000))
    sent = batches.next_offer(spool, NOON_MS).content
    recorder.correct(NOON_MS + HOUR, moment(3000).mono_ms)
    recorder.stop(moment(4000))
    assert batches.next_offer(spool, NOON_MS).content == sent
    assert (3000, HOUR) in rows(spool)
    assert rows(spool)[-1][1] == HOUR + 1000


def test_far_ahead_of_the_collector_a_new_epoch_begins_at_the_right_time(spool):
    recorder = recorded(spool, 0)
    recorder.write(moment(3000))
    batches.next_offer(spool, NOON_MS)
    recorder.correct(NOON_MS - 5 * HOUR, moment(3000).mono_ms)
    recorder.stop(moment(4000))
    assert spool.connection.execute("SELECT count(*) FROM epochs").fetchone()[0] == 2
    assert rows(spool)[-1][1] == 1000 - 5 * HOUR


@pytest.mark.parametrize("wrong_ms", [400 * 24 * HOUR, 70 * 24 * HOUR, 20 * 24 * HOUR, -400 * 24 * HOUR, -5 * HOUR])
def test_a_wrong_clock_at_a_later_start_leaves_neither_a_hole_nor_time_in_the_future(spool, wrong_ms):
    recorded(spool, 0).stop(moment(4000))
    recorder = recorded(spool, 20_000, jump_ms=wrong_ms)
    recorder.correct(NOON_MS + 23_000, moment(23_000).mono_ms)
    recorder.stop(moment(24_000, jump_ms=wrong_ms))
    found = rows(spool)
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert (found[0][0], found[-1][1]) == (0, 24_000)


def test_a_clock_heard_a_second_late_does_not_reach_into_the_epoch_before(spool):
    recorded(spool, 0).stop(moment(4000))
    recorder = recorded(spool, 4_100, jump_ms=-5 * HOUR)
    recorder.correct(NOON_MS + 7_100 - 900, moment(7_100).mono_ms)
    recorder.stop(moment(8_100, jump_ms=-5 * HOUR))
    found = rows(spool)
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert found[-1][1] == 8_000


def test_an_earlier_epoch_that_lies_in_the_future_is_not_overlapped_by_off(spool):
    recorded(spool, 0, jump_ms=5 * HOUR).stop(moment(4000, jump_ms=5 * HOUR))
    recorder = recorded(spool, 20_000)
    recorder.correct(NOON_MS + 60_000, moment(23_000).mono_ms)
    recorder.stop(moment(24_000))
    late = [row for row in rows(spool) if row[1] < 2 * HOUR]
    assert late[0] == (57_000, 57_000)
    assert late[-1][1] == 61_000


def test_nothing_is_recorded_while_nothing_may_be(spool):
    recorder = Recorder(spool, 0)
    recorder.take(moment(0), None, 0)
    assert rows(spool) == []
    recorder.take(moment(1000), A, 0)
    recorder.take(moment(2000), None, 0)
    recorder.take(moment(9000), A, 0)
    recorder.stop(moment(9500))
    assert rows(spool) == [(1000, 2000), (2000, 9000), (9000, 9500)]
