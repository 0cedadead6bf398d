"""Everything known of one person, to be handed to the person: the rows that an erasure would take or touch.

In: a person. Out: rows as dicts, table by table. Never: a secret: no hash of a password, token or code; no key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, func, or_, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import Context
from planwhy_collector.models import Base, Client, Day, Deal, Look, User
from planwhy_collector.queries.activity import contexts_by_id
from planwhy_collector.queries.erasing import Rows, Subject, named_contexts, rows_about
from planwhy_collector.queries.spans import STATES, TRACKS, every_span
from planwhy_collector.queries.words import words_by_name

_SECRET = "password_hash"  # noqa: S105  a column's name
_BLOCK = 1_000


def tables_about(session: Session, who: Subject) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Read all tables that hold something of the person; spans with words in the place of numbers."""
    wanted: dict[type[Base], list[ColumnElement[bool]]] = {}
    beside: tuple[Rows, ...] = (
        (Deal, Deal.employee_id == who.id),
        (Client, Client.employee_id == who.id),
        (Look, Look.employee_id == who.id),
        (User, User.employee_id == who.id),
    )
    for model, about in (*rows_about(who), *beside):
        wanted.setdefault(model, []).append(about)
    for model, conditions in wanted.items():
        shown = [c for c in model.__table__.columns if not isinstance(c.type, LargeBinary) and c.name != _SECRET]
        yield model.__tablename__, _rows(session, select(*shown).where(or_(*conditions)))
    named = contexts_by_id(session, named_contexts(session, who))
    yield "contexts", ({"id": key} | asdict(context) for key, context in named.items())
    yield "timeline", _timeline(session, who, named)


def first_day_of(session: Session, employee_id: int) -> date | None:
    """Find the first day on which anything is known of a person's time."""
    return session.scalar(select(func.min(Day.day)).where(Day.employee_id == employee_id))


def _timeline(session: Session, who: Subject, named: Mapping[int, Context]) -> Iterator[dict[str, Any]]:
    words = {number: word for word, number in words_by_name(session).items()}
    for device_id in who.devices:
        for track, span in every_span(session, device_id):
            told: dict[str, Any] = {"device_id": device_id, "start_ms": span.start_ms, "end_ms": span.end_ms}
            told |= {"state": STATES[span.state], "track": TRACKS[track], "count": span.many}
            told |= {"source": words.get(span.source), "mark": words.get(span.mark)}
            yield told | asdict(named.get(span.context_id, Context()))


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for row in session.execute(query.execution_options(yield_per=_BLOCK)):
        yield dict(row._mapping)
