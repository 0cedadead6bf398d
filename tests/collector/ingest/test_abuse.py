"""What nobody should send, to the collector as it is shipped: each gets its refusal, nothing is stored, nobody notices.

Time and memory of refusals are measured in tests/bench; here memory has a generous bound only.
"""

import json
import socket
from collections.abc import Iterator
from itertools import islice

import pytest
from abuse import BODIES, HEAD, ONE, PACKED, REQUESTS, UNSTORED, WHOLE, Case
from ingesting import batch, span
from planwhy_collector.db import Database
from planwhy_collector.queries.devices import device_by_token
from planwhy_shared.ids import secret_hash
from raw_http import RATE_PER_MINUTE, RawCollector, Reply, peak_kib, replies, request, reset_peak

ALL = [*REQUESTS, *PACKED, *BODIES]
MOST_GROWTH_KIB = 64 << 10
SERVED = {
    "the same length twice": ("Content-Length: {n}",),
    "an expectation": ("Expect: 100-continue",),
    "a character set": ("Content-Type: application/json; charset=utf-8",),
    "a long header": ("X-A: " + "a" * 60_000,),
    "ninety headers": tuple(f"X-{n}: a" for n in range(90)),
    "a header that would pose as another": ("Content_Length: 3", "Transfer_Encoding: chunked"),
    "a header in other letters": ("X-A: привет",),
}


def stored_well(collector: RawCollector, token: str, name: str) -> Reply:
    """A right batch on a connection of its own: the collector lives."""
    return collector.ask(request(token, json.dumps(batch(name, [])).encode()))


def id_of(collector: RawCollector, token: str) -> str:
    """A device's id, which only its enrolment tells."""
    with Database(collector.program.database_url) as database, database.reading() as session:
        found = device_by_token(session, secret_hash(token), 0)
    assert found
    return str(found.id)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_it_is_refused_and_nothing_is_stored(shipped: RawCollector, case: Case) -> None:
    token = shipped.device()
    before = shipped.stored()
    answer = shipped.ask(case.build(token), finish=case.finish)
    assert (answer.status, answer.slug) == (case.status, case.slug)
    assert shipped.stored() == before
    if case.slug:
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert answer.json["retryable"] is case.finish
        assert answer.json["detail"]
    else:
        assert answer.closed
        assert answer.body == b""
    assert stored_well(shipped, token, "after").status == 200


@pytest.mark.parametrize(("raw", "slug"), [u[1:] for u in UNSTORED], ids=[u[0] for u in UNSTORED])
def test_a_span_gets_its_verdict_and_its_neighbours_are_stored(shipped: RawCollector, raw: bytes, slug: str) -> None:
    token = shipped.device()
    before = shipped.stored()["spans"]
    good = [json.dumps(span(n)).encode() for n in (1, 9)]
    answer = shipped.ask(request(token, HEAD + b",".join([good[0], raw, good[1]]) + b"]}"))
    assert (answer.status, answer.json["accepted"]) == (200, 2)
    assert [one["error"] for one in answer.json["rejected"]] == [slug]
    assert len(answer.body) < 2_000
    assert shipped.stored()["spans"] == before + 2


def test_an_unknown_name_that_is_no_text_is_refused(shipped: RawCollector) -> None:
    answer = shipped.ask(request(shipped.device(), WHOLE[:-1] + b',"\xff\xfe":1}'))
    assert (answer.status, answer.slug) == (400, "unreadable")


def test_a_verdict_does_not_repeat_what_it_refuses(shipped: RawCollector) -> None:
    state = b'{"seq":7,"start_ms":1,"end_ms":2,"state":"%b"}' % (b"x" * 500_000)
    answer = shipped.ask(request(shipped.device(), HEAD + state + b"]}"))
    assert (answer.status, len(answer.json["rejected"])) == (200, 1)
    assert len(answer.body) < 2_000


@pytest.mark.parametrize("lines", SERVED.values(), ids=list(SERVED))
def test_what_is_odd_but_right_is_served(shipped: RawCollector, lines: tuple[str, ...]) -> None:
    body = json.dumps(batch("odd", [span(1)])).encode()
    with shipped.connect() as opened:
        opened.sendall(request(shipped.device(), body, *(line.format(n=len(body)) for line in lines)))
        answer = next(reply for reply in replies(opened) if reply.status != 100)
    assert (answer.status, answer.json["accepted"]) == (200, 1)


def test_limits_are_met_exactly(shipped: RawCollector) -> None:
    spans = [span(n, app="a" * 255) for n in range(1_000)]
    thousand = json.dumps(batch("thousand", spans)).encode()
    assert shipped.ask(request(shipped.device(), thousand)).json["accepted"] == 1_000
    mebibyte = WHOLE[:-1] + b" " * ((1 << 20) - len(WHOLE)) + b"}"
    assert shipped.ask(request(shipped.device(), mebibyte)).status == 200
    long = ONE + b',"x":"' + b"x" * ((16 << 10) - len(ONE) - 8) + b'"}'
    assert shipped.ask(request(shipped.device(), HEAD + long + b"]}")).json["accepted"] == 1


def test_requests_in_a_row_are_answered_in_their_order(shipped: RawCollector) -> None:
    token = shipped.device()
    one, two = (json.dumps(batch(name, [])).encode() for name in ("one", "two"))
    wrong = request(token, WHOLE, "Content-Type: text/plain")
    with shipped.connect() as opened:
        opened.sendall(request(token, one) + wrong + request(token, two))
        found = list(islice(replies(opened), 3))
    assert [reply.status for reply in found] == [200, 415, 200]
    assert [found[0].json["batch_id"], found[2].json["batch_id"]] == ["one", "two"]


def test_bytes_behind_a_body_are_no_part_of_it(shipped: RawCollector) -> None:
    with shipped.connect() as opened:
        opened.sendall(request(shipped.device(), WHOLE) + b'{"more":1}\r\n\r\n')
        found = list(replies(opened))
    assert [reply.status for reply in found] == [200, 400]
    assert found[1].closed


def test_a_revoked_device_is_told_so(shipped: RawCollector) -> None:
    token = shipped.device()
    shipped.program.call("device", "revoke", id_of(shipped, token))
    answer = shipped.ask(request(token, WHOLE))
    assert (answer.status, answer.slug, answer.json["retryable"]) == (401, "revoked", False)


def test_who_sends_too_often_is_told_when_to_come_again(shipped: RawCollector) -> None:
    token, other = shipped.device(), shipped.device()
    with shipped.connect() as opened:
        answers = replies(opened)
        for _ in range(RATE_PER_MINUTE + 200):
            opened.sendall(request(token, b"", "Content-Type: a/b"))
            if (last := next(answers)).status == 429:
                break
    assert (last.status, last.slug, last.json["retryable"]) == (429, "too_many_requests", True)
    assert int(last.headers["retry-after"]) >= 1
    assert stored_well(shipped, other, "patient").status == 200


def test_who_has_no_token_is_refused_before_anything_is_inflated(shipped: RawCollector) -> None:
    bomb = next(case for case in PACKED if case.name == "a bomb of zstd")
    reset_peak(shipped.worker)
    before = peak_kib(shipped.worker)
    answer = shipped.ask(bomb.build("nobody"))
    assert (answer.status, answer.slug) == (401, "unauthorised")
    assert peak_kib(shipped.worker) - before < 2 << 10


@pytest.fixture(scope="module")
def costly() -> list[Case]:
    names = ("bomb", "million", "8 MiB", "lists in lists")
    return [case for case in ALL if any(name in case.name for name in names)]


def test_no_refusal_takes_much_memory(shipped: RawCollector, costly: list[Case]) -> None:
    token = shipped.device()
    for case in costly:
        sent = case.build(token)
        reset_peak(shipped.worker)
        before = peak_kib(shipped.worker)
        assert shipped.ask(sent).status == case.status
        assert peak_kib(shipped.worker) - before < MOST_GROWTH_KIB, case.name


@pytest.fixture(scope="module", autouse=True)
def stalled(shipped: RawCollector) -> Iterator[dict[str, socket.socket]]:
    """Connections that stall while the other tests run: one within its headers, one within its body."""
    token = shipped.device()
    opened = {"headers": shipped.connect(60), "body": shipped.connect(60)}
    opened["headers"].sendall(b"POST /api/v1/spans HTTP/1.1\r\nHost: x\r\nX-A")
    opened["body"].sendall(request(token, b"{", length="500"))
    yield opened
    for one in opened.values():
        one.close()


@pytest.mark.slow
def test_who_stalls_is_answered_after_half_a_minute(shipped: RawCollector, stalled: dict[str, socket.socket]) -> None:
    body = next(replies(stalled["body"]))
    assert (body.status, body.slug, body.json["retryable"]) == (408, "timeout", True)
    assert stalled["headers"].recv(1) == b""
