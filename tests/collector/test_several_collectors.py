"""Several collectors on one PostgreSQL: each tick of a job is run by one of them, also when its runner is killed."""

import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import ask, enrolled, figures
from ingesting import batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import JobRun
from postgres_server import PostgresServer
from running import CollectorProgram, eventually, free_port
from sqlalchemy import select, text

TICKING = Path(__file__).parents[1] / "support" / "ticking.py"


@pytest.fixture
def shared(postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.copy()
    with Database(url) as database:
        with database.writing() as session:
            session.execute(text("CREATE TABLE ran (name text)"))
        yield database
    postgres.drop(url)


def ticking(database: Database, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(TICKING), database.url, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline()
    return process


def ticks(database: Database, **values: object) -> list[JobRun]:
    with database.reading() as session:
        return list(session.scalars(select(JobRun).filter_by(**values).order_by(JobRun.slot_ms)))


def runs(database: Database) -> Counter[str]:
    with database.reading() as session:
        return Counter(session.scalars(text("SELECT name FROM ran")))


def test_each_tick_is_run_by_exactly_one_of_three(shared: Database) -> None:
    processes = [ticking(shared, name) for name in "abc"]
    try:
        eventually(lambda: len(ticks(shared, status="done")) >= 8)
    finally:
        for one in processes:
            one.kill()
            one.wait()
    done, begun = ticks(shared, status="done"), ticks(shared)
    assert all(tick.attempts == 1 for tick in begun)
    assert len(done) <= sum(runs(shared).values()) <= len(begun)
    assert len({tick.slot_ms for tick in begun}) == len(begun)


def test_a_tick_whose_runner_is_killed_is_taken_over_and_done(shared: Database) -> None:
    killed = ticking(shared, "killed", "hang")
    assert (killed.stdout and killed.stdout.readline() == "hanging\n") or eventually(lambda: ticks(shared))
    (left,) = ticks(shared)
    other = ticking(shared, "other")
    try:
        killed.kill()
        killed.wait()
        (over,) = eventually(lambda: ticks(shared, slot_ms=left.slot_ms, status="done"))
    finally:
        other.kill()
        other.wait()
    assert (over.attempts, over.owner == left.owner) == (2, False)
    assert set(runs(shared)) == {"other"}


@pytest.mark.slow
def test_three_served_collectors_share_jobs_and_devices(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.copy()
    everyone = []
    for n in range(3):
        (tmp_path / str(n)).mkdir()
        everyone.append(CollectorProgram(tmp_path / str(n), url, metrics_token="tok"))
    try:
        for one in everyone:
            one.start()
        token = enrolled(everyone[0])
        for n, one in enumerate([*everyone, *everyone]):
            sent = ask(one, "/api/v1/spans", batch(f"b{n % 3}", [span(n % 3)]), Authorization=f"Bearer {token}")
            assert (sent.status, sent.json.get("duplicate", False)) == (200, n >= 3)
        with Database(url) as database:
            eventually(lambda: {tick.job for tick in ticks(database, status="done")} >= {"settle", "cases", "prune"})
            done = Counter(tick.job for tick in ticks(database, status="done"))
            counted = Counter(job for one in everyone for job in counted_ticks(one))
            assert all(tick.attempts == 1 for tick in ticks(database)) and counted >= done - Counter({"settle": 1})
            assert counted["cases"] == counted["prune"] == 1
    finally:
        for one in everyone:
            one.end()
        postgres.drop(url)


def counted_ticks(collector: CollectorProgram) -> list[str]:
    """The jobs whose ticks ended in a collector, each as often as that."""
    found = {k: v for k, v in figures(collector).items() if k.startswith("planwhy_job_ticks_total")}
    return [key.split('job="')[1].split('"')[0] for key, value in found.items() for _ in range(int(value))]


@pytest.mark.slow
def test_the_figures_of_several_processes_add_up(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.copy()
    program = CollectorProgram(tmp_path, url, metrics_token="tok", workers=2)
    try:
        program.start()
        token = enrolled(program)
        for n in range(20):
            assert (
                ask(program, "/api/v1/spans", batch(f"b{n}", [span(n)]), Authorization=f"Bearer {token}").status == 200
            )
        for _ in range(4):
            told = figures(program)
            assert told['planwhy_spans_total{outcome="accepted"}'] == 20
            assert told['planwhy_requests_total{method="POST",route="/api/v1/spans",status="200"}'] == 20
            assert told['planwhy_threads{lane="ingest"}'] == 16
        assert program.stop() == 0
    finally:
        program.end()
        postgres.drop(url)


def test_without_a_scheduler_no_job_runs_and_metrics_have_an_address_of_their_own(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url, port = postgres.copy(), free_port()
    program = CollectorProgram(tmp_path, url, metrics_address=f"127.0.0.1:{port}")
    program.command[-1] = "--no-scheduler"
    try:
        program.start()
        assert ask(program, "/metrics").status == 404
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as told:
            assert b"\nplanwhy_database_up 1.0\n" in told.read()
        with Database(url) as database:
            assert ticks(database) == []
    finally:
        program.end()
        postgres.drop(url)
