"""Three ways to store spans, on both databases: rows with their texts, rows with interned contexts, blocks of columns.

In: how many people and days. Out: a table and JSON: bytes a span with all indexes, spans a second with a commit for
each batch, and how long one person's day takes to read into spans. It is what the choice of blocks rests on.
Run it as `make bench-layouts` or `python -m tests.bench.layouts`.
"""

import json
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
import psycopg
from planwhy_collector.queries.blocks import StoredSpan, pack, unpack
from sqlalchemy import make_url

from tests.bench.company import shown
from tests.bench.ingest import TABLE_BYTES, postgres_server
from tests.bench.working_days import BATCH, Recorded, Worker, working_days

DAY_MS = 86_400_000
TEXTS = """CREATE TABLE texts (device bigint, start_ms bigint, epoch smallint, seq bigint, end_ms bigint, state text,
    app text, title text, url text, source text, PRIMARY KEY (device, start_ms, epoch, seq))"""
CONTEXTS = "CREATE TABLE contexts (id bigint PRIMARY KEY, app text, title text, url text)"
ROWS = """CREATE TABLE spans (device bigint, start_ms bigint, epoch smallint, seq bigint, end_ms bigint, context bigint,
    state smallint, track smallint, source smallint, mark smallint, PRIMARY KEY (device, start_ms, epoch, seq))"""
BLOCKS = """CREATE TABLE blocks (device bigint, track smallint, start_ms bigint, epoch smallint, first_seq bigint,
    end_ms bigint, spans smallint, body {bytes}, PRIMARY KEY (device, track, start_ms, epoch, first_seq))"""
Batch = tuple[int, Sequence[Recorded]]
Insert = Callable[[str, list[tuple[Any, ...]]], None]
Read = Callable[[str, tuple[Any, ...]], list[Any]]


@dataclass(frozen=True)
class Found:
    """Bytes a span, spans stored a second, milliseconds to read a person's day."""

    bytes: float
    rate: float
    day_ms: float


@dataclass(frozen=True)
class Layout:
    """A way to store: its tables, what a batch becomes, and how the spans of a day come back."""

    tables: tuple[str, ...]
    rows: Callable[[Batch], Iterator[tuple[str, list[tuple[Any, ...]]]]]
    query: str
    spans: Callable[[list[Any]], list[Any]]


def _context(one: Recorded) -> int:
    return hash((one.app, one.url, one.title))


def _as_texts(batch: Batch) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    device, spans = batch
    rows = [(device, s.start_ms, 0, s.seq, s.end_ms, s.state, s.app, s.title, s.url, "x11") for s in spans]
    yield f"INSERT INTO texts VALUES ({_marks(10)})", rows


def _contexts(spans: Sequence[Recorded]) -> tuple[str, list[tuple[Any, ...]]]:
    known = {_context(s): (s.app, s.title, s.url) for s in spans}
    return f"INSERT INTO contexts VALUES ({_marks(4)}) ON CONFLICT DO NOTHING", [
        (k, *v) for k, v in sorted(known.items())
    ]


def _as_rows(batch: Batch) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    device, spans = batch
    yield _contexts(spans)
    rows = [(device, s.start_ms, 0, s.seq, s.end_ms, _context(s), 0, 0, 1, 0) for s in spans]
    yield f"INSERT INTO spans VALUES ({_marks(10)})", rows


def _as_blocks(batch: Batch) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    device, spans = batch
    yield _contexts(spans)
    packed = pack(StoredSpan(s.start_ms, s.end_ms, s.seq, _context(s), 0, 1, 0) for s in spans)
    rows = [(device, 0, one.start_ms, 0, one.first_seq, one.end_ms, one.spans, one.body) for one in packed]
    yield f"INSERT INTO blocks VALUES ({_marks(8)})", rows


def _marks(count: int) -> str:
    return ", ".join(["?"] * count)


def _unpacked(rows: list[Any]) -> list[Any]:
    return [span for start_ms, first_seq, body in rows for span in unpack(start_ms, first_seq, body)]


OF_DAY = "WHERE device = ? AND start_ms >= ? AND start_ms < ?"
LAYOUTS = {
    "rows with texts": Layout((TEXTS,), _as_texts, f"SELECT * FROM texts {OF_DAY}", list),
    "rows, interned": Layout(
        (CONTEXTS, ROWS), _as_rows, f"SELECT start_ms, end_ms, seq, context, state, source, mark FROM spans {OF_DAY}",
        lambda rows: [StoredSpan(*row) for row in rows],
    ),
    "blocks": Layout(
        (CONTEXTS, BLOCKS), _as_blocks,
        f"SELECT start_ms, first_seq, body FROM blocks {OF_DAY} AND track = 0", _unpacked,
    ),
}  # fmt: skip


def on_sqlite(layout: Layout, told: Sequence[Batch], folder: Path) -> Found:
    """Store and read on SQLite: WAL, every commit on the disk, tables clustered by their keys."""
    file = folder / "layout.sqlite3"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as plain:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            plain.execute(f"PRAGMA {pragma}")
        for table in layout.tables:
            plain.execute(table.format(bytes="blob") + " WITHOUT ROWID")
        cost = _stored(layout, told, lambda rows: _commit_sqlite(plain, rows))
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        day_ms = _day_ms(layout, told, lambda query, values: plain.execute(query, values).fetchall())
    return Found(file.stat().st_size / _count(told), cost, day_ms)


def _commit_sqlite(plain: sqlite3.Connection, rows: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    plain.execute("BEGIN IMMEDIATE")
    for insert, values in rows:
        plain.executemany(insert, values)
    plain.execute("COMMIT")


def on_postgres(layout: Layout, told: Sequence[Batch], url: str) -> Found:
    """Store and read on PostgreSQL."""
    with psycopg.connect(url) as plain:
        for table in layout.tables:
            plain.execute(table.format(bytes="bytea"))
        plain.commit()
        cost = _stored(layout, told, lambda rows: _commit_postgres(plain, rows))
        day_ms = _day_ms(layout, told, lambda q, values: plain.execute(q.replace("?", "%s"), values).fetchall())
        size = int(plain.execute(TABLE_BYTES).fetchone()[0]) - _others(plain)  # type: ignore[index]  # one row, always
        for table in layout.tables:
            plain.execute(f"DROP TABLE {table.split()[2]}")
    return Found(size / _count(told), cost, day_ms)


def _commit_postgres(plain: "psycopg.Connection[Any]", rows: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    with plain.cursor() as cursor:
        for insert, values in rows:
            cursor.executemany(insert.replace("?", "%s"), values)
    plain.commit()


def _others(plain: "psycopg.Connection[Any]") -> int:
    """Bytes of tables that were there before."""
    names = "('texts', 'contexts', 'spans', 'blocks')"
    found = plain.execute(f"{TABLE_BYTES} AND relname NOT IN {names}").fetchone()
    return int(found[0] or 0) if found else 0


def _stored(
    layout: Layout, told: Sequence[Batch], commit: Callable[[list[tuple[str, list[tuple[Any, ...]]]]], None]
) -> float:
    """Spans a second, with a commit for each batch; making the rows counts."""
    start = time.perf_counter()
    for batch in told:
        commit(list(layout.rows(batch)))
    return _count(told) / (time.perf_counter() - start)


def _day_ms(layout: Layout, told: Sequence[Batch], read: Read) -> float:
    """The median over machines of the last day's reading."""
    last = {device: spans[-1].start_ms // DAY_MS * DAY_MS for device, spans in told}
    spent = []
    for device, day_ms in last.items():
        start = time.perf_counter()
        found = layout.spans(read(layout.query, (device, day_ms, day_ms + DAY_MS)))
        spent.append(1000 * (time.perf_counter() - start))
        assert len(found) > 1000, f"{len(found)} spans on a whole day"
    return median(spent)


def _count(told: Sequence[Batch]) -> int:
    return sum(len(spans) for _, spans in told)


def recorded(people: int, days: list[date]) -> list[Batch]:
    """The batches of all machines, as they come: each day by all of them, in turns."""
    workers = [Worker(number) for number in range(people)]
    told: list[Batch] = []
    for day in shown(days, "recording"):
        spans = [list(worker.day(day)) for worker in workers]
        for at in range(0, max(map(len, spans)), BATCH):
            told += [(n + 1 << 40, own[at : at + BATCH]) for n, own in enumerate(spans)]
    return told


@click.command()
@click.option("--people", type=click.IntRange(1), default=20, show_default=True)
@click.option("--days", type=click.IntRange(1), default=5, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(people: int, days: int, path: Path | None) -> None:
    """Compare layouts of spans on both databases."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever ends it ends what it started
    told = recorded(people, working_days(datetime.now(UTC).date() - timedelta(days=1), days))
    found: dict[str, dict[str, Found]] = {"sqlite": {}, "postgresql": {}}
    with tempfile.TemporaryDirectory(prefix="planwhy-bench-") as folder:
        for name, layout in LAYOUTS.items():
            found["sqlite"][name] = on_sqlite(layout, told, Path(folder))
    with postgres_server() as url:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("DROP TABLE contexts, spans CASCADE")
        for name, layout in LAYOUTS.items():
            found["postgresql"][name] = on_postgres(layout, told, plain)
    click.echo(f"{_count(told):,} spans of {people} people")
    click.echo(f"{'':30}{'bytes/span':>12}{'spans/s':>12}{'day, ms':>10}")
    for database, layouts in found.items():
        for name, one in layouts.items():
            click.echo(f"{database:12}{name:18}{one.bytes:>12.1f}{one.rate:>12,.0f}{one.day_ms:>10.1f}")
    if path:
        told_json = {
            database: {name: asdict(one) for name, one in layouts.items()} for database, layouts in found.items()
        }
        path.write_text(json.dumps(told_json, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
