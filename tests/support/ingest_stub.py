"""A collector for tests of the agent: speaks the contract over real HTTP, and misbehaves in every way it is told to.

It keeps a ledger of each span by (epoch, seq) with how often it was counted, so that loss and doubling show.
"""

import contextlib
import gzip
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ALWAYS = "Mon-Sun 00:00-24:00"


class IngestStub:
    """What it was sent, and how it answers: `modes` are used up one per batch, then it behaves."""

    def __init__(self) -> None:
        self.modes: list[str] = []
        self.spans: dict[tuple[str, int], dict[str, Any]] = {}
        self.counted: dict[tuple[str, int], int] = {}
        self.receipts: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self.gaps: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.bytes = 0
        self.poison = ""
        self.rejects = ""
        self.clock_ahead_s = 0
        self.lock = threading.Lock()
        self.policy: dict[str, Any] = {
            "version": "p1",
            "notice_version": "n1",
            "working_hours": ALWAYS,
            "time_zone": "UTC",
            "path_hosts": ["bitrix24.ru"],
        }

    def answer_of(self) -> dict[str, Any]:
        """The policy and its notice."""
        return {"policy": self.policy, "notice": {"version": self.policy["notice_version"], "text": "Что записывается"}}

    def take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Store a batch and make its receipt."""
        batch = json.loads(body)
        known = self.receipts.get(batch["batch_id"])
        if known is not None:
            return (200, {**known[1], "duplicate": True}) if known[0] == body else (409, failure("batch_conflict"))
        if self.poison and self.poison in body.decode():
            return 422, failure("invalid")
        accepted, duplicates, rejected = 0, 0, []
        for span in batch["spans"]:
            key = (batch["epoch"], span["seq"])
            if self.rejects and self.rejects in str(span.get("title")):
                rejected.append({"seq": span["seq"], "error": "bad_span", "detail": "refused by the test"})
            elif key in self.spans:
                duplicates += 1
            else:
                accepted += 1
                self.spans[key] = span
                self.counted[key] = self.counted.get(key, 0) + 1
        self.gaps.extend(batch.get("gaps", []))
        receipt = {
            "batch_id": batch["batch_id"],
            "accepted": accepted,
            "duplicates": duplicates,
            "rejected": rejected,
            "durable_through": max((s["seq"] for s in batch["spans"]), default=0),
            "policy_version": self.policy["version"],
        }
        self.receipts[batch["batch_id"]] = (body, receipt)
        return 200, receipt

    def timeline(self) -> list[dict[str, Any]]:
        """All spans in the order of time."""
        return sorted(self.spans.values(), key=lambda s: (s["start_ms"], s["end_ms"]))


def failure(slug: str, retryable: bool = False) -> dict[str, Any]:
    """An error in the collector's own form."""
    return {"error": slug, "detail": "by the test", "retryable": retryable, "request_id": "r1"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: IngestStub

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) + self.stub.clock_ahead_s, usegmt=True)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.stub.requests.append(("GET", self.path))
        self.stub.bytes += self._head_bytes()
        if self.headers.get("If-None-Match") == self._tag():
            self._send(304, b"")
        else:
            self._send(200, json.dumps(self.stub.answer_of()).encode(), {"ETag": self._tag()})

    def _head_bytes(self) -> int:
        return len(self.requestline) + 2 + len(bytes(self.headers))

    def _tag(self) -> str:
        return f'"{self.stub.policy["version"]}"'

    def do_POST(self) -> None:
        self.stub.requests.append(("POST", self.path))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stub.bytes += self._head_bytes() + len(body)
        if self.path.endswith("/enrol"):
            told = {"device_id": "d1", "token": "secret-token", "employee": {"id": "e1", "name": "Person One"}}
            refused = "WRONG" in body.decode()
            self._json(403 if refused else 201, failure("code_refused") if refused else told | self.stub.answer_of())
            return
        with self.stub.lock:
            mode = self.stub.modes.pop(0) if self.stub.modes else "ok"
            self._batch(mode, gzip.decompress(body))

    def _batch(self, mode: str, body: bytes) -> None:
        status, _, extra = mode.partition(" ")
        if mode == "ok":
            self._json(*self.stub.take(body))
        elif mode == "cut":
            self.stub.take(body)
            self._cut()
        elif mode == "foreign":
            self._send(200, b"<html>Welcome to the hotel</html>")
        elif mode == "other-receipt":
            self._json(200, {**self.stub.take(body)[1], "batch_id": "another"})
        elif mode == "wrong-sum":
            self._json(200, {**self.stub.take(body)[1], "accepted": 7_777})
        elif mode == "redirect":
            self._send(307, b"", {"Location": "http://127.0.0.1:9/api/v1/spans"})
        elif mode == "endless":
            self._endless()
        else:
            headers = {"Retry-After": extra} if extra else {}
            self._json(int(status), failure(f"status_{status}", int(status) in (429, 503)), headers)

    def _cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
        self.close_connection = True

    def _endless(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        self.close_connection = True
        with contextlib.suppress(OSError):
            for _ in range(64):
                self.wfile.write(b" " * 65_536)

    def _json(self, status: int, value: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def ingest_stub(secured: ssl.SSLContext | None = None) -> Iterator[tuple[IngestStub, str]]:
    """A stub on a free port of this machine, and its address; `secured`: with TLS, under the name localhost."""
    stub = IngestStub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": stub}))
    server.daemon_threads = True
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        address = "https://localhost" if secured is not None else "http://127.0.0.1"
        yield stub, f"{address}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
