"""Stage 6a: the body of a request, within its limits. In: headers and a stream. Out: plain bytes.

Never: more than the limits in memory, whatever the sender claims. Compressed bodies are inflated in bounded steps,
into one buffer that becomes the result without a copy.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Protocol

import zstandard
from planwhy_shared import limits

from planwhy_collector.ingest.refusal import Refusal

STEP = 64 << 10
ZSTD_STEP = 64
"""Bytes fed at once: the format allows a block of 128 KiB in four bytes, so that one step gives 2 MiB at most."""
ENCODINGS = ("identity", "gzip", "zstd")
MOST_COMMAS = 32_768
"""More values than a batch can need: a thousand spans with all their fields take 11,000. Each becomes an object of up
to 200 bytes, and millions fit into a body. Commas in titles count too, because telling them apart costs more than the
work saved: a sender who is refused for them sends half as much at once, and a single span always passes."""


class Stream(Protocol):
    """What the server hands over: reads at most so many bytes."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes; empty at the end."""


def announced_length(header: str | None) -> int:
    """Read Content-Length, bytes. Raises Refusal 411 without it and 413 over the limit on the wire."""
    if header is None or not header.isascii() or not header.isdigit():
        raise Refusal(411, "length_required", "Content-Length is required")
    length = int(header[:20])
    if length > limits.WIRE_BYTES:
        raise Refusal(413, "too_large", f"the body has {length} bytes, the limit is {limits.WIRE_BYTES}")
    return length


def read_body(stream: Stream, length: int, encoding: str, *, late: bool = False) -> bytes:
    """Read exactly `length` bytes and inflate them. Raises Refusal 400, 413 or 415; 408 where the body was late."""
    if encoding not in ENCODINGS:
        raise Refusal(415, "unsupported_encoding", f"Content-Encoding is one of {', '.join(ENCODINGS)}")
    if late:
        raise Refusal(408, "timeout", f"the body of {length} bytes did not arrive in time")
    raw = _read_exactly(stream, length)
    body = raw if encoding == "identity" else _inflate(raw, encoding)
    if body.count(b",") > MOST_COMMAS:
        raise Refusal(413, "too_large", f"the body holds more than {MOST_COMMAS} commas: send less at once")
    return body


def _read_exactly(stream: Stream, length: int) -> bytes:
    """Read it at once: the stream lies in memory, and what is read whole is not copied."""
    raw = stream.read(length)
    if len(raw) < length:
        left = length - len(raw)
        raise Refusal(400, "truncated", f"the body ended {left} bytes before its Content-Length", retryable=True)
    return raw


def _inflate(raw: bytes, encoding: str) -> bytes:
    out, size = BytesIO(), 0
    try:
        for part in _gunzip(raw) if encoding == "gzip" else _unzstd(raw):
            size += out.write(part)
            _check_inflated(size)
    except (zlib.error, zstandard.ZstdError) as error:
        raise Refusal(400, "unreadable", f"the body is not {encoding}: {error}") from None
    return out.getvalue()


def _check_inflated(size: int) -> None:
    if size > limits.INFLATED_BYTES:
        raise Refusal(413, "too_large", f"the body inflates to more than {limits.INFLATED_BYTES} bytes")


def _gunzip(raw: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    rest = raw
    while rest and not inflater.eof:
        yield inflater.decompress(rest, STEP)
        rest = inflater.unconsumed_tail
    if not inflater.eof:
        yield inflater.flush()
    _whole(inflater.eof, inflater.unused_data, "gzip")


def _unzstd(raw: bytes) -> Iterator[bytes]:
    """A frame that does not tell its size is measured first: its window and the result together would take too much."""
    told, size = zstandard.frame_content_size(raw), 0
    _check_inflated(told)
    if told < 0:
        for part in _steps(raw):
            size += len(part)
            _check_inflated(size)
    yield from _steps(raw)


def _steps(raw: bytes) -> Iterator[bytes]:
    inflater = zstandard.ZstdDecompressor(max_window_size=limits.INFLATED_BYTES).decompressobj()
    at = 0
    while at < len(raw) and not inflater.eof:
        yield inflater.decompress(raw[at : at + ZSTD_STEP])
        at += ZSTD_STEP
    _whole(inflater.eof, inflater.unused_data + raw[at:], "zstd")


def _whole(ended: bool, rest: bytes, encoding: str) -> None:
    if not ended:
        raise Refusal(400, "truncated", f"the {encoding} stream is cut off")
    if rest:
        raise Refusal(400, "unreadable", f"{len(rest)} bytes follow the {encoding} stream")
