"""What was done to the rules, when and by whom. In: a session. Out: events, the latest first. Never: one changed."""

from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planwhy_collector.models import RuleEvent

EventKind = Literal["applied", "decided", "left", "pack", "restored", "release"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to the rules: its kind, by whom (name and address, or the command line), in words of the rules."""

    kind: EventKind
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What was done at an instant (ms), and the version that held from then on."""

    at_ms: int
    version: str
    done: Done


def add_event(session: Session, version: str, done: Done, now_ms: int) -> None:
    """Write down what was done; later than everything before it."""
    last_ms = session.scalar(select(func.max(RuleEvent.at_ms))) or 0
    at_ms = max(now_ms, last_ms + 1)
    session.add(RuleEvent(at_ms=at_ms, version=version, changed_by=done.by, kind=done.kind, note=done.note))


def events(session: Session, most: int, before_ms: int | None = None) -> tuple[Event, ...]:
    """The latest events before an instant."""
    query = select(RuleEvent).order_by(RuleEvent.at_ms.desc()).limit(most)
    if before_ms is not None:
        query = query.where(RuleEvent.at_ms < before_ms)
    return tuple(_event(row) for row in session.scalars(query))


def _event(row: RuleEvent) -> Event:
    return Event(row.at_ms, row.version, Done(cast(EventKind, row.kind), row.changed_by, row.note))
