"""The bridge from the server's event loop to the application, which is plain WSGI and runs in a few threads.

In: requests whose bodies may come slowly, late or never. Out: calls with the whole body at hand. Never: a thread that
waits for a sender. A server that lets the application read the body loses a thread to each sender that stalls, and
for good to each that vanished without a word; here a stalled body costs its bytes until the deadline, nothing else.
"""

import asyncio
import io
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]
from msgspec import json
from planwhy_shared import limits
from planwhy_shared.ids import new_uuid
from planwhy_shared.wire import Failure

THREADS = 8
BODY_S = 30.0
"""A body that is not complete after so many seconds is answered with what there is of it."""
HELD_BYTES = 256 << 20
"""Bodies kept at once by this process; a request that comes on top is told to come back."""
DISCARDED_BYTES = 32 << 20
"""Of a body over the limit so much is read and thrown away, so that its sender gets to read the refusal."""
LATE = "planwhy.late"
"""In the environment of a request whose body missed the deadline."""
_BARE = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass(slots=True)
class _Held:
    bytes: int = 0


class Bridge:
    """A WSGI application as the server's own interface wants it."""

    def __init__(self, application: WSGIApplication, body_s: float = BODY_S) -> None:
        self._application, self._body_s = application, body_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self._held = _Held()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Serve one request."""
        size = _announced(scope)
        if self._held.bytes + size > HELD_BYTES:
            protocol.response_bytes(503, [("Retry-After", "5"), ("Content-Type", "application/json")], _full())
            return
        self._held.bytes += size
        try:
            body, late = await self._body(protocol, size, _has_body(scope))
            environ = _environ(scope, body, late)
            answer = asyncio.get_running_loop().run_in_executor(self._threads, _call, self._application, environ)
            status, headers, content = await answer
        finally:
            self._held.bytes -= size
        protocol.response_bytes(status, headers, content)

    async def _body(self, protocol: HTTPProtocol, size: int, has_body: bool) -> tuple[bytes, bool]:
        """At most `size` bytes, and whether the deadline passed. What exceeds them is thrown away."""
        kept, seen = bytearray(), 0
        if not has_body:
            return b"", False
        try:
            async with asyncio.timeout(self._body_s):
                async for part in protocol:
                    seen += len(part)
                    kept += part[: size - len(kept)]
                    if seen > DISCARDED_BYTES:
                        break
        except TimeoutError:
            return bytes(kept), True
        return bytes(kept), False


def _full() -> bytes:
    return json.encode(Failure("unavailable", "too many bodies are on their way", True, new_uuid()))


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


def _call(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
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
    return status, headers, content
