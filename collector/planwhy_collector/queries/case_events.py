"""What was done in a case, kept for its history. In: deeds of people and of rules. Out: events in order of time.

Rows are only added here; nothing changes or removes one, but retention with the whole case.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planwhy_shared.ids import new_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.models import CaseEvent

CIRCUMSTANCES = ("client_emergency", "illness", "hard_plan", "service_surge", "technical_problem", "other")
"""What a supervisor may recognise in a case, several at once, each with a sentence."""


@dataclass(frozen=True, slots=True)
class EventFact:
    """One deed. `user_id` None: by rule.

    `kind`: opened, recognised, withdrawn, adjusted, concluded, reopened, extended. `what` is a rule, a circumstance, a
    conclusion or a metric; the values are a target before and after.
    """

    id: int
    case_id: int
    at_ms: int
    user_id: int | None
    kind: str
    what: str
    text: str
    old_value: float | None
    new_value: float | None


def add_event(
    session: Session,
    case_id: int,
    kind: str,
    user_id: int | None,
    at_ms: int,
    what: str = "",
    text: str = "",
    values: tuple[float, float] | None = None,
) -> None:
    """Write one event down; `values` are a target before and after."""
    old, new = values or (None, None)
    session.add(
        CaseEvent(
            id=new_key(), case_id=case_id, at_ms=at_ms, user_id=user_id, kind=kind, what=what, text=text,
            old_value=old, new_value=new,
        )
    )  # fmt: skip
    session.flush()


def events_of(session: Session, case_id: int) -> tuple[EventFact, ...]:
    """List what was done in a case, the oldest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at_ms, CaseEvent.id)
    names = EventFact.__dataclass_fields__
    return tuple(EventFact(**{name: getattr(row, name) for name in names}) for row in session.scalars(query))


def recognised_in(events: Iterable[EventFact]) -> dict[str, EventFact]:
    """The circumstances that are recognised now, in the order of their recognition."""
    found: dict[str, EventFact] = {}
    for event in events:
        if event.kind == "recognised":
            found[event.what] = event
        elif event.kind == "withdrawn":
            found.pop(event.what, None)
    return found


def adjusted_in(events: Iterable[EventFact]) -> tuple[EventFact, ...]:
    """The changes of the plan made in a case, the oldest first."""
    return tuple(event for event in events if event.kind == "adjusted")


def extended_in(events: Iterable[EventFact]) -> bool:
    """Whether the detail was extended since the case was opened, or opened again."""
    last = [event.kind for event in events if event.kind in ("opened", "reopened", "extended")][-1:]
    return last == ["extended"]
