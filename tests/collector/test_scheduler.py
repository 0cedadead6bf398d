"""Each tick of a job runs once, whoever is there to run it, and a failure is written down."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NotFound
from planwhy_collector.queries.job_runs import (
    ABANDONED,
    MOST_ATTEMPTS,
    Claim,
    RunFact,
    claim,
    database_now,
    finish,
    last_runs,
    renew,
)
from planwhy_collector.scheduler import LEASE_MS, Beside, Job, Scheduler, run_by_hand, run_tick

NOW_MS = 1_795_000_000_000
SETTINGS = Settings(secret_key="tests")


def counting(ran: list[int]) -> Job:
    return Job("count", 300, lambda _database, _settings, now_ms: ran.append(now_ms) or 1)


def beside(database: Database, now_ms: int = NOW_MS) -> Beside:
    return Beside(database, SETTINGS, clock=lambda _session: now_ms)


def claimed(database: Database, owner: str, now_ms: int, slot_ms: int = 0) -> Claim | None:
    with database.writing() as session:
        return claim(session, "count", slot_ms, owner, now_ms, LEASE_MS)


def newest(database: Database) -> RunFact:
    with database.reading() as session:
        (run,) = last_runs(session)
    return run


def in_writing(database: Database, do: Callable[..., bool], *arguments: object) -> bool:
    with database.writing() as session:
        return do(session, *arguments)


def test_a_tick_runs_once_however_many_ask(either: Database) -> None:
    ran: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: run_tick(counting(ran), beside(either, NOW_MS + n)), range(12)))
    assert (len(ran), answers.count(True)) == (1, 1)


def test_the_next_tick_runs_again(database: Database) -> None:
    ran: list[int] = []
    for minutes in (0, 1, 5, 11):
        run_tick(counting(ran), beside(database, NOW_MS + minutes * 60_000))
    assert len(ran) == 3


def test_a_tick_whose_owner_was_killed_is_taken_over_when_its_lease_ran_out(either: Database) -> None:
    dead = claimed(either, "dead", 1_000)
    assert dead and not claimed(either, "other", 2_000)
    over = claimed(either, "other", 2_000 + LEASE_MS)
    assert over and over.attempts == 2
    assert not in_writing(either, finish, dead, "too late") and not in_writing(either, renew, dead, 10**12)
    assert in_writing(either, finish, over, None)
    assert newest(either) == RunFact("count", 0, "done", 2, None)


def test_a_tick_that_was_left_is_taken_over_also_when_the_next_one_is_due(database: Database) -> None:
    claimed(database, "dead", 1_000)
    over = claimed(database, "other", 400_000, slot_ms=300_000)
    assert over and (over.slot_ms, over.attempts) == (0, 2)
    assert claimed(database, "third", 400_001, slot_ms=300_000) is None


def test_the_next_tick_waits_for_the_end_of_a_long_one(database: Database) -> None:
    long = claimed(database, "long", 1_000)
    assert long and in_writing(database, renew, long, 500_000)
    assert not claimed(database, "other", 400_000, slot_ms=300_000)
    assert in_writing(database, finish, long, None)
    assert claimed(database, "other", 400_000, slot_ms=300_000)


def test_a_tick_that_ended_its_processes_is_given_up(database: Database) -> None:
    for n in range(MOST_ATTEMPTS):
        assert claimed(database, f"dead{n}", n * (LEASE_MS + 1))
    assert claimed(database, "other", 10 * LEASE_MS) is None
    assert newest(database) == RunFact("count", 0, "failed", MOST_ATTEMPTS, ABANDONED)


def test_a_lease_is_renewed_while_the_job_is_at_work(either: Database) -> None:
    seen: list[bool] = []
    short = Beside(either, SETTINGS, lease_ms=400)

    def slow(_database: Database, _settings: Settings, _now_ms: int) -> int:
        time.sleep(1.2)
        seen.append(run_tick(Job("slow", 300, slow), short))
        return 1

    assert run_tick(Job("slow", 300, slow), short)
    assert (seen, newest(either).status, newest(either).attempts) == ([False], "done", 1)


def test_who_lost_a_tick_does_not_end_it(database: Database) -> None:
    def frozen(_database: Database, _settings: Settings, _now_ms: int) -> int:
        assert claimed(database, "other", NOW_MS + LEASE_MS + 1, NOW_MS)
        return 1

    late = beside(database)
    assert run_tick(Job("count", 1, frozen), late)
    assert (newest(database).status, newest(database).attempts) == ("running", 2)
    assert late.meters.ticks.labels("count", "lost")._value.get() == 1


def test_asked_to_stop_a_job_at_work_ends_and_no_tick_begins(database: Database) -> None:
    began, ended = threading.Event(), threading.Semaphore(0)

    def slow(_database: Database, _settings: Settings, _now_ms: int) -> int:
        began.set()
        time.sleep(0.5)
        ended.release()
        return 1

    scheduler = Scheduler(Beside(database, SETTINGS), [Job("slow", 1, slow)], look_s=0.05)
    scheduler.start()
    assert began.wait(20)
    scheduler.pause()
    assert not scheduler.ended(0.01)
    assert scheduler.ended(20) and newest(database).status == "done"
    assert ended.acquire(timeout=0) and not ended.acquire(timeout=1.5)


def test_the_databases_clock_tells_the_time(either: Database) -> None:
    with either.reading() as session:
        assert abs(database_now(session) - time.time() * 1000) < 60_000


def test_a_failure_is_stored_without_its_text_and_the_clock_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_database: Database, _settings: Settings, _now_ms: int) -> int:
        raise RuntimeError("the secret title")

    assert run_tick(replace(counting([]), run=fail), beside(database))
    assert (newest(database).status, newest(database).error) == ("failed", "RuntimeError")
    assert [record.__dict__["job"] for record in caplog.records] == ["count", "count"]


def test_a_job_that_there_is_not_is_named_with_those_there_are(database: Database) -> None:
    with pytest.raises(NotFound, match="settle"):
        run_by_hand("dance", database, SETTINGS, NOW_MS)
    assert run_by_hand("settle", database, SETTINGS, NOW_MS) == 0
