"""Idle time of an X11 display that has no screen saver extension: the counter IDLETIME of the extension SYNC.

In: the name of a display. Out: milliseconds since the last key or mouse event. Never: a key, a button, a position; a
guess where the display has no such counter.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import Xlib.error
from Xlib.protocol import rq

from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.x11_display import connect
from planwhy_agent.sources.x11_face import is_face_of_wayland

_EXTENSION, _COUNTER = "SYNC", b"IDLETIME"
_ENTRY = struct.Struct("=IiIH")
"""SYSTEMCOUNTER: its number, two halves of its resolution, the length of its name, which is padded to four bytes."""
_REPLY = (rq.ReplyCode(), rq.Pad(1), rq.Card16("sequence_number"), rq.ReplyLength())


class _Initialize(rq.ReplyRequest):
    _request = rq.Struct(
        rq.Card8("opcode"), rq.Opcode(0), rq.RequestLength(), rq.Card8("major"), rq.Card8("minor"), rq.Pad(2)
    )
    _reply = rq.Struct(*_REPLY, rq.Card8("major"), rq.Card8("minor"), rq.Pad(22))


class _ListSystemCounters(rq.ReplyRequest):
    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(1), rq.RequestLength())
    _reply = rq.Struct(*_REPLY, rq.Card32("count"), rq.Pad(20), rq.Binary("entries", pad=0))


class _QueryCounter(rq.ReplyRequest):
    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(5), rq.RequestLength(), rq.Card32("counter"))
    _reply = rq.Struct(*_REPLY, rq.Int32("high"), rq.Card32("low"), rq.Pad(16))


class X11Idle:
    """A connection of its own that asks for nothing but the counter."""

    def __init__(self, name: str) -> None:
        """Find the counter. Raises SourceLost where the display is not there, SourceUnsupported where it has none."""
        self._display = connect(name)
        try:
            with _at_risk():
                self._counter = self._found()
        except (SourceLost, SourceUnsupported):
            self.close()
            raise

    def idle_ms(self) -> int:
        """Time since the last key or mouse event. Raises SourceLost when the display is gone."""
        with _at_risk():
            answer = self._asked(_QueryCounter, counter=self._counter)
        return max(0, int(answer.high) << 32 | int(answer.low))

    def has_extension(self, name: str) -> bool:
        """Whether the display has an extension. Raises SourceLost when it is gone."""
        with _at_risk():
            return self._display.query_extension(name) is not None

    def close(self) -> None:
        """Let go of the display."""
        self._display.display.socket.close()

    def _found(self) -> int:
        if is_face_of_wayland(self._display):
            raise SourceUnsupported("unsupported: wayland")
        extension = self._display.query_extension(_EXTENSION)
        if extension is not None:
            self._display.display.set_extension_major(_EXTENSION, extension.major_opcode)
            self._asked(_Initialize, major=3, minor=0)
            listed = bytes(self._asked(_ListSystemCounters).entries)
            if (counter := _named(listed, _COUNTER)) is not None:
                return counter
        raise SourceUnsupported("unsupported: the display tells no idle time (neither screen saver nor IDLETIME)")

    def _asked(self, request: Any, **values: int) -> Any:
        display = self._display.display
        return request(display=display, opcode=display.get_extension_major(_EXTENSION), **values)


def _named(listed: bytes, name: bytes) -> int | None:
    """The number of the counter with a name, in a list as the display sends it; None where it is not there."""
    at = 0
    while at + _ENTRY.size <= len(listed):
        number, _, _, length = _ENTRY.unpack_from(listed, at)
        if listed[at + _ENTRY.size : at + _ENTRY.size + length] == name:
            return int(number)
        at += (_ENTRY.size + length + 3) // 4 * 4
    return None


@contextmanager
def _at_risk() -> Iterator[None]:
    """Turn the end of the display into SourceLost, and a refusal of it into SourceUnsupported."""
    try:
        yield
    except (Xlib.error.ConnectionClosedError, OSError) as error:
        raise SourceLost("the display is gone") from error
    except Xlib.error.XError as error:
        raise SourceUnsupported("unsupported: the display tells no idle time") from error
