"""HTTP as hostile programs of the same machine may speak it: whole requests, or an answer that ends the connection."""

import socket
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from agent_parts import Clock
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.flood import BURST
from planwhy_agent.sources.loopback_http import (
    BODY_BYTES,
    CONNECTIONS,
    HEAD_BYTES,
    KEEP_S,
    REQUEST_S,
    Answer,
    BadRequest,
    LoopbackServer,
    Request,
    Requests,
)

GET = b"GET /a?b=1 HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[LoopbackServer]:
    server = LoopbackServer(0, lambda request: Answer(200, {"told": request.target}), clock)
    yield server
    server.close()


def connected(server: LoopbackServer, *sent: bytes) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    for one in sent:
        link.sendall(one)
        served(server)
    return link


def served(server: LoopbackServer) -> None:
    time.sleep(0.01)
    server.read()


def status_of(link: socket.socket) -> int:
    return int(link.recv(10_000).split(b" ", 2)[1])


def ended(link: socket.socket) -> bool:
    try:
        return link.recv(10) == b""
    except ConnectionResetError:
        return True


@given(cuts=st.lists(st.integers(0, len(GET + POST + GET)), max_size=6))
def test_requests_are_the_same_however_they_are_cut_into_pieces(cuts: list[int]) -> None:
    whole, at = GET + POST + GET, sorted({0, *cuts, len(GET + POST + GET)})
    requests, found = Requests(), list[Request]()
    for start, end in pairwise(at):
        found += requests.feed(whole[start:end])
    assert [(one.method, one.target, one.body) for one in found] == [
        ("GET", "/a?b=1", b""),
        ("POST", "/b", b"hello"),
        ("GET", "/a?b=1", b""),
    ]
    assert not requests.begun


@given(data=st.binary(max_size=300))
def test_whatever_comes_is_a_request_or_refused_and_never_another_error(data: bytes) -> None:
    for start in (b"", b"POST / HTTP/1.1\r\n", GET):
        try:
            Requests().feed(start + data + b"\r\n\r\n")
        except BadRequest as refused:
            assert refused.status in {400, 411, 413, 417, 431}


BAD = [
    (b"GET / HTTP/2.0\r\n\r\n", 400),
    (b"get / HTTP/1.1\r\n\r\n", 400),
    (b"GET  / HTTP/1.1\r\n\r\n", 400),
    (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
    (b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES + 1), 413),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", 417),
    (b"GET / HTTP/1.1\r\nA: " + b"x" * HEAD_BYTES, 431),
]


@pytest.mark.parametrize(("sent", "status"), BAD, ids=range(len(BAD)))
def test_a_doubtful_request_is_refused_and_its_connection_ends(
    server: LoopbackServer, sent: bytes, status: int
) -> None:
    with connected(server, sent) as link:
        assert status_of(link) == status
        assert ended(link)
    assert server.closed == 1


def test_a_connection_is_kept_for_the_next_request_and_closed_where_that_is_asked(server: LoopbackServer) -> None:
    with connected(server, GET) as link:
        assert status_of(link) == 200
        link.sendall(b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        served(server)
        assert link.recv(10_000).endswith(b'{"told": "/last"}')
        assert ended(link)


def test_a_slow_sender_is_cut_off_and_holds_up_nobody(server: LoopbackServer, clock: Clock) -> None:
    with connected(server, b"GET / HT") as slow, connected(server, GET) as quick:
        assert status_of(quick) == 200
        for _ in range(3):
            clock.now += REQUEST_S / 3 + 0.1
            slow.sendall(b"T")
            served(server)
        assert ended(slow)
        assert server.closed == 1
        clock.now += KEEP_S
        served(server)
        assert ended(quick)


def test_a_flood_is_told_so_and_ends(server: LoopbackServer) -> None:
    with connected(server, GET * round(BURST + 1)) as link:
        assert status_of(link) == 429
        assert ended(link)


def test_connections_over_the_limit_are_closed(server: LoopbackServer) -> None:
    links = [connected(server, b"G") for _ in range(CONNECTIONS + 1)]
    served(server)
    assert ended(links[-1])
    assert len(server.filenos()) == CONNECTIONS + 1
    for link in links:
        link.close()


def test_it_listens_on_loopback_only_and_a_taken_port_is_an_error(server: LoopbackServer) -> None:
    with pytest.raises(OSError, match="in use"):
        LoopbackServer(server.port, lambda _: Answer(200))
    assert socket.socket(fileno=socket.dup(server.filenos()[0])).getsockname()[0] == "127.0.0.1"
