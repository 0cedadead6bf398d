"""Insert or update whole rows by key, alike on SQLite and PostgreSQL.

In: a model and rows as column → value. Out: nothing. Never: a read; the caller compares first where it must know.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from planwhy_collector.models import Base

CHUNK = 5_000
"""Rows in one statement, ids in one IN list: below the limits of both databases on bound values."""

T = TypeVar("T")


def upsert(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert each row; where its primary key exists, set all its other columns. All rows name the same columns."""
    table = model.__table__
    keys = [column.name for column in table.primary_key]
    for chunk in chunks(rows):
        statement = inserting(session, model)
        rest = {name: statement.excluded[name] for name in chunk[0] if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=rest)
        session.execute(statement, list(chunk))


def inserting(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can say what happens where the row exists: each database has one of its own."""
    return sqlite.insert(model) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(model)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut into lists of at most `size`, none empty."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
