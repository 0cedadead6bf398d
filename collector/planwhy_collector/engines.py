"""How a process connects to its database. In: an address and a pool. Out: an engine. Never: a wait without an end.

Work of different kinds has pools of its own, so that reports cannot take the connections of ingest. What a server that
fell silent may cost is bounded: the wait for a connection; by the kernel, a connection that nobody answers; by the
server, a statement, a lock, or a transaction in which nothing happens; and by a watchdog, all of it together.

SQLite runs in WAL mode with `synchronous=FULL` and takes its write lock at the beginning of a transaction, so
that a transaction never fails half-way for want of it. What is deleted is overwritten in the file.
"""

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from planwhy_collector.away import READ_ONLY
from planwhy_collector.errors import ConfigError
from planwhy_collector.watchdog import Watchdog

BUSY_MS = 15_000
"""How long a SQLite writer waits for another one."""
_SILENCE = {"keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
"""A connection that nobody answers is given up after 25 seconds of quiet."""
_UNACKNOWLEDGED_MS = 10_000
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_OF_WRITER = ("cache_size=-32768", "wal_autocheckpoint=4000")
"""32 MB of pages, and a log of 16 MB: what is written again and again reaches the file itself once."""
_A_WEEK_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections for one kind of work, and how long it may wait, in seconds; 0: as long as it takes."""

    name: str = "commands"
    size: int = 5
    wait_s: float = 30.0
    connect_s: int = 5
    statement_s: int = 0
    lock_s: int = 0
    idle_s: int = 0
    held_s: int = 0


COMMANDS = Pool()
"""What commands and migrations use: nobody waits for them."""
WRITER = Pool("writer", size=1)
"""The one connection through which a process writes to SQLite."""
PROBE = Pool("health", size=2, wait_s=1, connect_s=2, statement_s=2, lock_s=2, idle_s=10, held_s=3)
JOBS = Pool("jobs", size=8, wait_s=30, statement_s=1800, lock_s=60, idle_s=900, held_s=7200)


def ingest_pool(size: int, wait_s: float) -> Pool:
    """Connections for requests of agents: each is short, and its sender comes again."""
    return Pool("ingest", size, wait_s, connect_s=3, statement_s=15, lock_s=10, idle_s=30, held_s=20)


def report_pool(size: int, wait_s: float) -> Pool:
    """Connections for pages, the reading API and reports."""
    return Pool("reports", size, wait_s, connect_s=3, statement_s=60, lock_s=15, idle_s=120, held_s=180)


def make_engine(url: str, pool: Pool = COMMANDS) -> Engine:
    """Make an engine whose transactions behave as this module says. Raises ConfigError for a wrong address."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("database_url: not an address such as sqlite:///planwhy.sqlite3") from None
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed, pool)
    if parsed.get_backend_name() != "sqlite":
        raise ConfigError(f"database_url: {parsed.get_backend_name()!r} is neither sqlite nor postgresql")
    return _sqlite(parsed, pool)


def _postgres(url: URL, pool: Pool) -> Engine:
    wanted = {"connect_timeout": str(pool.connect_s), "tcp_user_timeout": str(_UNACKNOWLEDGED_MS)} | _SILENCE
    more = {name: value for name, value in wanted.items() if name not in url.query}
    address = _hosts_apart(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, hide_parameters=True, connect_args=more, **_sizes(pool))
    watchdog = Watchdog(pool.held_s or _A_WEEK_S)
    event.listen(engine, "connect", lambda connection, _record: _prepare_postgres(connection, pool))
    event.listen(engine, "checkout", lambda connection, _record, _proxy: _check_out(engine, watchdog, connection))
    event.listen(engine, "checkin", lambda connection, _record: watchdog.end(connection))
    event.listen(engine, "handle_error", _leave_a_server_that_takes_no_writes)
    return engine


def _hosts_apart(url: URL) -> URL:
    """An address with `host=a:5432,b:5433`, as libpq's users write it, in SQLAlchemy's form."""
    hosts = url.query.get("host")
    named = hosts.split(",") if isinstance(hosts, str) else ()
    return url.update_query_dict({"host": named}) if len(named) > 1 and any(":" in one for one in named) else url


def _sqlite(url: URL, pool: Pool) -> Engine:
    in_memory = not url.database or url.database == ":memory:"
    if not in_memory and url.database and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, **({} if in_memory else _sizes(pool)))
    event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, pool))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _sizes(pool: Pool) -> Mapping[str, Any]:
    return {"pool_size": pool.size, "max_overflow": 0, "pool_timeout": pool.wait_s, "pool_use_lifo": True}


def _prepare_postgres(connection: Any, pool: Pool) -> None:
    """Set what this kind of work may wait for. A commit is on the disk when it returns, whatever the server says."""
    limits = {
        "statement_timeout": pool.statement_s,
        "lock_timeout": pool.lock_s,
        "idle_in_transaction_session_timeout": pool.idle_s,
    }
    with connection.cursor() as cursor:
        for name, seconds in limits.items():
            if seconds:
                cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds}s"))
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
        )
    connection.commit()


def _check_out(engine: Engine, watchdog: Watchdog, connection: Any) -> None:
    """Ask a connection for a sign of life before it is used, and watch it from then on.

    Raises InvalidatePoolError where there is none: the pool then connects anew, and asks all others too.
    """
    watchdog.begin(connection)
    try:
        engine.dialect.do_ping(connection)
    except Exception as error:
        watchdog.end(connection)
        raise InvalidatePoolError from error


def _leave_a_server_that_takes_no_writes(context: ExceptionContext) -> None:
    """After a failover the old primary may live on as a standby: its connections are dropped, the next ask again."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _prepare_sqlite(connection: Any, pool: Pool) -> None:
    connection.isolation_level = None  # this module says BEGIN itself
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    _write_ahead(connection)
    for pragma in (*_PRAGMAS, *(_OF_WRITER if pool is WRITER else ())):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Let the file keep a log. While another process makes the same new file, SQLite refuses this without waiting."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("planwhy_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
