"""The bridge from the server's event loop to the application, which is plain WSGI and runs in a few threads.

In: requests whose bodies may come slowly, late or never. Out: calls with the whole body at hand. Never: a thread that
waits for a sender. A server that lets the application read the body loses a thread to each sender that stalls, and
for good to each that vanished without a word; here a stalled body costs its bytes until the deadline, nothing else.

Asked to stop, it lets the requests that it has end: bodies get a part of the time, the application the rest.
"""

import asyncio
import io
import logging
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]
from msgspec import json
from planwhy_shared import limits
from planwhy_shared.wire import Failure

from planwhy_collector import request_ids
from planwhy_collector.condition import Condition, Told
from planwhy_collector.ingest.routes import LATE, PATHS
from planwhy_collector.lanes import Busy, Lane
from planwhy_collector.metrics import Meters

log = logging.getLogger("planwhy.server")
BODY_S = 30.0
"""A body that is not complete after so many seconds is answered with what there is of it."""
LAST_BODIES = 0.5
"""Share of the time to stop that bodies get which are on their way then."""
QUIET_S = 1.0
"""Without a request for so long after being asked to stop, nothing is left to wait for."""
HELD_BYTES = 256 << 20
"""Bodies kept at once by this process; a request that comes on top is told to come back."""
DISCARDED_BYTES = 32 << 20
"""Of a body over the limit so much is read and thrown away, so that its sender gets to read the refusal."""
RETRY_AFTER_S = "5"
LATER = """\
Planwhy занят или ждёт свою базу данных. Попробуйте ещё раз через несколько секунд.
Planwhy is busy, or waits for its database. Try again in a few seconds.
"""
"""What people are told before anyone could ask which language they read."""
_BARE = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where requests are served: those of agents apart from all others."""

    ingest: Lane
    reports: Lane

    def of(self, path: str) -> Lane:
        """The lane of a path."""
        return self.ingest if path.startswith(PATHS) else self.reports


@dataclass(slots=True)
class _Work:
    """What is at work, and until when it may be."""

    bytes: int = 0
    requests: int = 0
    last_end: float = 0.0
    bodies: set[asyncio.Timeout] = field(default_factory=set)
    stop_bodies_at: float | None = None


class Bridge:
    """A WSGI application for the server's own interface. Senders are told to come again until it is there."""

    def __init__(self, lanes: Lanes, condition: Condition, meters: Meters, body_s: float = BODY_S) -> None:
        self.application: WSGIApplication | None = None
        self._lanes, self._condition, self._meters, self._body_s = lanes, condition, meters, body_s
        self._work = _Work()

    async def serve(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Serve one request."""
        with self._at_work():
            answer = await self._condition.tell(scope.path, scope.headers.get("authorization") or "")
            answer = answer or await self._answer(scope, protocol)
        protocol.response_bytes(answer.status, list(answer.headers), answer.content)

    def stop(self, within_s: float) -> None:
        """Let what is at work end within that time; bodies on their way within a part of it. For the event loop."""
        self._work.stop_bodies_at = asyncio.get_running_loop().time() + within_s * LAST_BODIES
        for body in self._work.bodies:
            if (when := body.when()) is not None:
                body.reschedule(min(when, self._work.stop_bodies_at))

    async def quiet(self) -> None:
        """Wait until nothing is at work and no request came for a moment."""
        while self._work.requests or time.monotonic() - self._work.last_end < QUIET_S:
            await asyncio.sleep(0.05)

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> Told:
        request_id, size = request_ids.chosen(scope.headers.get(request_ids.HEADER.lower())), _announced(scope)
        if self.application is None:
            return self._later(scope.path, request_id, "the collector waits for its database")
        if self._work.bytes + size > HELD_BYTES:
            return self._later(scope.path, request_id, "too many bodies are on their way")
        with self._holding(size):
            body, late = await self._body(protocol, size, _has_body(scope))
            environ = _environ(scope, body, late) | {request_ids.KEY: request_id}
            try:
                return await self._lanes.of(scope.path).run(_call, self.application, environ)
            except Busy as busy:
                return self._later(scope.path, request_id, str(busy))

    def _later(self, path: str, request_id: str, detail: str) -> Told:
        """Tell a sender to come again: programs in JSON, people in words."""
        self._meters.refusals.labels("unavailable").inc()
        log.warning("told to come again: %s", detail, extra={"request_id": request_id, "status": 503})
        kind, content = "text/plain; charset=utf-8", LATER.encode()
        if path.startswith("/api/"):
            kind, content = "application/json", json.encode(Failure("unavailable", detail, True, request_id))
        more = (("Retry-After", RETRY_AFTER_S), (request_ids.HEADER, request_id), ("Cache-Control", "no-store"))
        return Told(503, (*more, ("Content-Type", kind)), content)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._work.requests += 1
        try:
            yield
        finally:
            self._work.requests -= 1
            self._work.last_end = time.monotonic()

    @contextmanager
    def _holding(self, size: int) -> Iterator[None]:
        self._work.bytes += size
        self._meters.body_bytes.inc(size)
        try:
            yield
        finally:
            self._work.bytes -= size
            self._meters.body_bytes.dec(size)

    async def _body(self, protocol: HTTPProtocol, size: int, has_body: bool) -> tuple[bytes, bool]:
        """At most `size` bytes, and whether the deadline passed. What exceeds them is thrown away."""
        kept, seen = bytearray(), 0
        if not has_body:
            return b"", False
        try:
            async with self._deadline():
                async for part in protocol:
                    seen += len(part)
                    kept += part[: size - len(kept)]
                    if seen > DISCARDED_BYTES:
                        break
        except TimeoutError:
            return bytes(kept), True
        return bytes(kept), False

    @asynccontextmanager
    async def _deadline(self) -> AsyncIterator[None]:
        until = asyncio.get_running_loop().time() + self._body_s
        async with asyncio.timeout_at(min(until, self._work.stop_bodies_at or until)) as body:
            self._work.bodies.add(body)
            try:
                yield
            finally:
                self._work.bodies.discard(body)


def _has_body(scope: Scope) -> bool:
    return "content-length" in scope.headers or "transfer-encoding" in scope.headers


def _announced(scope: Scope) -> int:
    """Bytes to keep of the body: none of one that says nothing of its length, or too much."""
    text = scope.headers.get("content-length") or ""
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return size if size <= limits.WIRE_BYTES else 0


def _environ(scope: Scope, body: bytes, late: bool) -> WSGIEnvironment:
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode("utf-8", "surrogateescape").decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        LATE: late,
    }
    for name, value in scope.headers.items():
        _add_header(environ, name, value)
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    """Add a header; one sent twice is joined. Names with `_` could pose as others and are left out."""
    if "_" in name:
        return
    key = _BARE.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
    joint = ";" if name == "cookie" else ","
    environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value


def _call(application: WSGIApplication, environ: WSGIEnvironment) -> Told:
    """Call the application; what it does not catch itself is logged by kind and place, and answered 500."""
    request_id = environ[request_ids.KEY]
    before = request_ids.current.set(request_id)
    try:
        return _called(application, environ)
    except Exception as error:
        log.error("unexpected", extra={"kind": type(error).__name__}, exc_info=error)
        content = json.encode(Failure("error", "something that should not happen did", True, request_id))
        return Told(500, ((request_ids.HEADER, request_id), ("Content-Type", "application/json")), content)
    finally:
        request_ids.current.reset(before)


def _called(application: WSGIApplication, environ: WSGIEnvironment) -> Told:
    told: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        told.append((int(status.partition(" ")[0]), headers))
        return None

    parts: Iterable[bytes] = application(environ, start)
    try:
        content = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = told[-1]
    return Told(status, tuple(headers), content)
