"""How a collector, or what stands in its place, may answer: each with the wait that is right for it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

from tests.durability.rogue import Behaviour, Talk

JITTER = (1.0, 5.0)
"""The wait after a first failure for which nothing was asked."""
LOCKED = (3600.0, 3600.0)
AT_ONCE = (60.0, 60.0)
"""Nothing waits any more: the next attempt is at the interval."""


@dataclass(frozen=True)
class Ending:
    """A name, what is done to the first connections, and between which seconds the wait must lie."""

    name: str
    script: tuple[Behaviour, ...]
    wait: tuple[float, float] = JITTER
    state: str = "waiting"


def endings() -> Iterator[Ending]:
    """All of them."""
    for status in (400, 404, 405, 408, 411, 415, 418, 500, 501, 502, 503, 504, 507, 599, 201, 202, 204, 206):
        wait, state = (AT_ONCE, "ok") if status == 400 else (JITTER, "waiting")
        yield Ending(f"status {status}, HTML", (answers(status, b"<html>proxy</html>"),), wait, state)
        yield Ending(f"status {status}", (answers(status, failure(f"status_{status}")),), wait, state)
    yield from _asked_to_wait()
    for status in (401, 403):
        yield Ending(f"status {status}", (answers(status, failure("no")),), LOCKED, "locked_out")
        script = (answers(status, failure("no"), "Retry-After: 5"),)
        yield Ending(f"status {status}, wait 5", script, LOCKED, "locked_out")
    for status in (413, 422, 409):
        yield Ending(f"status {status}", (answers(status, failure(f"s{status}")),), AT_ONCE, "ok")
    yield Ending("status 422 that may be tried again", (answers(422, failure("busy", True)),))
    for status in (300, 301, 302, 303, 304, 305, 307, 308):
        yield Ending(f"redirect {status}", (answers(status, b"", "Location: http://127.0.0.1:{other}/api/v1/spans"),))
    yield from _not_our_receipt()
    yield from _cut()
    yield from _nonsense()
    yield from _slow()


def _asked_to_wait() -> Iterator[Ending]:
    dates = {"past": (-500_000, (1, 1)), "future": (20, (15, 21)), "far": (9_000_000, (3600, 3600))}
    given = {
        "5": (5, 5), "0": (1, 1), " 7 ": (7, 7), "-5": JITTER, "99999999999": (3600, 3600), "9" * 5_000: (3600, 3600),
        "1.5": JITTER, "1e9": JITTER, "soon": JITTER, "": JITTER, "nan": JITTER, "0x10": JITTER, "5, 6": JITTER,
        "\xb2": JITTER, "Thu, 99 Foo 2026 99:99:99 GMT": JITTER, "Thu, 15 Oct 99999 12:00:00 GMT": JITTER,
    }  # fmt: skip
    for status in (429, 503):
        yield Ending(f"status {status}, no Retry-After", (answers(status, failure("busy", True)),))
        for text, wait in given.items():
            script = (answers(status, failure("busy", True), f"Retry-After: {text}"),)
            yield Ending(f"status {status}, Retry-After {text[:20]!r}", script, wait)
        for name, (seconds, wait) in dates.items():
            yield Ending(f"status {status}, Retry-After in the {name}", (_dated(status, seconds),), wait)


def _dated(status: int, seconds: float) -> Behaviour:
    def behave(talk: Talk) -> None:
        answers(status, failure("busy", True), f"Retry-After: {formatdate(time.time() + seconds, usegmt=True)}")(talk)

    return behave


def _not_our_receipt() -> Iterator[Ending]:
    for name, body in {
        "captive portal": b"<html>Welcome to the hotel</html>", "empty": b"", "null": b"null", "a list": b"[]",
        "not UTF-8": b'{"batch_id":"\xff\xfe"}', "nested": b"[" * 200_000,
        "huge number": b'{"accepted":' + b"9" * 100_000,
    }.items():  # fmt: skip
        yield Ending(f"200, {name}", (answers(200, body),))
    for name, change in {
        "other batch": {"batch_id": "another"}, "sum too large": {"accepted": 7_777}, "sum too small": {"accepted": 0},
        "negative": {"accepted": -1, "duplicates": 99}, "text": {"accepted": "all"}, "float": {"accepted": 1e300},
        "rejects what was not sent": {"accepted": 99, "rejected": [{"seq": 10**9, "error": "x", "detail": ""}]},
        "rejects without number": {"accepted": 99, "rejected": [{"seq": None, "error": "x", "detail": ""}]},
    }.items():  # fmt: skip
        yield Ending(f"200 after storing, {name}", (_changed(change),))


def _changed(change: dict[str, object]) -> Behaviour:
    def behave(talk: Talk) -> None:
        told = json.loads(talk.passed_on().partition(b"\r\n\r\n")[2])
        talk.say(_whole(200, json.dumps({**told, **change}).encode()))

    return behave


def _cut() -> Iterator[Ending]:
    """The line breaks, before the batch was stored and after, politely and not."""
    for polite in (True, False):
        how = "closed" if polite else "reset"
        yield Ending(f"{how} at once", (lambda talk, p=polite: _end(talk, p),))
        yield Ending(f"{how} after the request", (lambda talk, p=polite: (talk.asked(), _end(talk, p)),))
        for share in (0, 0.05, 0.2, 0.5, 0.8, 0.95, 0.999):
            yield Ending(f"{how} after storing, {share:.1%} of the answer", (_cut_at(share, polite),))
        yield Ending(f"{how} three times after storing", (_cut_at(0.5, polite),) * 3)


def _cut_at(share: float, polite: bool) -> Behaviour:
    def behave(talk: Talk) -> None:
        answer = talk.passed_on()
        talk.say(answer[: int(len(answer) * share)])
        _end(talk, polite)

    return behave


def _end(talk: Talk, polite: bool) -> None:
    talk.sock.close() if polite else talk.reset()


def _nonsense() -> Iterator[Ending]:
    for name, raw in {
        "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n", "bad status": b"HTTP/1.1 abc OK\r\n\r\n", "HTTP/0.9": b"hello",
        "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nxx", "zeros": bytes(5_000),
        "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nxx",
        "huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nxx",
        "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
        "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    }.items():  # fmt: skip
        yield Ending(name, (lambda talk, r=raw: (talk.asked(), talk.say(r)),))


def _slow() -> Iterator[Ending]:
    head = b"HTTP/1.1 200 OK\r\n"
    yield Ending("silent", (lambda talk: (talk.asked(), time.sleep(15)),))
    yield Ending("silent before reading", (lambda talk: time.sleep(15),))
    yield Ending("endless body", (lambda talk: _endless(talk, head + b"\r\n", b" " * 65_536),))
    yield Ending("endless headers", (lambda talk: _endless(talk, head, b"X: y\r\n" * 50),))
    yield Ending("endless line", (lambda talk: _endless(talk, head + b"X: ", b"y" * 65_536),))
    yield Ending("endless 100s", (lambda talk: _endless(talk, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),))
    slow = (lambda talk: (talk.asked(), talk.say(*[b"x"] * 30, every_s=0.5)),)
    yield Ending("a byte now and then", slow)
    yield Ending("a byte of the body now and then", (_trickle,))


def _trickle(talk: Talk) -> None:
    answer = talk.passed_on()
    at = answer.index(b"\r\n\r\n") + 4
    talk.say(answer[:at], *[bytes([b]) for b in answer[at:]], every_s=0.5)


def _endless(talk: Talk, head: bytes, piece: bytes) -> None:
    talk.asked()
    talk.say(head)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        talk.say(piece)


def answers(status: int, body: bytes, *headers: str) -> Behaviour:
    """Read the request and answer this."""

    def behave(talk: Talk) -> None:
        talk.asked()
        talk.say(_whole(status, body, *headers))

    return behave


def failure(slug: str, retryable: bool = False) -> bytes:
    """An error in the collector's own form."""
    return json.dumps({"error": slug, "detail": "by the test", "retryable": retryable, "request_id": "r1"}).encode()


def _whole(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
