"""What nobody should send: requests, bodies, spans and gaps that a collector refuses, each with status and slug.

A slug of "" means that the server itself answers, without a body, and ends the connection: the request is no HTTP.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import zstandard
from ingesting import batch, span
from raw_http import request

DAY_MS = 86_400_000
MIB = 1 << 20
WHOLE = json.dumps(batch("whole", [])).encode()
HEAD = b'{"schema":1,"batch_id":"b","epoch":"e","sent_ms":1,"spans":['
ONE = b'{"seq":7,"start_ms":1,"end_ms":2,"state":"idle"'


@dataclass(frozen=True)
class Case:
    """One wrong request, made for a device's token, and its answer. `finish`: the sender then ends its side."""

    name: str
    build: Callable[[str], bytes]
    status: int
    slug: str
    finish: bool = False


def whole(name: str, status: int, slug: str, *lines: str, **more: Any) -> Case:
    """An empty batch that is right, under headers that are wrong."""
    return Case(name, lambda token: request(token, WHOLE, *lines, **more), status, slug)


def changed(name: str, status: int, slug: str, old: bytes, new: bytes) -> Case:
    """A right request with some of its bytes replaced."""
    return Case(name, lambda token: request(token, WHOLE).replace(old, new), status, slug)


def packed(name: str, body: Callable[[], bytes], encoding: str, status: int, slug: str) -> Case:
    """A body under a Content-Encoding; made once, when it is needed."""
    made = cache(body)
    return Case(name, lambda token: request(token, made(), f"Content-Encoding: {encoding}"), status, slug)


def plain(name: str, body: bytes, status: int, slug: str) -> Case:
    """A body as it is."""
    return Case(name, lambda token: request(token, body), status, slug)


def inflating(name: str, body: Callable[[], bytes], status: int, slug: str) -> Case:
    """A body that is sent as gzip, because it may be too large otherwise."""
    return packed(name, lambda: gzip.compress(body(), 6), "gzip", status, slug)


def chunked(body: bytes, *more: str) -> Callable[[str], bytes]:
    """A request in chunks, without a length."""
    return lambda token: request(token, body, "Transfer-Encoding: chunked", *more, length=None)


CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"
POST = b"POST /api/v1/spans HTTP/1.1"
LENGTH = f"Content-Length: {len(WHOLE)}".encode()

REQUESTS = [
    Case("no length and no body", lambda t: request(t, length=None), 411, "length_required"),
    Case("no length before a body", lambda t: request(t, WHOLE, length=None), 411, "length_required"),
    Case("a length of nothing", request, 400, "unreadable"),
    whole("a negative length", 400, "", length="-1"),
    whole("a signed length", 400, "", length="+2"),
    whole("a hexadecimal length", 400, "", length="0x2"),
    whole("a length of thirty digits", 400, "", length="9" * 30),
    whole("the largest length there is", 431, "", length=str(2**64 - 1)),
    whole("two lengths in one line", 400, "", length="2, 2"),
    whole("two lengths that differ", 400, "", "Content-Length: 3"),
    Case("a length and chunks", lambda t: request(t, CHUNKS, "Transfer-Encoding: chunked"), 411, "length_required"),
    Case("chunks", chunked(CHUNKS), 411, "length_required"),
    Case("broken chunks", chunked(b"zz\r\n{}\r\n"), 411, "length_required"),
    whole("an unknown transfer encoding", 400, "", "Transfer-Encoding: nonsense"),
    Case("a body cut short", lambda t: request(t, WHOLE, length="500"), 400, "truncated", finish=True),
    Case("one byte too many on the wire", lambda t: request(t, b" " * (MIB + 1)), 413, "too_large"),
    Case("a body of five megabytes", lambda t: request(t, b" " * (5 * MIB)), 413, "too_large"),
    changed("a space before a colon", 400, "", b"Host:", b"Host :"),
    changed("a folded header", 400, "", b"Host: x", b"Host: x\r\nX-A: b\r\n c"),
    changed("a header with a NUL", 400, "", b"Host: x", b"Host: x\r\nX-A: a\0b"),
    whole("a header of a megabyte", 431, "", "X-A: " + "a" * MIB),
    whole("five thousand headers", 431, "", *(f"X-{n}: a" for n in range(5_000))),
    changed("an unknown method", 405, "method_not_allowed", b"POST", b"FOO"),
    changed("a method that is no word", 400, "", b"POST", b"P(ST"),
    changed("another method", 405, "method_not_allowed", b"POST", b"PUT"),
    changed("reading what is written to", 405, "method_not_allowed", b"POST", b"GET"),
    changed("tracing", 405, "method_not_allowed", b"POST", b"TRACE"),
    changed("HTTP/0.9", 400, "", POST, b"GET /api/v1/spans"),
    changed("HTTP/3 in words", 400, "", b"HTTP/1.1", b"HTTP/3.0"),
    Case("the preface of HTTP/2", lambda t: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 0, ""),
    Case("a greeting of TLS", lambda t: b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 100, 400, ""),
    whole("an upgrade", 400, "unreadable", "Connection: Upgrade", "Upgrade: websocket", length="0"),
    whole("no content type", 415, "unsupported_type", "Content-Type:"),
    whole("text", 415, "unsupported_type", "Content-Type: text/plain"),
    whole("a form", 415, "unsupported_type", "Content-Type: multipart/form-data; boundary=x"),
    whole("two types", 415, "unsupported_type", "Content-Type: application/json", "Content-Type: text/plain"),
    whole("an unknown encoding", 415, "unsupported_encoding", "Content-Encoding: br"),
    whole("encoded twice", 415, "unsupported_encoding", "Content-Encoding: gzip, gzip"),
    whole("encoded in two lines", 415, "unsupported_encoding", "Content-Encoding: gzip", "Content-Encoding: gzip"),
    whole("not encoded as it says", 400, "unreadable", "Content-Encoding: gzip"),
    Case("no token", lambda t: request(None, WHOLE), 401, "unauthorised"),
    Case("another scheme", lambda t: request(None, WHOLE, "Authorization: Basic eDp4"), 401, "unauthorised"),
    Case("an empty token", lambda t: request(None, WHOLE, "Authorization: Bearer "), 401, "unauthorised"),
    Case("an unknown token", lambda t: request(t[:-1] + "~", WHOLE), 401, "unauthorised"),
    Case("two tokens", lambda t: request(t, WHOLE, f"Authorization: Bearer {t}"), 401, "unauthorised"),
    Case("a token in odd bytes", lambda t: request("\udcff\udcfe\udc80", WHOLE), 401, "unauthorised"),
    Case("a token in other letters", lambda t: request("токен", WHOLE), 401, "unauthorised"),
    Case("a token of 30,000 letters", lambda t: request("a" * 30_000, WHOLE), 401, "unauthorised"),
]  # fmt: skip


def zstd_frame(head: str, block: bytes = b"\x11\0\0{}") -> Callable[[], bytes]:
    """A frame made by hand: what follows the magic number, and one block."""
    return lambda: bytes.fromhex("28b52ffd" + head) + block


def spaces(size: int) -> bytes:
    """Something that compresses a thousandfold."""
    return b"[" + b" " * size


def streamed(data: bytes) -> bytes:
    """A frame of zstd whose head does not tell how much is in it."""
    packer = zstandard.ZstdCompressor(level=19).compressobj()
    return packer.compress(data) + packer.flush()


PACKED = [
    packed("a bomb of gzip", lambda: gzip.compress(spaces(64 * MIB)), "gzip", 413, "too_large"),
    packed("a bomb of gzip in a bomb", lambda: gzip.compress(gzip.compress(spaces(64 * MIB))), "gzip", 400,
           "unreadable"),
    packed("a bomb of zstd", lambda: zstandard.compress(spaces(256 * MIB)), "zstd", 413, "too_large"),
    packed("a bomb of zstd that tells no size", lambda: streamed(spaces(64 * MIB)), "zstd", 413, "too_large"),
    packed("zstd with a window of 2 TiB", zstd_frame("00f8"), "zstd", 400, "unreadable"),
    packed("zstd with a window of 16 MiB", zstd_frame("0070"), "zstd", 400, "unreadable"),
    packed("zstd with a dictionary", zstd_frame("210702"), "zstd", 400, "unreadable"),
    packed("zstd that claims 2^60 bytes", zstd_frame("e00000000000000010"), "zstd", 413, "too_large"),
    packed("zstd that may be skipped", lambda: bytes.fromhex("502a4d1804000000") + b"skip" + zstandard.compress(WHOLE),
           "zstd", 400, "unreadable"),
    packed("a thousand frames of zstd", lambda: zstandard.compress(WHOLE) * 1000, "zstd", 400, "unreadable"),
    packed("zstd cut off", lambda: zstandard.compress(WHOLE)[:-2], "zstd", 400, "truncated"),
    packed("zstd and more", lambda: zstandard.compress(WHOLE) + b"more", "zstd", 400, "unreadable"),
    packed("no zstd", lambda: WHOLE, "zstd", 400, "unreadable"),
    packed("gzip cut off", lambda: gzip.compress(WHOLE)[:-4], "gzip", 400, "truncated"),
    packed("gzip and more", lambda: gzip.compress(WHOLE) + b"more", "gzip", 400, "unreadable"),
    packed("gzip twice in a row", lambda: gzip.compress(WHOLE) * 2, "gzip", 400, "unreadable"),
    packed("gzip with a wrong sum", lambda: gzip.compress(WHOLE)[:-8] + b"\0" * 8, "gzip", 400, "unreadable"),
    packed("gzip with an endless name", lambda: b"\x1f\x8b\x08\x08" + b"\0" * 5 + b"\x03" + b"n" * 500_000, "gzip", 400,
           "truncated"),
    packed("nothing as zstd", lambda: b"", "zstd", 400, "unreadable"),
    packed("nothing as gzip", lambda: b"", "gzip", 400, "truncated"),
    inflating("8 MiB and one byte", lambda: WHOLE[:-1] + b" " * (8 * MIB - len(WHOLE) + 1) + b"}", 413, "too_large"),
]  # fmt: skip


def enveloped(**changes: Any) -> bytes:
    """An empty batch with something in it changed; None of a name takes the field away."""
    return json.dumps(batch("b", []) | changes).encode()


def without(field: str) -> bytes:
    """An empty batch that lacks a field."""
    return json.dumps({k: v for k, v in batch("b", []).items() if k != field}).encode()


WRONG_TYPES: dict[str, list[Any]] = {
    "schema": [2, 0, "1", True, 1.0, None, [1], {}],
    "batch_id": ["", "x" * 65, "a\0b", "a\nb", 7, True, None, ["b"]],
    "epoch": ["", "x" * 65, "\u202e", 7, False, None, {}],
    "sent_ms": [-1, 253_402_300_800_000, 2**53, 10**400, "1", True, 1.5, None],
    "spans": [{}, "[]", 7, None, True],
    "gaps": [{}, "[]", None, [1], [None], [[]]],
}
GAP = {"from_ms": 1, "to_ms": 2, "count": 1, "reason": "evicted"}
WRONG_GAPS: list[dict[str, Any]] = [
    {"from_ms": 3}, {"from_ms": -1}, {"to_ms": 2**53}, {"from_ms": True}, {"to_ms": "2"}, {"from_ms": None},
    {"count": -1}, {"count": 2**63}, {"count": 10**30}, {"count": 1.5}, {"count": True}, {"count": "1"},
    {"reason": ""}, {"reason": "x" * 65}, {"reason": "a\0"}, {"reason": None}, {"reason": 1},
    {"first_seq": 1}, {"last_seq": 1}, {"first_seq": 2, "last_seq": 1}, {"first_seq": -1, "last_seq": 1},
    {"first_seq": 1, "last_seq": 2**53}, {"first_seq": "1", "last_seq": 2},
]  # fmt: skip

BODIES = [
    *(plain(f"{field} as {str(value)[:12]!r}", enveloped(**{field: value}), 422, "invalid")
      for field, values in WRONG_TYPES.items() for value in values),
    *(plain(f"no {field}", without(field), 422, "invalid") for field in ("schema", "batch_id", "epoch", "sent_ms",
                                                                        "spans")),
    *(plain(f"a gap with {str(gap)[:30]}", enveloped(gaps=[GAP | gap]), 422, "invalid") for gap in WRONG_GAPS),
    *(plain(f"a gap without {field}", enveloped(gaps=[{k: v for k, v in GAP.items() if k != field}]), 422, "invalid")
      for field in GAP),
    plain("101 gaps", enveloped(gaps=[GAP] * 101), 422, "invalid"),
    plain("1,001 spans", enveloped(spans=[span(n) for n in range(1_001)]), 413, "too_large"),
    inflating("four million spans", lambda: HEAD + b"1," * 4_000_000 + b"1]}", 413, "too_large"),
    inflating("a million unknown fields", lambda: HEAD + b"]" + b"".join(b',"%x":1' % n for n in range(800_000)) + b"}",
              413, "too_large"),
    inflating("a span of two million lists", lambda: HEAD + ONE + b',"x":[' + b"[]," * 2_000_000 + b"[]]}]}",
              413, "too_large"),
    plain("lists in lists", HEAD[:-1] + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "unreadable"),
    plain("an unknown field of lists in lists", HEAD + b'],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400,
          "unreadable"),
    plain("objects in objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400, "unreadable"),
    plain("a span of lists in lists", HEAD + ONE + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", 400,
          "unreadable"),
    *(plain(f"the body {body[:9]!r}", body, 400, "unreadable")
      for body in (b" ", b"{", b"nul", b"NaN", b"-Infinity", b"\0", b"\xff\xfe", b"'a'", b"//")),
    *(plain(f"{body!r} for a batch", body, 422, "invalid") for body in (b"[]", b"null", b"1", b'"a"', b"true", b"1e5")),
    *(plain(f"sent at {told!r}", HEAD.replace(b":1,\"spans", b":%b,\"spans" % told) + b"]}", status, slug)
      for told, status, slug in ((b"NaN", 400, "unreadable"), (b"1e999", 422, "invalid"), (b"01", 400, "unreadable"),
                                 (b"9" * 5_000, 422, "invalid"), (b"-0.5", 422, "invalid"))),
    plain("a mark of byte order", b"\xef\xbb\xbf" + WHOLE, 400, "unreadable"),
    plain("UTF-16", WHOLE.decode().encode("utf-16"), 400, "unreadable"),
    plain("half a character", WHOLE.replace(b'"whole"', b'"\\ud800"'), 422, "invalid"),
    plain("bytes that are no text", WHOLE.replace(b'"whole"', b'"\xff\xfe"'), 400, "unreadable"),
]  # fmt: skip

UNSTORED: list[tuple[str, bytes, str]] = [
    *((f"seq {value!r}", b'{"seq":%b,"start_ms":1,"end_ms":2,"state":"idle"}' % value, "invalid")
      for value in (b"-1", b"9007199254740992", b"1" + b"0" * 400, b"1e999", b"1.0", b"true", b'"1"', b"null", b"[]")),
    *((f"times {times!r}", b'{"seq":7,%b,"state":"idle"}' % times, "invalid")
      for times in (b'"start_ms":-1,"end_ms":2', b'"start_ms":5,"end_ms":2', b'"start_ms":"1","end_ms":2',
                    b'"start_ms":1,"end_ms":253402300800000', b'"start_ms":1,"end_ms":2678400002', b'"start_ms":1',
                    b'"start_ms":1.5,"end_ms":2', b'"start_ms":false,"end_ms":true')),
    ("the future", json.dumps(span(7, 4_000_000_000_000)).encode(), "in_future"),
    *((f"state {value!r}", b'{"seq":7,"start_ms":1,"end_ms":2,"state":%b}' % value, "invalid")
      for value in (b'"busy"', b'"ACTIVE"', b'""', b"1", b"null", b"true", b"{}")),
    *((f"{name} of {len(value)} bytes, {value[:9]!r}", ONE + b',"%b":%b}' % (name.encode(), value), "invalid")
      for name, value in (
          ("title", b'"%b"' % (b"x" * 1_025)), ("url", b'"%b"' % (b"x" * 2_049)), ("app", b'"%b"' % (b"x" * 256)),
          ("source", b'""'), ("source", b'"%b"' % (b"x" * 65)), ("source", b'"\\u0000"'), ("mark", b'"\\n"'),
          ("track", b'"back"'), ("track", b"null"), ("title", b"7"), ("app", b"true"), ("url", b"[]"),
          ("title", b'"\xff\xfe"'), ("x", b"1e999"), ("x", b"9" * 5_000))),
    *((f"{value!r}", value, "invalid") for value in (b"null", b"7", b'"span"', b"[]", b"{}", b"true")),
    ("16 KiB and one byte", ONE + b',"x":"' + b"x" * ((16 << 10) - len(ONE) - 7) + b'"}', "too_large"),
]  # fmt: skip
"""Spans that are not stored, as JSON, while their neighbours are; and the slug of the verdict."""
