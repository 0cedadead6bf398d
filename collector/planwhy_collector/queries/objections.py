"""Objections of people to what a host or program counts for. In: what they and others said. Out: facts.

An objection is open until someone decides it or the person takes it back; nothing of it is changed, and it stays as
history. Never: who may do so (that is the gate's), a label or total that changes with it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from planwhy_shared.ids import new_key
from sqlalchemy import ColumnElement, and_, func, or_, select, true, update
from sqlalchemy.orm import Session

from planwhy_collector.classify.subject import Subject, subject_from
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.models import Employee, ObjectionRow
from planwhy_collector.queries.cases import clean
from planwhy_collector.queries.upsert import chunks

TEXT_LEAST, TEXT_MOST = 10, 2_000
OPEN_MOST = 50
"""Open objections of one person at once."""
STATES = ("open", "decided", "all")


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What a person objects to, as it was judged then; empty texts stand for "not classified"."""

    employee_id: int
    user_id: int
    at_ms: int
    subject: Subject
    label: str
    category: str
    area: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class ObjectionFact:
    """An objection and how it ended. `decided_by` None beside `decided_ms`: on the command line."""

    id: int
    said: NewObjection
    decided_ms: int | None
    decided_by: int | None
    accepted: bool | None
    answer: str

    @property
    def state(self) -> str:
        """`open`, `accepted`, `declined`, or `withdrawn` by the person."""
        if self.decided_ms is None:
            return "open"
        return "withdrawn" if self.accepted is None else "accepted" if self.accepted else "declined"

    def answered_since(self, at_ms: int) -> bool:
        """Whether someone answered it at that instant or later."""
        return self.accepted is not None and self.decided_ms is not None and self.decided_ms >= at_ms


def add(session: Session, new: NewObjection) -> int:
    """Write an objection down and return its key.

    Raises InvalidInput for a text that is too short or too long, a second open objection of this person to the same
    subject, and too many open ones; NotFound where the person is gone. Of two at once one waits for the other.
    """
    text = _said(new.text, "text")
    held = select(Employee.id).where(Employee.id == new.employee_id).with_for_update()
    if session.scalar(held) is None:
        raise NotFound("there is no such employee")
    known = [one.said.subject for one in open_at(session, [new.employee_id])]
    if new.subject in known:
        raise InvalidInput(f"subject {new.subject.name!r}: an objection to it is open already")
    if len(known) >= OPEN_MOST:
        raise InvalidInput(f"objections: at most {OPEN_MOST} may be open at once")
    row = ObjectionRow(
        id=new_key(), employee_id=new.employee_id, user_id=new.user_id, at_ms=new.at_ms, kind=new.subject.kind,
        subject=new.subject.name, label=new.label, category=new.category, area=new.area, rule=new.rule, text=text,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def withdraw(session: Session, objection_id: int, employee_id: int, user_id: int, now_ms: int) -> None:
    """Take back the person's own objection while it is open; it stays as history. Raises like `decide`."""
    if objection_by_id(session, objection_id).said.employee_id != employee_id:
        raise NotFound("there is no such objection")
    _end(session, objection_id, {"decided_ms": now_ms, "decided_by": user_id, "accepted": None})


def decide(
    session: Session, objection_id: int, accepted: bool, answer: str, user_id: int | None, now_ms: int
) -> ObjectionFact:
    """Accept or decline an objection with an answer to the person; of two at once one wins.

    To accept needs no words, because the changed rule is the answer. `user_id` None: on the command line. Raises
    NotFound, and InvalidInput for an answer that is too short or too long or where the objection was decided or taken
    back before.
    """
    text = _said(answer, "answer", 0 if accepted else TEXT_LEAST)
    values = {"decided_ms": now_ms, "decided_by": user_id, "accepted": accepted, "answer": text}
    return _end(session, objection_id, values)


def objection_by_id(session: Session, objection_id: int) -> ObjectionFact:
    """Find an objection. Raises NotFound."""
    known = 0 < objection_id < 1 << 63
    row = session.get(ObjectionRow, objection_id, populate_existing=True) if known else None
    if row is None:
        raise NotFound("there is no such objection")
    return _fact(row)


def open_at(session: Session, employee_ids: Iterable[int], at_ms: int | None = None) -> tuple[ObjectionFact, ...]:
    """List what was open at an instant, or is now, of these people, the oldest first."""
    stood: ColumnElement[bool] = ObjectionRow.decided_ms.is_(None)
    if at_ms is not None:
        stood = and_(ObjectionRow.at_ms <= at_ms, or_(stood, ObjectionRow.decided_ms > at_ms))
    return _of_people(session, employee_ids, stood)


def objections_of(session: Session, employee_id: int) -> tuple[ObjectionFact, ...]:
    """List all of a person's objections, the newest first."""
    query = select(ObjectionRow).where(ObjectionRow.employee_id == employee_id)
    newest = query.order_by(ObjectionRow.at_ms.desc(), ObjectionRow.id.desc())
    return tuple(_fact(row) for row in session.scalars(newest))


def objections_among(session: Session, employee_ids: Collection[int], state: str = "open") -> tuple[ObjectionFact, ...]:
    """List the objections of these people that are `open`, `decided` (taken back too) or `all`, by time.

    Raises InvalidInput for another state.
    """
    if state not in STATES:
        raise InvalidInput(f"state {state[:20]!r}: expected one of {', '.join(STATES)}")
    ended = ObjectionRow.decided_ms.is_not(None)
    wanted = {"open": ~ended, "decided": ended, "all": true()}[state]
    return _of_people(session, employee_ids, wanted)


def count_open(session: Session, supervisor_email: str | None = None, but: int | None = None) -> int:
    """Count open objections of the people of a supervisor, or of everybody; `but` is an employee to be left out."""
    query = select(func.count()).select_from(ObjectionRow).where(ObjectionRow.decided_ms.is_(None))
    if but is not None:
        query = query.where(ObjectionRow.employee_id != but)
    if supervisor_email is not None:
        led = func.lower(func.trim(Employee.supervisor_email)) == supervisor_email.lower()
        query = query.where(ObjectionRow.employee_id.in_(select(Employee.id).where(led)))
    return session.scalar(query) or 0


def _said(text: str, field: str, least: int = TEXT_LEAST) -> str:
    text = clean(text)
    if len(" ".join(text.split())) < least:
        raise InvalidInput(f"{field}: at least {least} characters are needed")
    if len(text) > TEXT_MOST:
        raise InvalidInput(f"{field}: longer than {TEXT_MOST} characters")
    return text


def _end(session: Session, objection_id: int, values: dict[str, Any]) -> ObjectionFact:
    objection_by_id(session, objection_id)
    ended = update(ObjectionRow).where(ObjectionRow.id == objection_id, ObjectionRow.decided_ms.is_(None))
    if session.execute(ended.values(**values).returning(ObjectionRow.id)).first() is None:
        raise InvalidInput("this objection was decided or taken back already")
    return objection_by_id(session, objection_id)


def _of_people(session: Session, employee_ids: Iterable[int], where: ColumnElement[bool]) -> tuple[ObjectionFact, ...]:
    """Of these people, the oldest first."""
    found: list[ObjectionFact] = []
    for part in chunks(sorted(set(employee_ids))):
        query = select(ObjectionRow).where(ObjectionRow.employee_id.in_(part), where)
        found += [_fact(row) for row in session.scalars(query)]
    return tuple(sorted(found, key=lambda one: (one.said.at_ms, one.id)))


def _fact(row: ObjectionRow) -> ObjectionFact:
    new = NewObjection(
        row.employee_id, row.user_id, row.at_ms, subject_from(row.kind, row.subject), row.label, row.category,
        row.area, row.rule, row.text,
    )  # fmt: skip
    return ObjectionFact(row.id, new, row.decided_ms, row.decided_by, row.accepted, row.answer)
