"""An agent's spool and uploader, a network that misbehaves as told, a collector's application, and the ledgers of both.

The agent's code and the collector's are the real ones; only the network between them is made up.
"""

import gzip
import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent_parts import NOON_MS
from ingesting import NOW_MS, Agents
from planwhy_agent.errors import Unreachable
from planwhy_agent.policy import PolicyStore
from planwhy_agent.privacy import Kept
from planwhy_agent.spans import Stretch
from planwhy_agent.spool import Loss, Spool
from planwhy_agent.transport import Answer
from planwhy_agent.upload import Uploader
from planwhy_collector.db import Database
from planwhy_collector.models import BatchRow, Epoch, GapRow, SeqRange, SpanBlock
from planwhy_collector.queries.blocks import unpack
from planwhy_collector.queries.devices import device_by_token
from planwhy_shared.ids import secret_hash
from sqlalchemy import event, select

Number = tuple[str, int]
"""An epoch and a sequence number: what names a span of one device for ever."""
FORGED = {
    "500": (500, b'{"error":"error","detail":"","retryable":true,"request_id":"r"}'),
    "503": (503, b'{"error":"unavailable","detail":"","retryable":true,"request_id":"r"}'),
    "429": (429, b'{"error":"too_many_requests","detail":"","retryable":true,"request_id":"r"}'),
    "401": (401, b'{"error":"unauthorised","detail":"","retryable":false,"request_id":"r"}'),
    "413": (413, b"<html>413 Request Entity Too Large</html>"),
    "422": (422, b'{"error":"invalid","detail":"","retryable":false,"request_id":"r"}'),
    "409": (409, b'{"error":"batch_conflict","detail":"","retryable":false,"request_id":"r"}'),
    "garbage": (200, b"<html>Welcome to the hotel</html>"),
    "foreign receipt": (
        200,
        b'{"batch_id":"x","accepted":1,"duplicates":0,"rejected":[],"durable_through":9,"policy_version":"p"}',
    ),
}
"""What somebody on the way may answer instead of the collector."""
FATES = ["lost", "answer lost", "late", "twice", "killed before commit", "killed after commit", *FORGED]


class Killed(Exception):
    """The collector's process ended in the middle of a request."""


@dataclass
class Network:
    """The agent's transport: passes requests to the application, and does to each what the next of `fates` says."""

    agents: Agents
    token: str
    fates: list[str] = field(default_factory=list)
    late: list[bytes] = field(default_factory=list)
    arrived: list[dict[str, Any]] = field(default_factory=list)
    dies: bool = False

    def __post_init__(self) -> None:
        event.listen(self.agents.database.writer, "commit", self._committing)

    def get(self, path: str, headers: dict[str, str], total_s: float) -> Answer:
        """The policy always arrives."""
        told = self.agents.client.get(path, headers=headers | {"Authorization": f"Bearer {self.token}"})
        return Answer(told.status_code, {k.lower(): v for k, v in told.headers}, told.data, None, 0)

    def post(self, path: str, body: bytes, headers: dict[str, str], total_s: float) -> Answer:
        """Send a batch. Raises Unreachable where no answer comes back."""
        fate = self.fates.pop(0) if self.fates else "passes"
        if fate in ("413", "422") and not json.loads(gzip.decompress(body))["spans"]:
            fate = "500"  # a gap that is refused by itself is counted and dropped: nobody could ever take it
        if fate in FORGED:
            return _forged(fate)
        if fate == "late":
            self.late.append(body)
        if fate in ("answer lost", "twice", "killed after commit", "killed before commit", "passes"):
            answer = self.deliver(body, dies=fate == "killed before commit")
        if fate == "twice":
            answer = self.deliver(body)
        if fate in ("passes", "twice"):
            return answer
        raise Unreachable(fate)

    def deliver(self, body: bytes, dies: bool = False) -> Answer:
        """Let a request arrive; `dies`: the collector ends before it commits."""
        self.dies = dies
        told = self.agents.send(self.token, body, Content_Encoding="gzip")
        self.dies = False
        if told.status_code == 200:
            self.arrived.append(json.loads(gzip.decompress(body)))
        assert told.status_code in ((500,) if dies else (200,)), told.text
        return Answer(told.status_code, {k.lower(): v for k, v in told.headers}, told.data, None, 0)

    def _committing(self, _connection: object) -> None:
        if self.dies:
            raise Killed


def _forged(fate: str) -> Answer:
    status, body = FORGED[fate]
    return Answer(status, {"content-type": "application/json"}, body, None, 0)


@dataclass(frozen=True)
class ServerLedger:
    """What a collector holds of one device: its spans, the numbers declared lost, the counts of gaps, the receipts."""

    rows: list[tuple[str, int, int, int]]
    declared: set[Number]
    gaps: Counter[str]
    accepted: int

    @property
    def numbers(self) -> set[Number]:
        """What names each span."""
        return {(epoch, seq) for epoch, seq, _, _ in self.rows}


def server_ledger(database: Database, token: str) -> ServerLedger:
    """Read the ledger of the device with this token."""
    with database.reading() as session:
        device = device_by_token(session, secret_hash(token), 0)
        assert device
        of = {"device_id": device.id}
        epochs = {e.epoch_no: e.epoch for e in session.scalars(select(Epoch).filter_by(**of))}
        rows = [
            (epochs[block.epoch_no], span.seq, span.start_ms, span.end_ms)
            for block in session.scalars(select(SpanBlock).filter_by(**of))
            for span in unpack(block.start_ms, block.first_seq, block.body)
        ]
        runs = [
            (epochs[r.epoch_no], r.first_seq, r.last_seq) for r in session.scalars(select(SeqRange).filter_by(**of))
        ]
        gaps: Counter[str] = Counter()
        for gap in session.scalars(select(GapRow).filter_by(**of)):
            gaps[gap.reason] += gap.count
        receipts = [json.loads(b.receipt) for b in session.scalars(select(BatchRow).filter_by(**of))]
    held = {(epoch, n) for epoch, first, last in runs for n in range(first, last + 1)}
    return ServerLedger(
        rows, held - {(epoch, seq) for epoch, seq, _, _ in rows}, gaps, sum(r["accepted"] for r in receipts)
    )


@dataclass
class Machine:
    """One PC: a spool that is written to and sent from, and the ledger of what was ever committed to it."""

    network: Network
    folder: Path
    ledger: dict[Number, Stretch] = field(default_factory=dict)
    declared: Counter[str] = field(default_factory=Counter)
    at_ms: int = NOON_MS
    unfinished: Stretch | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Open the spool as an agent does that starts, and close what a killed one left open."""
        self.folder.mkdir(exist_ok=True)
        self.spool, self.sending = (Spool(self.folder / "spool.sqlite3", recover=True) for _ in range(2))
        self.spool.settle_open()
        if self.unfinished:
            self._note(self.spool.next_seq - 1, self.unfinished)
            self.unfinished = None
        policies = PolicyStore(self.folder)
        self.uploader = Uploader(self.network, self.sending, policies, self.folder, lambda news: None)  # type: ignore[arg-type]

    def kill(self) -> None:
        """End the agent without a word."""
        self.spool.close()
        self.sending.close()

    @property
    def epoch(self) -> str:
        """The epoch that is written to."""
        row = self.spool.connection.execute("SELECT epoch FROM epochs WHERE no = ?", (self.spool.epoch_no,)).fetchone()
        return str(bytes(row[0]).decode())

    def record(self, states: list[str], leave_open: bool, lost: int = 0) -> None:
        """Write stretches down; the last may stay open, and some may be lost before they have a number."""
        first = self.spool.next_seq
        found = [self.unfinished] if self.unfinished else []
        found += [self._next(state) for state in states]
        self.unfinished = found.pop() if leave_open and found else None
        losses = [Loss(self.at_ms, self.at_ms + 5, lost, "queue_full")] if lost else []
        self.at_ms += 5 * len(losses)  # no two losses are of the same moment
        self.spool.write(found, self.unfinished, losses)
        self.declared["queue_full"] += lost
        for at, stretch in enumerate(found):
            self._note(first + at, stretch)

    def begin_epoch(self) -> None:
        """Count from one again within the same file."""
        if self.unfinished:
            self._note(self.spool.next_seq, self.unfinished)
            self.unfinished = None
        self.spool.begin_epoch()

    def reinstall(self) -> None:
        """Remove the agent with its spool, which was sent, and install it again."""
        self.drain()
        self.kill()
        self.declared += self.counts()
        shutil.rmtree(self.folder)
        self.unfinished = None
        self.start()

    def evict(self) -> None:
        """Find the spool a little over its quota."""
        self.spool.quota_bytes = self.spool.bytes_used() - 1
        self.spool.keep_quota()
        self.spool.quota_bytes = 1 << 30

    def spoil(self, which: int) -> None:
        """Let the disk damage one span that waits."""
        rows = "SELECT epoch_no, seq FROM spans WHERE open = 0 AND (batch_no IS NULL OR batch_no IN"
        rows += " (SELECT no FROM batches WHERE acked_ms IS NULL)) ORDER BY 1, 2"
        if found := self.spool.connection.execute(rows).fetchall():
            with self.spool.writing() as tx:
                tx.execute("UPDATE spans SET crc = -1 WHERE epoch_no = ? AND seq = ?", found[which % len(found)])

    def send(self) -> None:
        """Try to send all that waits."""
        self.uploader.attempt(60.0)

    def drain(self) -> None:
        """Send all that waits over a network that is well again."""
        self.network.fates = []
        self.record([], leave_open=False)
        for _ in range(40):
            self.send()
            if self.spool.counts().waiting == 0 and not self.waiting_gaps():
                return
        raise AssertionError("the spool does not become empty")

    def waiting_gaps(self) -> int:
        """Gaps that no acknowledged batch carried."""
        return int(self.spool.connection.execute("SELECT count(*) FROM gaps WHERE batch_no IS NULL").fetchone()[0])

    def arrived_of_epoch(self) -> bool:
        """Whether the collector holds something of the epoch that is written to."""
        found = server_ledger(self.network.agents.database, self.network.token)
        return any(epoch == self.epoch for epoch, _ in found.numbers)

    def counts(self) -> Counter[str]:
        """What the agent says that it lost, by reason."""
        path = self.folder / "spool.sqlite3"
        spool = Spool(path)
        found = spool.counts().by_reason
        spool.close()
        return Counter({reason: n for reason, n in found.items() if reason in ("evicted", "rejected", "corrupt")})

    def _next(self, state: str) -> Stretch:
        start, length = self.at_ms, 1_000
        if state == "future":
            start = NOW_MS + 10 * 86_400_000
        if state == "endless":
            length = 40 * 86_400_000
        self.at_ms += 1_000
        kept = Kept(state if state in STATES else "idle", "xterm", "t" * 900, None, "window")  # type: ignore[arg-type]
        return Stretch(start, start + length, kept)

    def _note(self, seq: int, stretch: Stretch) -> None:
        self.ledger[self.epoch, seq] = stretch


STATES = ["active", "idle", "locked", "asleep", "private", "off"]
RECORDED = [*STATES, "future", "endless"]
"""What a machine records: states, and spans that a collector refuses."""
