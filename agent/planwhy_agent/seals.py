"""Stage 4, the seals of the spool's rows: sums that show whether a row still says what was written.

In: the values of a row. Out: a number. Never: disk. SQLite itself sees damage to its structure only; a flipped bit in
a time, a number or a text would otherwise be sent as if it were right.
"""

import struct
import zlib

_NUMBERS = struct.Struct(">4q")


def seal(*values: object) -> int:
    """The sum over the values of a row; texts are given as bytes."""
    return zlib.crc32(repr(values).encode())


def span_seal(epoch_no: int, seq: int, start_ms: int, end_ms: int, body: bytes) -> int:
    """The sum over a span: negative, which tells it from the sum over the body alone that stood there in format 1."""
    return -1 - zlib.crc32(body, zlib.crc32(_NUMBERS.pack(epoch_no, seq, start_ms, end_ms)))


def intact(epoch_no: object, seq: object, start_ms: object, end_ms: object, body: object, crc: object) -> bool:
    """Whether a span is as it was written."""
    numbers = (epoch_no, seq, start_ms, end_ms)
    if not isinstance(crc, int) or not isinstance(body, bytes):
        return False
    if crc >= 0:
        return zlib.crc32(body) == crc
    try:
        return -1 - zlib.crc32(body, zlib.crc32(_NUMBERS.pack(*numbers))) == crc
    except struct.error:
        return False


def resealed(
    epoch_no: int, seq: int, start_ms: int, end_ms: int, body: bytes, crc: int, by_start: int, by_end: int
) -> int:
    """The sum after the times of a span were moved; a span that was damaged before stays damaged."""
    if crc >= 0 or not intact(epoch_no, seq, start_ms, end_ms, body, crc):
        return crc
    return span_seal(epoch_no, seq, start_ms + by_start, end_ms + by_end, body)
