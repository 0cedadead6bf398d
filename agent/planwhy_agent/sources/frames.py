"""The frames between browser, native host and agent: four bytes of length, in the machine's order, then JSON.

In: bytes as they arrive, in any pieces. Out: whole messages. Never: more than FRAME_BYTES held for one message.
"""

import struct

FRAME_BYTES = 64 << 10
"""The longest message, bytes. The extension's longest is far below: an address, a title and a few words."""
_LENGTH = struct.Struct("=I")


class FrameTooLong(Exception):
    """A length over FRAME_BYTES was announced; what follows it cannot be told apart any more."""


def framed(message: bytes) -> bytes:
    """Put the length before a message. Raises FrameTooLong."""
    if len(message) > FRAME_BYTES:
        raise FrameTooLong(f"a message of {len(message)} bytes, over {FRAME_BYTES}")
    return _LENGTH.pack(len(message)) + message


class Frames:
    """Collects bytes and gives whole messages back."""

    def __init__(self) -> None:
        """Start with nothing collected."""
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Add bytes and take out the messages that are whole now, oldest first. Raises FrameTooLong."""
        self._held += data
        whole: list[bytes] = []
        while len(self._held) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held)
            if length > FRAME_BYTES:
                raise FrameTooLong(f"a message of {length} bytes, over {FRAME_BYTES}")
            end = _LENGTH.size + length
            if len(self._held) < end:
                break
            whole.append(bytes(self._held[_LENGTH.size : end]))
            del self._held[:end]
        return whole
