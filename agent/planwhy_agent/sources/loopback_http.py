"""Just enough of HTTP/1.1 for programs of this machine to hand something over, without a thread and without blocking.

In: bytes of connections on a loopback port. Out: whole requests, and short JSON answers. Never: more held of one
connection than one head and one body; a wait for a slow sender; more requests than `flood` allows.
"""

import json
import re
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from planwhy_agent.sources.flood import Bucket

HEAD_BYTES = 8 << 10
BODY_BYTES = 64 << 10
CONNECTIONS = 16
REQUEST_S = 10.0
"""How long one request may take to arrive, from its first byte."""
KEEP_S = 120.0
"""How long a connection may stay without a request."""
_CHUNK = 64 << 10
_LINE = re.compile(r"([A-Z]{1,16}) ([!-~]{1,4096}) HTTP/1\.([01])")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([ -~\t]*?)[ \t]*")
_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"} | {
    405: "Method Not Allowed", 411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
    417: "Expectation Failed", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One request; names of headers are in lower case, and none occurs twice. `last` asks to close afterwards."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and a small JSON object where there is something to say; `headers` come on top."""

    status: int
    content: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)


_WAITABLE = sys.platform != "win32"
"""Whether a socket can be waited on together with everything else."""
_ALONE = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""On Windows the second of these names lets another program take the port away."""


class BadRequest(Exception):
    """What came is no request that is taken; `status` says why. The connection ends with that answer."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


class Requests:
    """Collects bytes of one connection and gives whole requests back."""

    def __init__(self) -> None:
        """Start with nothing collected."""
        self._held = bytearray()

    @property
    def begun(self) -> bool:
        """Whether a request has begun and is not whole."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Request]:
        """Add bytes and take out what is whole now, oldest first. Raises BadRequest."""
        self._held += data
        whole: list[Request] = []
        while (request := self._next()) is not None:
            whole.append(request)
        return whole

    def _next(self) -> Request | None:
        at = self._held.find(b"\r\n\r\n", 0, HEAD_BYTES)
        if at < 0:
            if len(self._held) >= HEAD_BYTES:
                raise BadRequest(431)
            return None
        method, target, version, headers = _head(bytes(self._held[:at]))
        end = at + 4 + _length(method, headers)
        if len(self._held) < end:
            return None
        body = bytes(self._held[at + 4 : end])
        del self._held[:end]
        last = version == "0" or headers.get("connection", "").lower() == "close"
        return Request(method, target, headers, body, last)


def _head(text: bytes) -> tuple[str, str, str, dict[str, str]]:
    """Method, target, minor version and headers. Raises BadRequest for all that is doubtful."""
    first, *lines = text.decode("latin-1").split("\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise BadRequest(400)
    headers: dict[str, str] = {}
    for one in lines:
        found = _HEADER.fullmatch(one)
        if found is None or found[1].lower() in headers:
            raise BadRequest(400)
        headers[found[1].lower()] = found[2]
    return line[1], line[2], line[3], headers


def _length(method: str, headers: dict[str, str]) -> int:
    """How long the body is. Raises BadRequest where it is not told, or told to be too long."""
    if "transfer-encoding" in headers or (method == "POST" and "content-length" not in headers):
        raise BadRequest(411)
    if "expect" in headers:
        raise BadRequest(417)
    told = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,18}", told):
        raise BadRequest(400)
    if int(told) > BODY_BYTES:
        raise BadRequest(413)
    return int(told)


class _Connection:
    def __init__(self, link: socket.socket, now: float) -> None:
        self.link, self.requests, self.bucket, self.since = link, Requests(), Bucket(now), now


class LoopbackServer:
    """Listens on 127.0.0.1 and answers; it is driven from outside by `filenos` and `read`."""

    def __init__(
        self, port: int, answer: Callable[[Request], Answer], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Listen; 0 chooses a port. Raises OSError where the port is taken."""
        self._answer, self._clock = answer, clock
        self._accepting = Bucket(clock(), burst=2.0 * CONNECTIONS)
        self._connections: dict[int, _Connection] = {}
        self.closed = 0
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, _ALONE, 1)
            self._listener.bind(("127.0.0.1", port))
        except OSError:
            self._listener.close()
            raise
        self._listener.listen(CONNECTIONS)
        self._listener.setblocking(False)

    @property
    def port(self) -> int:
        """The port."""
        return int(self._listener.getsockname()[1])

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on, as programs come and go; none on Windows, where `read` finds what has come."""
        accepting = self._accepting.wait_s(self._clock()) == 0
        sockets = (*((self._listener.fileno(),) if accepting else ()), *self._connections)
        return sockets if _WAITABLE else ()

    def read(self) -> None:
        """Take in and answer what is there without blocking; end connections that are too slow."""
        self._accept()
        for fd, connection in list(self._connections.items()):
            limit_s = REQUEST_S if connection.requests.begun else KEEP_S
            late = self._clock() - connection.since > limit_s
            self.closed += late and connection.requests.begun
            if late or not self._serve(connection):
                self._connections.pop(fd).link.close()

    def close(self) -> None:
        """Let go of the port and of all connections."""
        for connection in self._connections.values():
            connection.link.close()
        self._connections.clear()
        self._listener.close()

    def _accept(self) -> None:
        now = self._clock()
        while self._accepting.wait_s(now) == 0:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._accepting.take(1, now)
            if len(self._connections) >= CONNECTIONS:
                link.close()
                self.closed += 1
                continue
            link.setblocking(False)
            self._connections[link.fileno()] = _Connection(link, now)

    def _serve(self, connection: _Connection) -> bool:
        """Take in what one connection sent, at most one chunk, and answer; whether it stays open."""
        try:
            data = connection.link.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        if not data:
            return False
        began = connection.requests.begun
        try:
            requests = connection.requests.feed(data)
            if not connection.bucket.take(max(1, len(requests)), self._clock()):
                raise BadRequest(429)
        except BadRequest as refused:
            self.closed += 1
            self._send(connection, Answer(refused.status), last=True)
            return False
        if requests or not began:
            connection.since = self._clock()
        return all(self._send(connection, self._answer(one), one.last) for one in requests)

    def _send(self, connection: _Connection, answer: Answer, last: bool) -> bool:
        """Send an answer; whether the connection stays open. Who does not take it in loses the connection."""
        content = b"" if answer.content is None else json.dumps(answer.content).encode()
        headers = {"Content-Length": str(len(content)), "Connection": "close" if last else "keep-alive"}
        headers |= {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} | answer.headers
        if content:
            headers["Content-Type"] = "application/json"
        lines = [f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}", *(f"{k}: {v}" for k, v in headers.items())]
        whole = "\r\n".join([*lines, "", ""]).encode("latin-1") + content
        with suppress(OSError):
            return connection.link.send(whole) == len(whole) and not last
        return False
