"""The collector as shipped, on a real PostgreSQL: it lives while its database is away, and nobody waits for others."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest
from asking import Answer, Meanwhile, ask, busy, enrolled, figures
from ingesting import batch
from planwhy_collector.db import Database
from postgres_server import PostgresServer, need_server
from running import CollectorProgram, eventually
from sqlalchemy import text

BACK_S = 5.0
"""The collector serves so soon after its database is back."""
COOKIE = "planwhy_session=x"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    need_server(own=True)
    own = PostgresServer(durable=True)
    yield own
    own.close()


@pytest.fixture(scope="module")
def collector(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CollectorProgram]:
    pools = {"ingest_pool": 2, "report_pool": 2, "pool_wait_s": 1, "metrics_token": "tok"}
    program = CollectorProgram(tmp_path_factory.mktemp("serving"), server.copy(), **pools)
    program.start()
    yield program
    program.end()


@pytest.fixture(scope="module")
def token(collector: CollectorProgram) -> str:
    return enrolled(collector)


def send(collector: CollectorProgram, token: str, name: str) -> Answer:
    return ask(collector, "/api/v1/spans", batch(name, []), Authorization=f"Bearer {token}")


@contextmanager
def locked(collector: CollectorProgram, table: str) -> Iterator[None]:
    """Keep everybody else out of a table."""
    with Database(collector.database_url) as database, database.writing() as session:
        session.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


def assert_away(answer: Answer) -> None:
    assert (answer.status, answer.json["error"], answer.json["retryable"]) == (503, "unavailable", True)
    assert int(answer.headers["retry-after"]) > 0


def test_agents_are_served_while_slow_reports_take_all_their_threads(collector: CollectorProgram, token: str) -> None:
    page = partial(ask, collector, "/sign-in", Cookie=COOKIE)
    with locked(collector, "user_sessions"):
        slow = Meanwhile(page, page)
        busy(collector, "reports", 2)
        assert [send(collector, token, f"slow{n}").status for n in range(5)] == [200] * 5
        assert [ask(collector, path).status for path in ("/livez", "/readyz")] == [200, 200]
        turned_away = page()
        assert (turned_away.status, turned_away.headers["retry-after"]) == (503, "5")
        assert "Try again" in turned_away.text
    assert [answer.status for answer in slow.ended()] == [200, 200]


def test_reports_are_served_while_slow_batches_take_all_their_threads(collector: CollectorProgram, token: str) -> None:
    with locked(collector, "devices"):
        slow = Meanwhile(*(partial(send, collector, token, f"b{n}") for n in range(2)))
        busy(collector, "ingest", 2)
        assert_away(send(collector, token, "b2"))
        assert ask(collector, "/sign-in").status == 200
    assert [answer.status for answer in slow.ended()] == [200, 200]


@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_a_schema_of_another_release_is_not_ready(collector: CollectorProgram, revision: str) -> None:
    with Database(collector.database_url) as database:
        with database.writing() as session:
            before = session.scalar(text("SELECT version_num FROM alembic_version"))
            session.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
        other = ask(collector, "/readyz")
        with database.writing() as session:
            session.execute(text(f"UPDATE alembic_version SET version_num = '{before}'"))
    assert (other.status, other.text) == (503, "the database is not at this release's schema\n")
    assert other.headers["retry-after"] == "5" and ask(collector, "/readyz").status == 200


def test_a_killed_database_is_503_and_served_again_when_it_is_back(
    collector: CollectorProgram, token: str, server: PostgresServer
) -> None:
    server.kill()
    assert ask(collector, "/livez").status == 200
    assert (ask(collector, "/readyz").status, figures(collector)["planwhy_database_up"]) == (503, 0)
    for n in range(4):
        assert_away(send(collector, token, f"away{n}"))
    page = ask(collector, "/sign-in", Cookie=COOKIE)
    assert page.status == 503 and page.text.startswith("<!doctype html>") and page.headers["retry-after"]
    server.start()
    eventually(lambda: send(collector, token, "back").status == 200, within_s=BACK_S)
    assert ask(collector, "/readyz").status == 200


@contextmanager
def hanging(server: PostgresServer) -> Iterator[None]:
    """A server that neither answers nor goes away."""
    assert server.process
    everyone = [server.process.pid, *(p.pid for p in psutil.Process(server.process.pid).children(recursive=True))]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in everyone:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_nothing_waits_for_ever_for_a_database_that_hangs(
    collector: CollectorProgram, token: str, server: PostgresServer
) -> None:
    with hanging(server):
        stuck = Meanwhile(*(partial(send, collector, token, f"stuck{n}") for n in range(3)))
        for _ in range(3):
            began = time.monotonic()
            assert ask(collector, "/readyz").status == 503
            assert ask(collector, "/livez").status == 200
            assert time.monotonic() - began < 4
        for answer in stuck.ended():
            assert_away(answer)
        eventually(lambda: figures(collector)['planwhy_threads_busy{lane="ingest"}'] == 0)
    eventually(lambda: send(collector, token, "goes on").status == 200, within_s=BACK_S)


def test_a_collector_that_starts_before_its_database_opens_when_that_is_there(
    server: PostgresServer, tmp_path: Path
) -> None:
    program = CollectorProgram(tmp_path, server.copy(), metrics_token="tok")
    server.stop()
    super(CollectorProgram, program).start()
    try:
        eventually(lambda: ask(program, "/livez").status == 200, within_s=60)
        assert ask(program, "/readyz").status == 503
        assert_away(ask(program, "/api/v1/teams"))
        assert figures(program)["planwhy_database_up"] == 0
        server.start()
        eventually(lambda: ask(program, "/api/v1/teams").status == 401, within_s=BACK_S)
        assert "the database is away" in program.log.read_text()
    finally:
        program.end()
