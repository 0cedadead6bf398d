"""Requests as bytes over a socket, right or wrong, to a collector as it is shipped, and what came back."""

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from ingesting import ENROL
from planwhy_collector.db import Database
from planwhy_collector.models import Base, SpanBlock
from running import CollectorProgram
from sqlalchemy import func, select

DEVICES = 1_000
RATE_PER_MINUTE = 600
MOVING = frozenset({"job_runs"})
"""Tables that the collector's own clock writes to."""
_numbers = count(1)


@dataclass(frozen=True)
class Reply:
    """One answer. `closed` says that the connection ended behind it."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool = False

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def slug(self) -> str:
        """The slug of a refusal in the contract's form, else nothing."""
        told = self.json if self.body and self.headers.get("content-type") == "application/json" else {}
        return str(told["error"]) if set(told) == {"error", "detail", "retryable", "request_id"} else ""


@dataclass
class RawCollector:
    """A running collector with one employee, whose devices are enrolled one by one."""

    program: CollectorProgram
    code: str

    def device(self) -> str:
        """The token of a fresh device."""
        told = ENROL | {"code": self.code, "instance_id": f"raw-{next(_numbers)}"}
        url, headers = f"{self.program.url}/api/v1/enrol", {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(told).encode(), headers)) as answer:
            return str(json.load(answer)["token"])

    @property
    def worker(self) -> int:
        """The process that serves: the newest child of the one that was started."""
        assert self.program.process
        return psutil.Process(self.program.process.pid).children()[-1].pid

    def connect(self, timeout_s: float = 10) -> socket.socket:
        """An open connection."""
        return socket.create_connection(("127.0.0.1", self.program.port), timeout=timeout_s)

    def ask(self, sent: bytes, *, finish: bool = False, timeout_s: float = 10) -> Reply:
        """Send bytes on a connection of their own and read one answer; `finish` ends our side behind them."""
        with self.connect(timeout_s) as opened:
            _send(opened, sent)
            if finish:
                opened.shutdown(socket.SHUT_WR)
            return next(replies(opened), Reply(0, {}, b"", True))

    def stored(self) -> dict[str, int]:
        """The number of rows of each table, and of spans whatever rows they lie in."""
        with Database(self.program.database_url) as database, database.reading() as session:
            rows = {
                table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
                if table.name not in MOVING
            }
            packed = session.execute(select(func.coalesce(func.sum(SpanBlock.spans), 0))).scalar_one()
            return rows | {"spans": rows["spans"] + int(packed)}


def request(token: str | None, body: bytes = b"", /, *lines: str, length: str | None = "") -> bytes:
    """A request to store a batch. `lines` are more headers; a length of "" is the body's own, None leaves it out.

    Content-Type is there unless `lines` name one; `Authorization` unless there is no token.
    """
    head = ["POST /api/v1/spans HTTP/1.1", "Host: x"]
    if not any(line.lower().startswith("content-type") for line in lines):
        head.append("Content-Type: application/json")
    if token is not None:
        head.append(f"Authorization: Bearer {token}")
    if length is not None:
        head.append(f"Content-Length: {length or len(body)}")
    return "\r\n".join([*head, *lines, "", ""]).encode("utf-8", "surrogateescape") + body


def replies(opened: socket.socket) -> Iterator[Reply]:
    """Answers as they come, until the connection ends or falls silent for its timeout."""
    held = b""
    while True:
        while b"\r\n\r\n" not in held:
            if not (part := _received(opened)):
                return
            held += part
        head, _, held = held.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        status = int(lines[0].split()[1])
        while len(held) < length and (part := _received(opened)):
            held += part
        yield Reply(status, headers, held[:length], headers.get("connection") == "close")
        held = held[length:]


@contextmanager
def raw_collector(program: CollectorProgram) -> Iterator[RawCollector]:
    """Start a collector, add the employee, stop it at the end."""
    program.environment |= {"PLANWHY_DEVICE_RATE_PER_MINUTE": str(RATE_PER_MINUTE)}
    program.start()
    try:
        program.call("employee", "add", "--key", "e1", "--name", "Employee One")
        asked = ("enrol-code", "create", "--employee", "e1", "--max-devices", str(DEVICES), "--json")
        yield RawCollector(program, program.json(*asked)["code"])
    finally:
        program.end()


def reset_peak(pid: int) -> None:
    """Let a process's peak of memory begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_kib(pid: int) -> int:
    """The most memory that a process has held since then."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def _received(opened: socket.socket) -> bytes:
    try:
        return opened.recv(1 << 16)
    except (TimeoutError, ConnectionError):
        return b""


def _send(opened: socket.socket, sent: bytes) -> None:
    """Send, unless the other side ends the connection in between: what it said is still read."""
    try:
        opened.sendall(sent)
    except (BrokenPipeError, ConnectionResetError):
        time.sleep(0.05)
