"""A real collector and senders that break the rules of HTTP: each gets its refusal, and nobody else notices."""

import json
import socket
import time
import urllib.request
from collections.abc import Iterator

import pytest
from ingesting import ENROL, batch
from running import CollectorProgram

HEAD = "POST /api/v1/spans HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CollectorProgram]:
    program = CollectorProgram(tmp_path_factory.mktemp("collector"))
    program.start()
    yield program
    program.end()


@pytest.fixture(scope="module")
def token(collector: CollectorProgram) -> str:
    collector.command_line("employee", "add", "--key", "e1", "--name", "Employee One")
    code = collector.json("enrol-code", "create", "--employee", "e1", "--json")["code"]
    request = urllib.request.Request(
        f"{collector.url}/api/v1/enrol",
        json.dumps(ENROL | {"code": code}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


def connected(collector: CollectorProgram, sent: bytes) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", collector.port), timeout=10)
    opened.sendall(sent)
    return opened


def answered(opened: socket.socket) -> tuple[int, dict[str, object]]:
    """Status and JSON of the answer; ({}, 0) where the connection closed without one."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = opened.recv(65536)
        if not part:
            return 0, {}
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += opened.recv(65536)
    return int(head.split()[1]), json.loads(body) if body.startswith(b"{") else {}


def head(token: str, more: str) -> bytes:
    return f"{HEAD}Authorization: Bearer {token}\r\n{more}\r\n\r\n".encode()


def test_a_healthy_batch_passes_while_hundreds_of_bodies_stall(collector: CollectorProgram, token: str) -> None:
    stalled = [connected(collector, head(token, "Content-Length: 500") + b"{") for _ in range(300)]
    body = json.dumps(batch("healthy", [])).encode()
    with connected(collector, head(token, f"Content-Length: {len(body)}") + body) as opened:
        status, receipt = answered(opened)
    for one in stalled:
        one.close()
    assert (status, receipt["batch_id"]) == (200, "healthy")


def test_a_chunked_body_is_refused_for_want_of_its_length(collector: CollectorProgram, token: str) -> None:
    with connected(collector, head(token, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n") as opened:
        status, refusal = answered(opened)
    assert (status, refusal["error"]) == (411, "length_required")


def test_a_body_cut_short_is_refused_and_stored_nowhere(collector: CollectorProgram, token: str) -> None:
    body = json.dumps(batch("short", [])).encode()
    with connected(collector, head(token, f"Content-Length: {len(body) + 10}") + body) as opened:
        opened.shutdown(socket.SHUT_WR)
        status, _ = answered(opened)
    with connected(collector, head(token, f"Content-Length: {len(body)}") + body) as opened:
        assert "duplicate" not in answered(opened)[1]
    assert status in (0, 400)


def test_too_large_a_body_is_refused_so_that_its_sender_can_read_it(collector: CollectorProgram, token: str) -> None:
    size = 3 << 20
    with connected(collector, head(token, f"Content-Length: {size}") + b" " * size) as opened:
        status, refusal = answered(opened)
    assert (status, refusal["error"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "+1", "1x", "1, 2", "9" * 30])
def test_a_length_that_is_no_number_is_refused(collector: CollectorProgram, token: str, length: str) -> None:
    with connected(collector, head(token, f"Content-Length: {length}")) as opened:
        assert answered_status(opened) in (400, 411, 413)


def answered_status(opened: socket.socket) -> int:
    return int(opened.recv(65536).split()[1])


def test_an_endless_body_ends_with_its_connection(collector: CollectorProgram, token: str) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent, end = 0, time.monotonic() + 60
    with connected(collector, head(token, "Transfer-Encoding: chunked")) as opened:
        try:
            while time.monotonic() < end:
                opened.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
    assert sent < 200 << 20


@pytest.mark.parametrize("path", ["/api/v1/%00", "/api/%ff%fe", "/api/v1/spans/%2e%2e/x", "/api/v1/" + "a" * 5000])
def test_odd_paths_are_not_found_and_nothing_worse(collector: CollectorProgram, path: str) -> None:
    with connected(collector, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as opened:
        status, refusal = answered(opened)
    assert (status, refusal["error"]) == (404, "not_found")


def test_the_log_names_no_title_no_address_and_no_token(collector: CollectorProgram, token: str) -> None:
    spans = [
        {"seq": 1, "start_ms": 5, "end_ms": 6, "state": "active", "title": "секрет", "url": "http://secret.example/"}
    ]
    body = json.dumps(batch("log", spans) | {"epoch": 7}).encode()
    with connected(collector, head(token, f"Content-Length: {len(body)}") + body) as opened:
        assert answered(opened)[0] == 422
    log = collector.log.read_text(encoding="utf-8")
    assert '"status": 422' in log
    assert not [word for word in ("секрет", "secret.example", token) if word in log]
