"""An earlier release that goes on writing while its database is upgraded: its SQL, frozen.

A release whose statements differ gets a writer of its own in WRITERS, under the revision that it was made for.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from planwhy_collector.db import Database
from planwhy_collector.errors import Unavailable
from running import eventually
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

SPANS = 5
"""Spans in one batch."""
EMPLOYEE = """INSERT INTO employees (id, key, name, position, time_zone, working_hours, country)
    VALUES (1, 'e1', 'One', '', 'UTC', '', '')"""
DEVICE = """INSERT INTO devices (id, employee_id, instance_id, hostname, os, os_user, agent_version, enrolled_ms)
    VALUES (:device, 1, :name, 'pc', 'linux', 'u', '0', 0)"""
SEEN = "UPDATE devices SET seen_ms=:now WHERE devices.id = :device"
KNOWN = "SELECT batches.digest FROM batches WHERE batches.device_id = :device AND batches.batch_id = :batch"
EPOCH_NO = "SELECT epochs.epoch_no FROM epochs WHERE epochs.device_id = :device AND epochs.epoch = 'e1'"
EPOCH = "INSERT INTO epochs (device_id, epoch_no, epoch, first_ms) VALUES (:device, 0, 'e1', :now)"
RUNS = "SELECT seq_ranges.first_seq FROM seq_ranges WHERE seq_ranges.device_id = :device AND seq_ranges.epoch_no = 0"
NO_RUN = "DELETE FROM seq_ranges WHERE device_id = :device AND epoch_no = 0 AND first_seq IN (:first)"
RUN = "INSERT INTO seq_ranges (device_id, epoch_no, first_seq, last_seq) VALUES (:device, 0, 0, :last)"
CONTEXT = """INSERT INTO contexts (id, app, title, seen_day) VALUES (:id, 'x', :title, :today)
    ON CONFLICT (id) DO UPDATE SET path = excluded.path, title = excluded.title, seen_day = excluded.seen_day
    WHERE contexts.seen_day < excluded.seen_day"""
SPAN_COLUMNS = "device_id, start_ms, epoch_no, seq, end_ms, context_id, state, track, source, mark"
SPAN_TYPES = "bigint, bigint, smallint, bigint, bigint, bigint, smallint, smallint, smallint, smallint"
DAY = """INSERT INTO days (employee_id, day, dirty, frozen, version) VALUES (1, :day, 2, :frozen, '')
    ON CONFLICT (employee_id, day) DO UPDATE SET dirty = 2"""
BATCH = """INSERT INTO batches (device_id, batch_id, digest, received_ms, receipt)
    VALUES (:device, :batch, :digest, :now, :receipt)"""
LONGER_RUN = "UPDATE seq_ranges SET last_seq=:last WHERE device_id = :device AND epoch_no = 0 AND first_seq = 0"
WIDER_EPOCH = "UPDATE epochs SET from_ms=:now, until_ms=:now WHERE device_id = :device AND epoch_no = 0"
BLOCK = """INSERT INTO span_blocks (device_id, track, start_ms, epoch_no, first_seq, end_ms, spans, body)
    VALUES (:device, 0, :now, 0, :first, :end, :spans, :body) ON CONFLICT DO NOTHING"""


def add_devices(connection: Connection, devices: range) -> None:
    """One employee with some machines, as the first release wrote them."""
    connection.execute(text(EMPLOYEE))
    for device in devices:
        connection.execute(text(DEVICE), {"device": device, "name": f"i{device}"})


def write_0001(connection: Connection, device: int, number: int) -> None:
    """Store one batch of a machine as the releases from revision 0001 on do; one that is known stays as it is."""
    run, now = _Batch(connection, device, number), _now_ms()
    if run.is_known():
        return
    if not run(EPOCH_NO):
        run(EPOCH)
    for first in (runs := run(RUNS)):
        run(NO_RUN, first=first)
    assert runs == ([0] if number else [])
    _spans_0001(connection, [_span(device, number * SPANS + n, now + n, number % 7) for n in range(SPANS)])
    run(RUN, last=number * SPANS + SPANS - 1)
    run.store_the_rest()


def write_0003(connection: Connection, device: int, number: int) -> None:
    """Store one batch as the releases from revision 0003 on do: spans in a block, and what the epoch covers."""
    run, now = _Batch(connection, device, number), _now_ms()
    if run.is_known():
        return
    if not number:
        run(EPOCH)
    run(BLOCK, first=number * SPANS, end=now + SPANS, spans=SPANS, body=bytes(8))
    run(LONGER_RUN if number else RUN, last=number * SPANS + SPANS - 1)
    run(WIDER_EPOCH)
    run.store_the_rest()


class _Batch:
    """Runs statements with what names one batch of a machine."""

    def __init__(self, connection: Connection, device: int, number: int) -> None:
        self.connection, self.number = connection, number
        self.named = {"device": device, "batch": f"b{number}", "now": _now_ms()}

    def __call__(self, sql: str, **more: object) -> list[int]:
        result = self.connection.execute(text(sql), self.named | more)
        return list(result.scalars()) if result.returns_rows else []

    def is_known(self) -> bool:
        """Lock the machine's row, and look the batch up."""
        self(SEEN)
        return bool(self(KNOWN))

    def store_the_rest(self) -> None:
        """Contexts in order of their keys, the day that is to be settled, and the ledger's row."""
        today = datetime.now(UTC).date()
        for context in sorted({self.number % 7, self.number % 3 + 10}):
            self(CONTEXT, id=context, title=f"t{context}", today=today.toordinal())
        self(DAY, day=str(today) if self.connection.dialect.name == "sqlite" else today, frozen=False)
        self(BATCH, digest=b"d" * 32, receipt=b"{}")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _span(device: int, seq: int, start_ms: int, context: int) -> tuple[int, ...]:
    return (device, start_ms, 0, seq, start_ms + 1, context, 0, 0, 0, 0)


def _spans_0001(connection: Connection, rows: list[tuple[int, ...]]) -> None:
    head = f"INSERT INTO spans ({SPAN_COLUMNS})"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"{head} VALUES ({', '.join('?' * 10)}) ON CONFLICT DO NOTHING", rows)
        return
    arrays = ", ".join(f"%s::{kind}[]" for kind in SPAN_TYPES.split(", "))
    whole = f"{head} SELECT * FROM UNNEST({arrays}) ON CONFLICT DO NOTHING"
    connection.exec_driver_sql(whole, tuple(list(column) for column in zip(*rows, strict=True)))


Write = Callable[[Connection, int, int], None]
WRITERS: dict[str, Write] = {"0001": write_0001, "0003": write_0003}


def writer_of(revision: str) -> Write:
    """How the release of a revision writes: as that of the latest revision up to it of which it is known."""
    return WRITERS[max(known for known in WRITERS if known <= revision)]


@dataclass
class Writer:
    """One machine that sends without pause; a batch is sent again until it is stored, as an agent does on a 503."""

    database: Database
    write: Write
    device: int
    acknowledged: int = 0
    errors: list[DBAPIError | Unavailable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_for_more(self, batches: int = 5) -> None:
        """Wait until so many batches more are stored."""
        goal = self.acknowledged + batches
        eventually(lambda: self.acknowledged >= goal or not self._thread.is_alive(), within_s=60, every_s=0.01)
        assert self._thread.is_alive()

    def stop(self) -> None:
        """End after the batch that is being sent."""
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                with self.database.writing() as session:
                    self.write(session.connection(), self.device, self.acknowledged)
                self.acknowledged += 1
            except (DBAPIError, Unavailable) as error:
                self.errors.append(error)
                time.sleep(0.02)
