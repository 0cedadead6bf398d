"""A few rows in every table of whatever schema a database has, by reflection, and all rows read back."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
)

ROWS = 3
Rows = dict[str, list[dict[str, Any]]]


def schema_of(connection: Connection) -> MetaData:
    """The tables that there are, parents first; the months of spans are no tables of their own."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name != "alembic_version" and not name.startswith("span_blocks_"))
    return metadata


def fill(engine: Engine) -> None:
    """Put ROWS rows into every table: typed values, unique keys, foreign keys that lead somewhere."""
    with engine.begin() as connection:
        for table in schema_of(connection).sorted_tables:
            connection.execute(table.insert(), [_row(table, number) for number in range(1, ROWS + 1)])


def all_rows(engine: Engine) -> Rows:
    """Every row of every table, as column → value."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in schema_of(connection).sorted_tables
        }


def lost(before: Rows, after: Rows) -> Counter[str]:
    """How many rows of each table are there no more, by the columns that both schemas have."""
    found: Counter[str] = Counter()
    for name, rows in before.items():
        shared = rows[0].keys() & (after.get(name) or [{}])[0].keys()
        had, has = (
            Counter(str(sorted((c, row[c]) for c in shared)) for row in all_) for all_ in (rows, after.get(name, []))
        )
        found[name] = (had - has).total() if shared else len(rows)
    return +found


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, number)
    make = next((make for kind, make in VALUES if isinstance(column.type, kind)), None)
    assert make, f"{column}: say in VALUES what a value of {column.type} is"
    return make(column, number)


VALUES: list[tuple[type, Callable[[Column[Any], int], Any]]] = [
    (Boolean, lambda _, number: number % 2 == 0),
    (Float, lambda _, number: number + 0.5),
    (SmallInteger, lambda _, number: number),
    (Integer, lambda column, number: 1_000 * number + len(column.name)),
    (Date, lambda _, number: date(2026, 10, 1) + timedelta(days=number)),
    (LargeBinary, lambda column, number: f"{column.name}{number}".encode().ljust(32, b"-")),
    (String, lambda column, number: f"{column.name}{number}"[-(column.type.length or 99) :]),
]
"""What stands in a column of a type, by the number of the row; the first type that fits."""
