"""A database that is away is said to be away: 503 with Retry-After for agents, a plain page for people, never 500."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ingesting import Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.engines import ingest_pool
from postgres_server import PostgresServer
from signed_in import LEAD, site
from sqlalchemy import event, make_url, text
from werkzeug.test import TestResponse

SPANS = [span(n, app="a.exe", title="t" * 400 + str(n), state="active") for n in range(200)]


def assert_away(answer: TestResponse) -> None:
    assert (answer.status_code, answer.json["error"], answer.json["retryable"]) == (503, "unavailable", True)
    assert int(answer.headers["Retry-After"]) > 0


def sqlite_path(database: Database) -> Path:
    return Path(str(make_url(database.url).database))


def full(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")


def read_only(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only=ON")


@pytest.mark.parametrize("fault", [full, read_only])
def test_a_full_disk_and_a_read_only_file_are_503(database: Database, fault: object) -> None:
    agents = Agents(database)
    token = agents.token()
    database.close()
    event.listen(database.writer, "connect", lambda connection, _: fault(connection))  # type: ignore[operator]
    assert_away(agents.send(token, batch("b1", SPANS)))
    assert agents.client.get("/sign-in").status_code == 200


def test_a_file_that_another_program_keeps_locked_is_503(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(database)
    token = agents.token()
    event.listen(database.writer, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(sqlite_path(database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_away(agents.send(token, batch("b1", SPANS)))
    assert agents.send(token, batch("b1", SPANS)).status_code == 200


def test_readers_of_a_file_do_not_wait_for_its_writer(database: Database) -> None:
    agents = Agents(database)
    mine = {"Authorization": f"Bearer {agents.token()}"}
    event.listen(database.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))
    with database.writing():
        assert agents.client.get("/api/v1/agent/policy", headers=mine).status_code == 200
        assert agents.client.get("/sign-in").status_code == 200
        assert database.current()


def test_a_damaged_file_is_503_so_that_agents_keep_what_they_have(database: Database) -> None:
    agents = Agents(database)
    token = agents.token()
    database.close()
    sqlite_path(database).write_bytes(b"no database" * 1000)
    assert_away(agents.send(token, batch("b1", SPANS)))


@contextmanager
def all_taken(database: Database) -> Iterator[None]:
    """Keep every connection of the pool."""
    held = [database.engine.connect() for _ in range(database.engine.pool.size())]  # type: ignore[attr-defined]
    yield
    for one in held:
        one.close()


def test_a_pool_without_a_free_connection_is_503_after_its_wait(database: Database) -> None:
    with database.beside(ingest_pool(1, 0.1)) as small:
        agents = Agents(small)
        token = agents.token()
        with all_taken(small):
            assert_away(agents.send(token, batch("b1", [])))
        assert agents.send(token, batch("b1", [])).status_code == 200


def test_a_page_says_it_in_words_and_gives_back_what_was_typed(database: Database) -> None:
    place = site(database)
    lead = place.client(LEAD)
    database.close()
    sqlite_path(database).write_bytes(b"no database" * 1000)
    for path in ("/team", "/sign-in", "/no/such/page"):
        answer = lead.get(path)
        assert answer.status_code == 503 and "away for now" in answer.text and "Retry-After" in answer.headers
    typed = lead.post("/language", data={"reason": "Because <b>"})
    assert typed.status_code == 503 or "Because &lt;b&gt;" in typed.text
    assert_away(lead.get("/api/v1/teams"))


def test_a_lock_that_is_not_to_be_had_is_503(postgres: PostgresServer) -> None:
    url = postgres.copy()
    with Database(url) as database, Database(url) as other, other.writing() as blocking:
        agents = Agents(database)
        token = agents.token()
        event.listen(database.engine, "checkout", lambda c, *_: c.execute("SET lock_timeout = '100ms'"))
        blocking.execute(text("LOCK TABLE devices IN ACCESS EXCLUSIVE MODE"))
        assert_away(agents.send(token, batch("b1", [])))
    postgres.drop(url)


def test_too_many_connections_are_503(postgres: PostgresServer) -> None:
    url = postgres.copy()
    with Database(postgres.url) as admin, Database(make_url(url).set(username="plain").render_as_string()) as database:
        tell(admin, "DROP ROLE IF EXISTS plain", "CREATE ROLE plain LOGIN", "GRANT planwhy TO plain")
        agents = Agents(database)
        token = agents.token()
        database.close()
        tell(admin, "ALTER ROLE plain CONNECTION LIMIT 0")
        assert_away(agents.send(token, batch("b1", [])))
    postgres.drop(url)


def test_a_server_that_takes_no_writes_is_503_until_it_does(postgres: PostgresServer) -> None:
    url = postgres.copy()
    change = f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = {{}}"
    with Database(postgres.url) as admin, Database(url) as database:
        agents = Agents(database)
        token = agents.token()
        tell(admin, change.format("on"))
        database.close()
        assert_away(agents.send(token, batch("b1", [])))
        tell(admin, change.format("off"))
        assert agents.send(token, batch("b1", [])).status_code == 200
    postgres.drop(url)


def tell(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            session.execute(text(statement))


def test_commits_are_on_the_disk_whatever_the_servers_default(postgres: PostgresServer) -> None:
    url = postgres.copy()
    with Database(url) as database, database.writing() as session:
        (default,) = session.execute(text("SELECT reset_val FROM pg_settings WHERE name='synchronous_commit'")).one()
        assert session.scalar(text("SHOW synchronous_commit")) == "on"
    assert default == "off"
    postgres.drop(url)


def test_ingest_has_limits_that_the_server_keeps(postgres: PostgresServer) -> None:
    url = postgres.copy()
    with Database(url, ingest_pool(2, 1)) as database, database.reading() as session:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        found = [session.scalar(text(f"SHOW {name}")) for name in names]
    assert found == ["15s", "10s", "30s"]
    postgres.drop(url)


def test_a_killed_server_is_503_at_once_and_serves_again_when_it_is_back(durable_postgres: PostgresServer) -> None:
    with Database(durable_postgres.copy(), ingest_pool(4, 1)) as database:
        agents = Agents(database)
        token = agents.token()
        warm_up(agents, token)
        durable_postgres.kill()
        for n in range(6):
            assert_away(agents.send(token, batch(f"away{n}", [])))
        durable_postgres.start()
        assert [agents.send(token, batch(f"back{n}", [])).status_code for n in range(6)] == [200] * 6


def warm_up(agents: Agents, token: str) -> None:
    """Fill the pool with connections."""
    threads = [threading.Thread(target=agents.send, args=(token, batch(f"w{n}", []))) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@pytest.mark.parametrize("form", ["host={0},{1}", "host={0}&host={1}"])
def test_of_several_hosts_the_one_that_answers_is_used(durable_postgres: PostgresServer, form: str) -> None:
    second = PostgresServer(durable=True)
    try:
        ports = [make_url(one.url).port for one in (durable_postgres, second)]
        hosts = form.format(*(f"127.0.0.1:{port}" for port in ports))
        durable_postgres.kill()
        url = f"postgresql+psycopg://planwhy@/planwhy_template?{hosts}&target_session_attrs=read-write"
        with Database(url) as database, database.reading() as session:
            assert database.current()
            assert session.scalar(text("SELECT inet_server_port()")) == ports[1]
    finally:
        second.close()
