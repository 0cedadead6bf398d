"""Stage 4, the write-ahead log of the spool: whether all that was committed to it will be found again.

In: the log's file, before the database is opened. Out: yes or no. Never: a change. SQLite takes the part of the log
whose sums are right and silently forgets what follows, also where transactions were committed behind a damaged byte.
"""

import struct
from pathlib import Path
from typing import BinaryIO

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_MAGIC = 0x377F0682
_WORDS = 0xFFFFFFFF
READ_BYTES = 64 << 20
"""A log up to this size is read; it is that long only while something keeps the database from taking it over."""


def torn(path: Path) -> bool:
    """Whether the log holds pieces of its present round that cannot be read. Raises OSError.

    A power cut can leave that too, of a transaction that was never finished; nobody can tell the two apart.
    """
    try:
        with path.open("rb") as log:
            return path.stat().st_size <= READ_BYTES and _torn(log)
    except FileNotFoundError:
        return False


def _torn(log: BinaryIO) -> bool:
    head = log.read(_HEADER.size)
    if not any(head):
        return False
    if len(head) < _HEADER.size:
        return True
    magic, _, page, _, salt_1, salt_2, *sums = _HEADER.unpack(head)
    order = ">" if magic & 1 else "<"
    if magic & ~1 != _MAGIC or _summed(head[:24], order, (0, 0)) != tuple(sums) or not 512 <= page <= 65_536:
        return True
    return _broken_off(log, page, order, (salt_1, salt_2), (sums[0], sums[1]))


def _broken_off(log: BinaryIO, page: int, order: str, salts: tuple[int, int], state: tuple[int, int]) -> bool:
    sound = True
    while len(frame := log.read(_FRAME.size + page)) == _FRAME.size + page:
        _, _, salt_1, salt_2, *sums = _FRAME.unpack_from(frame)
        if sound and (salt_1, salt_2) == salts:
            state = _summed(frame[_FRAME.size :], order, _summed(frame[:8], order, state))
            sound = state == tuple(sums)
        else:
            sound = False
        # frames of an earlier round lie behind the present one; both of their salts are different
        if not sound and (salt_1 == salts[0] or salt_2 == salts[1]):
            return True
    return False


def _summed(data: bytes, order: str, state: tuple[int, int]) -> tuple[int, int]:
    """SQLite's sum over pairs of words."""
    one, two = state
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & _WORDS
        two = (two + second + one) & _WORDS
    return one, two
