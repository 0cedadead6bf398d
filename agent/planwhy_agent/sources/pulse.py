"""Who records from the sound server of a Linux desktop: PulseAudio, or PipeWire in its place.

In: the server's own list of recordings, asked for over its socket. Out: programs that record from a microphone.
Never: sound, and no stream is opened. Written against the server's wire protocol (fixed at version 22, which all
servers of the last ten years speak), because the usual library costs a seventh of the agent's memory.

A packet is a head of five numbers and a body; a body is a list of values, each behind a letter that tells its kind.
"""

import os
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

VERSION = 22
WAIT_S = 0.5
"""How long a whole conversation may take; a server that is busier than that is asked again later."""
ANSWER_BYTES = 1 << 20
NOBODY = 0xFFFFFFFF
_REPLY, _AUTH, _SET_NAME, _SOURCE, _RECORDINGS = 2, 8, 9, 23, 32
_HEAD = struct.Struct(">5I")
_RECORDING_VALUES, _MONITORED = 18, 8
"""How many values tell of one recording, and which one of a source names the output that it only listens to."""
_SIZES = {"L": 4, "B": 1, "U": 8, "R": 8, "r": 8, "V": 4, "T": 8, "a": 6}
_FLAGS = {"1": True, "0": False}
Value = int | str | bool | bytes | Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A stream that takes sound in: from which source, whether it is halted, and whose it is."""

    source: int
    corked: bool
    properties: Mapping[str, str]


class NoAnswer(Exception):
    """There is no server, it does not let us in, or it says what is not understood."""


def microphone_properties(path: Path) -> tuple[Mapping[str, str], ...]:
    """What is told of each program that records from a real source now. Raises NoAnswer."""
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as link:
            link.settimeout(WAIT_S)
            link.connect(os.fspath(path))
            server = _Server(link, time.monotonic() + WAIT_S)
            server.greet()
            running = [one for one in server.recordings() if not one.corked]
            real = {source for source in {one.source for one in running} if server.is_real(source)}
            return tuple(one.properties for one in running if one.source in real)
    except (OSError, struct.error, ValueError, IndexError, KeyError) as error:
        raise NoAnswer(str(error)) from None


class _Server:
    """A conversation: one question, one answer."""

    def __init__(self, link: socket.socket, until_s: float) -> None:
        self._link, self._until_s, self._tag = link, until_s, 0

    def greet(self) -> None:
        """Say who asks. The server knows the user by what the kernel vouches for, so that the cookie may be empty."""
        self._asked(_AUTH, _number(VERSION) + b"x" + struct.pack(">I", 256) + bytes(256))
        self._asked(_SET_NAME, b"P" + _property("application.name", "Planwhy") + b"N")

    def recordings(self) -> Iterator[Recording]:
        """All streams that take sound in."""
        values = self._asked(_RECORDINGS)
        for at in range(0, len(values) - _RECORDING_VALUES + 1, _RECORDING_VALUES):
            one = values[at : at + _RECORDING_VALUES]
            source, properties, corked = one[4], one[11], one[12]
            if isinstance(source, int) and isinstance(properties, Mapping):
                yield Recording(source, bool(corked), properties)

    def is_real(self, source: int) -> bool:
        """Whether a source is more than the echo of an output; one that is gone is not."""
        with suppress(NoAnswer):
            return self._asked(_SOURCE, _number(source) + b"N")[_MONITORED] == NOBODY
        return False

    def _asked(self, command: int, body: bytes = b"") -> list[Value]:
        """Ask, and give the values of the answer; those that tell of something else meanwhile are passed over."""
        self._tag += 1
        body = _number(command) + _number(self._tag) + body
        self._send(_HEAD.pack(len(body), NOBODY, 0, 0, 0) + body)
        while True:
            length, channel, *_ = _HEAD.unpack(self._read(_HEAD.size))
            if length > ANSWER_BYTES:
                raise ValueError("an answer without end")
            content = self._read(length)
            if channel != NOBODY:
                continue
            values = list(_values(content))
            if values[1] == self._tag:
                if values[0] != _REPLY:
                    raise NoAnswer(f"refused: {values[2:3]}")
                return values[2:]

    def _send(self, packet: bytes) -> None:
        """Send with the user's id: the server may not have asked the kernel for it when the packet arrives."""
        who = struct.pack("3i", os.getpid(), os.getuid(), os.getgid())
        sent = self._link.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, who)])
        self._link.sendall(packet[sent:])

    def _read(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._link.settimeout(self._left_s())
            part = self._link.recv(length - len(found))
            if not part:
                raise ValueError("the server hung up")
            found += part
        return bytes(found)

    def _left_s(self) -> float:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("no answer in time")
        return left_s


def _number(value: int) -> bytes:
    return b"L" + struct.pack(">I", value)


def _property(name: str, value: str) -> bytes:
    data = value.encode() + b"\0"
    return b"t" + name.encode() + b"\0" + _number(len(data)) + b"x" + struct.pack(">I", len(data)) + data


def _values(body: bytes) -> Iterator[Value]:
    """Read the values of a body one after the other. Raises ValueError for a kind that is not known."""
    at = 0
    while at < len(body):
        value, at = _value(body, at)
        yield value


def _value(body: bytes, at: int) -> tuple[Value, int]:
    """One value, and where the next one begins."""
    kind, at = chr(body[at]), at + 1
    if kind == "t":
        end = body.index(b"\0", at)
        return body[at:end].decode("utf-8", "replace"), end + 1
    if kind in _FLAGS or kind == "N":
        return _FLAGS.get(kind), at
    if kind == "P":
        return _properties(body, at)
    if kind == "f":
        _, at = _value(body, at)
        _, at = _value(body, at)
        return None, at
    size = _size(kind, body, at)
    if at + size > len(body):
        raise ValueError("cut off")
    data = body[at : at + size]
    return (int.from_bytes(data, "big") if kind == "L" else data), at + size


def _size(kind: str, body: bytes, at: int) -> int:
    """How many bytes a value of a fixed kind takes, or one that tells its number itself."""
    if kind == "x":
        return 4 + int.from_bytes(body[at : at + 4], "big")
    if kind in ("m", "v"):
        return 1 + body[at] * (4 if kind == "v" else 1)
    if kind not in _SIZES:
        raise ValueError(f"values of kind {kind!r} are not known")
    return _SIZES[kind]


def _properties(body: bytes, at: int) -> tuple[Mapping[str, str], int]:
    """A list of names and texts, up to a value that is none."""
    found: dict[str, str] = {}
    while True:
        name, at = _value(body, at)
        if not isinstance(name, str):
            return found, at
        _, at = _value(body, at)
        data, at = _value(body, at)
        if isinstance(data, bytes):
            found[name] = data[4:].rstrip(b"\0").decode("utf-8", "replace")
