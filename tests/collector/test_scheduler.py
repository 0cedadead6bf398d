"""Each tick of a job runs once, whoever is there to run it, and a failure is written down."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NotFound
from planwhy_collector.queries.job_runs import claim, finish, last_runs
from planwhy_collector.scheduler import LEASE_MS, Job, run_by_hand, run_tick

NOW_MS = 1_795_000_000_000
SETTINGS = Settings(secret_key="tests")


def counting(ran: list[int]) -> Job:
    return Job("count", 5, lambda _database, _settings, now_ms: ran.append(now_ms) or 1)


def test_a_tick_runs_once_however_many_ask(database: Database) -> None:
    ran: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: run_tick(counting(ran), database, SETTINGS, lambda: NOW_MS + n), range(12)))
    assert (len(ran), answers.count(True)) == (1, 1)


def test_the_next_tick_runs_again(database: Database) -> None:
    ran: list[int] = []
    for minutes in (0, 1, 5, 11):
        run_tick(counting(ran), database, SETTINGS, lambda at=NOW_MS + minutes * 60_000: at)
    assert len(ran) == 3


def test_a_tick_whose_owner_was_killed_is_taken_over_when_its_lease_ran_out(database: Database) -> None:
    with database.writing() as session:
        assert claim(session, "count", 0, "dead", 1_000, LEASE_MS)
    with database.writing() as session:
        assert not claim(session, "count", 0, "other", 2_000, LEASE_MS)
        assert claim(session, "count", 0, "other", 2_000 + LEASE_MS, LEASE_MS)
        finish(session, "count", 0, "dead", "too late")
        finish(session, "count", 0, "other", None)
    with database.reading() as session:
        (run,) = last_runs(session)
    assert (run.status, run.attempts, run.error) == ("done", 2, None)


def test_a_failure_is_stored_without_its_text_and_the_clock_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_database: Database, _settings: Settings, _now_ms: int) -> int:
        raise RuntimeError("the secret title")

    assert run_tick(Job("bad", 5, fail), database, SETTINGS, lambda: NOW_MS)
    with database.reading() as session:
        (run,) = last_runs(session)
    assert (run.status, run.error) == ("failed", "RuntimeError")
    assert "job=bad" in caplog.messages[0]


def test_a_job_that_there_is_not_is_named_with_those_there_are(database: Database) -> None:
    with pytest.raises(NotFound, match="settle"):
        run_by_hand("dance", database, SETTINGS, NOW_MS)
    assert run_by_hand("settle", database, SETTINGS, NOW_MS) == 0
