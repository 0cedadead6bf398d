"""A collector that is asked to stop answers what it has begun, and ends; asked twice, it ends at once."""

import json
import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from asking import Meanwhile, ask, busy, enrolled
from ingesting import batch
from planwhy_collector.db import Database
from postgres_server import PostgresServer
from running import CollectorProgram, eventually
from sqlalchemy import text

POST = "POST /api/v1/spans HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def collector(postgres: PostgresServer, tmp_path: Path) -> Iterator[CollectorProgram]:
    url = postgres.copy()
    program = CollectorProgram(tmp_path, url, metrics_token="tok", stop_s=12)
    program.start()
    yield program
    program.end()
    postgres.drop(url)


def opened(collector: CollectorProgram, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", collector.port), timeout=30)
    connection.sendall(sent)
    return connection


def terminate(collector: CollectorProgram) -> None:
    assert collector.process
    collector.process.terminate()


def refuses(collector: CollectorProgram) -> bool:
    try:
        opened(collector, b"").close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # taken into the queue of a listener that closed just then
        return False
    return False


def test_requests_in_flight_and_bodies_on_their_way_are_answered(collector: CollectorProgram) -> None:
    token = enrolled(collector)
    body = json.dumps(batch("late", [])).encode()
    head = f"{POST}Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with Database(collector.database_url) as database, database.writing() as session:
        session.execute(text("LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE"))
        slow = Meanwhile(*[partial(ask, collector, "/sign-in", Cookie="planwhy_session=x")] * 5)
        half = opened(collector, b"GET /livez HTTP/1.1\r\nHo")
        arriving = opened(collector, head + body[:5])
        stalled = opened(collector, head + body[:5])
        busy(collector, "reports", 5)
        terminate(collector)
        eventually(lambda: refuses(collector))
        time.sleep(1)
        arriving.sendall(body[5:])
        assert b"200 OK" in arriving.recv(4096)
    assert [(answer.status, answer.text.rstrip()[-7:]) for answer in slow.ended()] == [(200, "</html>")] * 5
    assert b"408 Request Timeout" in stalled.recv(4096)
    assert collector.process and collector.process.wait(timeout=20) == 0
    half.close()
    assert "stopped" in collector.log.read_text() and "refused to gracefully" not in collector.log.read_text()


def test_asked_twice_it_ends_at_once(collector: CollectorProgram) -> None:
    with Database(collector.database_url) as database, database.writing() as session:
        session.execute(text("LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE"))
        slow = Meanwhile(partial(ask, collector, "/sign-in", Cookie="planwhy_session=x"))
        busy(collector, "reports", 1)
        terminate(collector)
        eventually(lambda: refuses(collector))
        began = time.monotonic()
        assert collector.stop() == 1
        assert time.monotonic() - began < 5
        assert [answer.status for answer in slow.ended()] == [0]
