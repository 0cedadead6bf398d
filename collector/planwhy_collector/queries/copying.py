"""Whole tables out of and into PostgreSQL, by COPY. In: a connection in a transaction. Out: blocks of text.

Never: a commit; a table that is not of this schema; a table held in memory.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

import psycopg
from psycopg import sql
from sqlalchemy import Connection, inspect, text

from planwhy_collector.errors import InvalidInput, Unavailable
from planwhy_collector.models import Base

VERSION_TABLE = "alembic_version"
LOCK_WAIT_S = 5
BLOCK_BYTES = 1 << 18
_BOUNDS = re.compile(r"DEFAULT|FOR VALUES FROM \(('[^']*'|-?\d+|MINVALUE)\) TO \(('[^']*'|-?\d+|MAXVALUE)\)")
_PLAIN = ("client_encoding TO 'UTF8'", "datestyle TO 'ISO'", "bytea_output TO 'hex'", "extra_float_digits TO 1")
"""The same text from every server, whatever its settings."""
_HERE = "relnamespace = current_schema()::regnamespace"


def speak_plainly(connection: Connection) -> None:
    """Fix, for this transaction, how values are written."""
    for setting in _PLAIN:
        connection.execute(text(f"SET LOCAL {setting}"))


def tables_there(connection: Connection) -> tuple[str, ...]:
    """Name the tables of the schema, each after those that its foreign keys point at; parts of tables are left out."""
    found = connection.scalars(
        text(f"SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND {_HERE}")  # noqa: S608  fixed text
    )
    graph: dict[str, set[str]] = {name: set() for name in sorted(found) if name != VERSION_TABLE}
    keys = connection.execute(
        text(
            "SELECT a.relname, b.relname FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid"
            " JOIN pg_class b ON b.oid = c.confrelid WHERE c.contype = 'f' AND a.oid <> b.oid"
        )
    )
    for table, needed in keys:
        if table in graph and needed in graph:
            graph[table].add(needed)
    return tuple(TopologicalSorter(graph).static_order())


def partitions_there(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """List the parts of partitioned tables: table, part, bounds."""
    rows = connection.execute(
        text(
            "SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent"
            " WHERE c.relispartition AND c.relkind IN ('r', 'p')"
            " AND p.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    )
    return tuple((str(table), str(part), str(bounds)) for table, part, bounds in rows)


def add_partitions(connection: Connection, parts: Iterable[tuple[str, str, str]]) -> None:
    """Make the parts that are missing of tables that are partitioned here. Raises InvalidInput for strange bounds."""
    known = {part for _, part, _ in partitions_there(connection)}
    parents = set(connection.scalars(text(f"SELECT relname FROM pg_class WHERE relkind = 'p' AND {_HERE}")))  # noqa: S608  fixed text
    for table, part, bounds in parts:
        if not _BOUNDS.fullmatch(bounds):
            raise InvalidInput(f"the backup names strange bounds for {part[:60]!r}")
        if table in parents and part not in known:
            names = sql.Identifier(part), sql.Identifier(table)
            made = sql.SQL("CREATE TABLE {} PARTITION OF {} ").format(*names)
            _driver(connection).execute(made + sql.SQL(bounds))  # checked above


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """Name a table's columns in order."""
    return tuple(str(column["name"]) for column in inspect(connection).get_columns(table))


def copy_out(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[bytes]:
    """Read a table in blocks of COPY text."""
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_names(columns), sql.Identifier(table))
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        block = bytearray()
        for row in copy:  # the server sends every row by itself
            block += row
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)


def copy_in(connection: Connection, table: str, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
    """Fill a table from blocks of COPY text. Raises InvalidInput where the database refuses them."""
    with _refusals(table), _driver(connection).cursor() as cursor, cursor.copy(_into(table, columns)) as copy:
        for block in blocks:
            copy.write(block)


def rows_in(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Fill a table from rows of plain values. Raises InvalidInput where the database refuses them."""
    with _refusals(table), _driver(connection).cursor() as cursor, cursor.copy(_into(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)


def others_connected(connection: Connection) -> int:
    """Count the other clients of this database, idle ones too."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND usesysid IS NOT NULL AND leader_pid IS NULL"
    )
    return int(connection.scalar(text(query)) or 0)


def clear_schema(connection: Connection) -> None:
    """Drop all tables of ours, within the transaction. Raises Unavailable where someone uses one of them."""
    there = set(inspect(connection).get_table_names())
    ours = [name for name in (*Base.metadata.tables, VERSION_TABLE) if name in there]
    connection.execute(text(f"SET LOCAL lock_timeout TO '{LOCK_WAIT_S}s'"))
    if ours:
        try:
            _driver(connection).execute(sql.SQL("DROP TABLE {}").format(_names(ours)))
        except psycopg.errors.LockNotAvailable:
            raise Unavailable("the database is in use: stop every collector first") from None
        except psycopg.errors.DependentObjectsStillExist as error:
            raise InvalidInput(
                f"something outside of Planwhy depends on its tables: {error.diag.message_detail}"
            ) from None


def tables_to_fill() -> Mapping[str, tuple[str, ...]]:
    """All tables of this release with their columns, in the order in which they may be filled."""
    return {table.name: tuple(column.name for column in table.columns) for table in Base.metadata.sorted_tables}


class _refusals:  # noqa: N801  a context manager that reads like one
    """Turns what the database says of rows into InvalidInput, without the rows' content."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, psycopg.errors.DataError | psycopg.errors.IntegrityError | UnicodeError):
            raise InvalidInput(f"table {self.table} of the backup does not fit this database ({type(error).__name__})")
        if isinstance(error, psycopg.errors.UndefinedColumn | psycopg.errors.UndefinedTable):
            raise InvalidInput(f"table {self.table} of the backup is not one of its schema revision")


def _into(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _driver(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)  # noqa: S101  callers ask which database it is first
    return found
