"""Rows in every table, with texts that are hard to carry, and the content of a database to be compared."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from planwhy_collector.db import Database
from planwhy_collector.models import Base
from sqlalchemy import Boolean, Column, Date, Float, LargeBinary, String, Table, insert, select

HARD = 'tab\there\nnext\\line \\N "quoted", Привет 💼'
ROWS = 3


def fill_every_table(database: Database, rows: int = ROWS) -> None:
    """Put some rows into each table; whatever points at another row points at one that is there."""
    with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(insert(table), [_row(table, number) for number in range(1, rows + 1)])


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order of their own."""
    with database.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def _row(table: Table, number: int) -> dict[str, Any]:
    return {c.name: None if c.nullable and number == ROWS else _value(c, number) for c in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    kind = column.type
    if kind.python_type is Decimal:
        return Decimal(number) / 10
    if isinstance(kind, LargeBinary):
        return bytes([0, number, 255, 92, 10])
    if isinstance(kind, String):
        return f"{number} {HARD}"[: kind.length]
    if isinstance(kind, Date):
        return date(2026, 1, 1) + timedelta(days=number)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    return number / 3 if isinstance(kind, Float) else number
