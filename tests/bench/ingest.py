"""How fast batches are stored over HTTP, durably, and what a span takes on the disk: on SQLite and on PostgreSQL.

In: how many people, days and connections. Out: a table and JSON. Beside each rate stands that of the bare database in
the same run, storing the same spans as plain rows: sqlite3 `executemany` with a commit for each batch, as the receipt
demands it, and all at once; a bare COPY into a table with one index. Exit code 1 where a goal is missed. Run it as
`make bench-ingest` or `python -m tests.bench.ingest`.
"""

import gzip
import http.client
import json
import multiprocessing
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import psutil
import psycopg
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.demo.children import Child, clean_environment, wait_ready
from planwhy_collector.ingest.enrolment import enrol, issue_code
from planwhy_collector.queries.people import EmployeeRecord, add_employee
from planwhy_collector.services import wall_clock_ms
from planwhy_shared.wire import EnrolRequest
from sqlalchemy import make_url, text

from tests.bench.company import PLANWHY, closing_database, shown
from tests.bench.working_days import BATCH, Recorded, Worker, batches, working_days

SQLITE_SHARE, COPY_SHARE = 0.4, 0.2
SQLITE_BYTES, POSTGRES_BYTES = 40.0, 100.0
ROW = (
    "device_id bigint, start_ms bigint, epoch_no smallint, seq bigint, end_ms bigint, context_id bigint,"
    " state smallint, track smallint, source smallint, mark smallint"
)
COLUMNS = 10
TABLE_BYTES = """SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
Row = tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """What is stored: the compressed bodies of each machine, and the same spans as plain rows."""

    bodies: list[list[bytes]]
    rows: list[Row]
    new_contexts: float

    @property
    def spans(self) -> int:
        """How many."""
        return len(self.rows)


@dataclass(frozen=True)
class Found:
    """Spans a second over HTTP and by the bare database, the collector's processor time and bytes a span, the goals."""

    rate: float
    cpu_us: float
    bare: float
    bare_at_once: float | None
    bytes: float
    share_goal: float
    bytes_goal: float

    @property
    def share(self) -> float:
        """The rate as a share of the bare database's."""
        return self.rate / self.bare

    @property
    def met(self) -> bool:
        """Whether both goals are met."""
        return self.share >= self.share_goal and self.bytes <= self.bytes_goal


def work(people: int, days: int, new: float) -> Work:
    """Make what all parts of the bench store."""
    bodies: list[list[bytes]] = []
    rows: list[Row] = []
    contexts: set[tuple[str | None, str | None, str | None]] = set()
    asked = working_days(datetime.now(UTC).date() - timedelta(days=1), days)
    for number in shown(list(range(people)), "recording"):
        worker = Worker(number, new=new)
        spans = [span for day in asked for span in worker.day(day)]
        contexts |= {(span.app, span.url, span.title) for span in spans}
        rows += [_row(span, number) for span in spans]
        bodies.append([gzip.compress(body, 6, mtime=0) for body in batches(iter(spans), f"spool-{number}")])
    return Work(bodies, rows, len(contexts) / len(rows))


def _row(span: Recorded, number: int) -> Row:
    context = hash((span.app, span.url, span.title))
    return (number + 1 << 40, span.start_ms, 0, span.seq, span.end_ms, context, 0, 0, 1, 0)


def bare_sqlite(rows: Sequence[Row], folder: Path, at_once: bool) -> float:
    """Rows a second by `executemany`, with a commit for each batch or one for all."""
    with closing(sqlite3.connect(folder / f"bare-{at_once}.sqlite3", isolation_level=None)) as plain:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            plain.execute(f"PRAGMA {pragma}")
        plain.execute(f"CREATE TABLE spans ({ROW}, PRIMARY KEY (device_id, start_ms, epoch_no, seq)) WITHOUT ROWID")
        insert = f"INSERT INTO spans VALUES ({', '.join('?' * COLUMNS)})"
        size = len(rows) if at_once else BATCH
        start = time.perf_counter()
        for at in range(0, len(rows), size):
            plain.execute("BEGIN IMMEDIATE")
            plain.executemany(insert, rows[at : at + size])
            plain.execute("COMMIT")
        return len(rows) / (time.perf_counter() - start)


def bare_copy(rows: Sequence[Row], url: str) -> float:
    """Rows a second by COPY into a table with one index."""
    with psycopg.connect(url) as plain, plain.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_spans ({ROW}, PRIMARY KEY (device_id, start_ms, epoch_no, seq))")
        plain.commit()
        start = time.perf_counter()
        with cursor.copy("COPY bare_spans FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        plain.commit()
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bare_spans")
    return len(rows) / seconds


def over_http(told: Work, folder: Path, database_url: str, port: int, connections: int) -> tuple[float, float]:
    """Spans a second through a served collector, from a process of its own that keeps its connections.

    And the collector's own processor time in microseconds a span, that of a database server not included.
    """
    environment = clean_environment() | {"PLANWHY_DATABASE_URL": database_url, "PLANWHY_PORT": str(port)}
    environment |= {"PLANWHY_DEVICE_RATE_PER_MINUTE": "1000000"}
    command = [*PLANWHY, "serve", "--no-scheduler"]
    with Child("collector", command, environment, folder / "collector.log", folder) as server:
        wait_ready(server, f"http://127.0.0.1:{port}")
        with closing_database(Database(database_url)) as database:
            tokens = [_token(database, number) for number in range(len(told.bodies))]
        context = multiprocessing.get_context("spawn")
        seconds = context.Queue()
        sender = context.Process(target=send_all, args=(port, tokens, told.bodies, connections, seconds))
        before_s = _cpu_s(server.process.pid)
        sender.start()
        spent = seconds.get(timeout=3600)
        sender.join()
        cpu_s = _cpu_s(server.process.pid) - before_s
    return told.spans / float(spent), 1e6 * cpu_s / told.spans


def _cpu_s(pid: int) -> float:
    """Processor time of a process and those it started."""
    server = psutil.Process(pid)
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def _token(database: Database, number: int) -> str:
    told = EnrolRequest("", "bench", "linux", "u", "0", f"i{number}")
    with database.writing() as session:
        add_employee(session, EmployeeRecord(f"w{number}", f"Worker {number}", time_zone="Europe/Moscow"))
        code = issue_code(session, f"w{number}", wall_clock_ms()).code
        request = EnrolRequest(code, told.hostname, told.os, told.os_user, told.agent_version, told.instance_id)
        return enrol(session, Settings(secret_key="bench"), request, wall_clock_ms()).token


def send_all(port: int, tokens: list[str], bodies: list[list[bytes]], connections: int, seconds: Any) -> None:
    """Send everything, each machine's batches in order, over so many connections; put the seconds into the queue."""
    waiting = list(zip(tokens, bodies, strict=True))
    lock = threading.Lock()

    def sender() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            while True:
                with lock:
                    if not waiting:
                        return
                    token, own = waiting.pop()
                for body in own:
                    _send(connection, token, body)

    start = time.perf_counter()
    threads = [threading.Thread(target=sender) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds.put(time.perf_counter() - start)


def _send(connection: http.client.HTTPConnection, token: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Content-Encoding": "gzip"}
    connection.request("POST", "/api/v1/spans", body, headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    if answer.status != 200 or told["duplicates"] or told["rejected"]:
        raise RuntimeError(f"{answer.status} {told}")


def on_sqlite(told: Work, folder: Path, port: int, connections: int) -> Found:
    """Store it on SQLite."""
    bare, at_once = (bare_sqlite(told.rows, folder, flag) for flag in (False, True))
    file = folder / "planwhy.sqlite3"
    with closing_database(Database(f"sqlite:///{file}")) as database:
        database.upgrade()
    empty = _size(file)
    rate, cpu_us = over_http(told, folder, f"sqlite:///{file}", port, connections)
    return Found(rate, cpu_us, bare, at_once, (_size(file) - empty) / told.spans, SQLITE_SHARE, SQLITE_BYTES)


def _size(file: Path) -> int:
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def on_postgres(told: Work, folder: Path, port: int, connections: int) -> Found:
    """Store it on a PostgreSQL server with the durability that it ships with."""
    with postgres_server() as url:
        bare = bare_copy(told.rows, make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
        empty = _tables(url)
        rate, cpu_us = over_http(told, folder, url, port, connections)
        return Found(rate, cpu_us, bare, None, (_tables(url) - empty) / told.spans, COPY_SHARE, POSTGRES_BYTES)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a fresh database on a server as PostgreSQL ships it, durable, which ends with the block."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
    from postgres_server import PostgresServer

    server = PostgresServer(durable=True)
    try:
        yield server.copy()
    finally:
        server.close()


def _tables(url: str) -> int:
    """Bytes of all tables with their indexes, after a vacuum."""
    with closing_database(Database(url)) as database, database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        plain.execute(text("VACUUM"))
        return int(plain.scalar(text(TABLE_BYTES)) or 0)


def lines(found: dict[str, Found], told: Work) -> Iterator[str]:
    """The table."""
    yield f"{told.spans:,} spans of {len(told.bodies)} people, {100 * told.new_contexts:.1f} % of them in a new window"
    rates = f"{'spans/s':>10}{'bare':>10}{'share':>8}{'goal':>8}"
    yield f"{'':12}{rates}   {'bytes/span':>10}{'goal':>8}   {'bare, all at once':>18}{'CPU µs/span':>13}"
    for name, one in found.items():
        at_once = f"{one.bare_at_once:,.0f}" if one.bare_at_once else "–"
        missed = "" if one.met else "  MISSED"
        yield (
            f"{name:12}{one.rate:>10,.0f}{one.bare:>10,.0f}{one.share:>8.2f}{one.share_goal:>8.2f}"
            f"   {one.bytes:>10.1f}{one.bytes_goal:>8.0f}   {at_once:>18}{one.cpu_us:>13.1f}{missed}"
        )


PARTS: dict[str, Callable[[Work, Path, int, int], Found]] = {"sqlite": on_sqlite, "postgresql": on_postgres}


@click.command()
@click.option("--people", type=click.IntRange(1), default=40, show_default=True)
@click.option("--days", type=click.IntRange(1), default=5, show_default=True)
@click.option("--new", type=click.FloatRange(0, 1), default=0.03, show_default=True, help="Share of new windows.")
@click.option("--connections", type=click.IntRange(1), default=4, show_default=True)
@click.option("--only", type=click.Choice(list(PARTS)), help="One of the databases.")
@click.option("--port", type=int, default=8173, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(people: int, days: int, new: float, connections: int, only: str | None, port: int, path: Path | None) -> None:
    """Store a team's working days over HTTP on both databases."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever ends it ends what it started
    told = work(people, days, new)
    found: dict[str, Found] = {}
    for name in [only] if only else list(PARTS):
        with tempfile.TemporaryDirectory(prefix="planwhy-bench-") as folder:
            found[name] = PARTS[name](told, Path(folder), port, connections)
    click.echo("\n".join(lines(found, told)))
    if path:
        figures = {name: asdict(one) | {"share": one.share, "met": one.met} for name, one in found.items()}
        path.write_text(json.dumps(figures | {"spans": told.spans}, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if all(one.met for one in found.values()) else 1)


if __name__ == "__main__":
    main()
