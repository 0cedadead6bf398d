"""The tests' own server survives being killed with all that it acknowledged, and never outlives the tests."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from planwhy_collector.db import Database
from postgres_server import PostgresServer, need_server
from running import eventually
from sqlalchemy import create_engine, text

SUPPORT = Path(__file__).parents[1] / "support"
CHILD = """
import sys, time
from postgres_server import PostgresServer
server = PostgresServer(durable=True)
print(server.process.pid, server.folder, flush=True)
time.sleep(600)
"""


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def test_what_was_committed_outlives_a_kill_and_a_stop(durable_postgres: PostgresServer) -> None:
    url = durable_postgres.copy()
    with psycopg.connect(url.replace("+psycopg", "")) as open_one:
        for number, end in enumerate((durable_postgres.kill, durable_postgres.stop)):
            _query(url, f"INSERT INTO words VALUES ({number}, 'w{number}')")
            end()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(url.replace("+psycopg", ""))
            durable_postgres.start()
            assert len(_query(url, "SELECT id FROM words")) == number + 1
        with pytest.raises(psycopg.OperationalError):
            open_one.execute("SELECT 1")
    assert _query(url, "SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [("on", "on")]


def test_a_killed_server_leaves_no_process(durable_postgres: PostgresServer) -> None:
    assert durable_postgres.process
    postmaster = psutil.Process(durable_postgres.process.pid)
    with Database(durable_postgres.copy()) as database, database.reading():
        everyone = [postmaster, *postmaster.children(recursive=True)]
        durable_postgres.kill()
    assert len(everyone) > 3
    assert not [one for one in everyone if one.is_running()]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_whose_tests_were_killed_ends_by_itself(how: signal.Signals) -> None:
    need_server(own=True)
    path = f"import sys; sys.path.insert(0, {str(SUPPORT)!r})\n"
    with subprocess.Popen([sys.executable, "-c", path + CHILD], stdout=subprocess.PIPE) as child:
        assert child.stdout
        pid, folder = child.stdout.readline().split()
        server = psutil.Process(int(pid))
        everyone = [server, *server.children(recursive=True)]
        child.send_signal(how)
    eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in everyone))
    eventually(lambda: not Path(folder.decode()).exists())


@pytest.mark.parametrize(("ci", "ending"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_no_server_fails_in_ci_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, ci: str, ending: type[BaseException]
) -> None:
    monkeypatch.delenv("PLANWHY_TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr("postgres_server._installed", lambda: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ending, match="no PostgreSQL server"):
        need_server()
