"""Everything that is known of one person, table by table: what goes with an erasure, what stays without the person.

In: a person. Out: counts; rows gone. Never: a table that is in neither list, which a guard test proves. What belongs
to the company or to others' history stays and no longer names the person: deals and clients, tasks that colleagues
held or wrote about, the log of looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, text, union, update
from sqlalchemy.orm import Session

from planwhy_collector.models import (
    Absence,
    ApiToken,
    Base,
    BatchRow,
    CalendarException,
    Case,
    CaseEvent,
    Client,
    Comment,
    Contact,
    ContextRow,
    Day,
    DayContext,
    DayTotal,
    Deal,
    Device,
    DeviceToken,
    Employee,
    EnrolCode,
    Epoch,
    GapRow,
    Grant,
    Membership,
    ObjectionRow,
    PayScheme,
    Plan,
    PlanChange,
    RecordingRow,
    RejudgedRow,
    RuleEvent,
    RuleSetRow,
    SentMail,
    SeqRange,
    SignInLink,
    SpanBlock,
    SpanRow,
    Task,
    TaskChange,
    User,
    UserSession,
    VerdictRow,
)  # fmt: skip
from planwhy_collector.queries.retention import changed
from planwhy_collector.queries.spans import contexts_named
from planwhy_collector.queries.upsert import chunks

KEPT = {
    "clients": "belong to the company; they lose whose they were",
    "deals": "belong to the company; they lose whose they were",
    "erasures": "say that someone was erased, and not who",
    "job_runs": "hold names of jobs only",
    "looks": "the log is never cut; its rows lose the words about the person, and the person's name",
    "pay_schemes": "are the company's; they lose who put them in force",
    "recording_policies": "are the company's; they lose who put them in force",
    "rule_events": "are the company's; they lose who made them",
    "rule_sets": "are the company's; they lose who put them in force",
    "rule_texts": "are the company's",
    "secrets": "are the installation's",
    "suggestions": "name hosts and programs that no rule knows, and nobody who used them; made anew every day",
    "team_thresholds": "are the team's",
    "teams": "are the company's",
    "words": "name kinds of sources, not people",
}
"""Tables of which no row goes, and why."""

Rows = tuple[type[Base], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A person to be erased: keys, machines, and the accounts that go because they are an employee's only."""

    id: int
    key: str
    email: str | None
    devices: tuple[int, ...]
    users: tuple[int, ...]
    signatures: tuple[str, ...]
    """How those accounts sign what they change."""
    kept_accounts: tuple[str, ...] = ()
    """E-mails of the person's accounts that have another role too and therefore stay."""


def subject(session: Session, employee_id: int) -> Subject:
    """Find what belongs to a person; an account goes where it has the role of an employee only."""
    person = session.execute(select(Employee.key, Employee.email).where(Employee.id == employee_id)).one()
    same = (User.email == (person.email or "").lower()) & User.employee_id.is_(None)
    own = or_(User.employee_id == employee_id, same)
    accounts = session.execute(select(User.id, User.name, User.email, User.role).where(own)).all()
    gone = [one for one in accounts if one.role == "employee"]
    devices = session.scalars(select(Device.id).where(Device.employee_id == employee_id).order_by(Device.id))
    return Subject(
        employee_id, person.key, person.email, tuple(devices), tuple(one.id for one in gone),
        tuple(f"{one.name} <{one.email}>" for one in gone),
        tuple(one.email for one in accounts if one.role != "employee"),
    )  # fmt: skip


def rows_about(who: Subject) -> tuple[Rows, ...]:
    """The rows that go, in the order in which they may; contexts and verdicts are found by `own_contexts`."""
    of = who.id
    cases, tasks = select(Case.id).where(Case.employee_id == of), select(Task.id).where(Task.employee_id == of)
    by_device: tuple[Any, ...] = (SpanBlock, SpanRow, GapRow, BatchRow, SeqRange, Epoch, DeviceToken)
    by_person: tuple[Any, ...] = (
        DayContext, DayTotal, Day, EnrolCode, Device, PlanChange, Plan, Absence, Contact, Membership,
        CalendarException, ObjectionRow,
    )  # fmt: skip
    by_account: tuple[Any, ...] = (SentMail, SignInLink, UserSession, ApiToken)
    return (
        *((model, model.device_id.in_(who.devices)) for model in by_device),
        (CaseEvent, CaseEvent.case_id.in_(cases)),
        (Comment, or_(Comment.employee_id == of, Comment.case_id.in_(cases))),
        *((model, model.employee_id == of) for model in by_person),
        (Case, Case.employee_id == of),
        (Grant, or_(Grant.employee_id == of, Grant.user_id.in_(who.users))),
        (TaskChange, TaskChange.task_id.in_(tasks)),
        (Task, Task.employee_id == of),
        *((model, model.user_id.in_(who.users)) for model in by_account),
        (User, User.id.in_(who.users)),
        (Employee, Employee.id == of),
    )


def own_contexts(session: Session, who: Subject) -> tuple[int, ...]:
    """Find the contexts that nothing but this person's spans and days name: one read of all spans, no index helps."""
    mine = named_contexts(session, who)
    if not mine:
        return ()
    mine -= contexts_named(session, who.devices, by_others=True)
    for part in chunks(sorted(mine)):
        query = select(DayContext.context_id).distinct()
        mine -= set(session.scalars(query.where(DayContext.context_id.in_(part), DayContext.employee_id != who.id)))
    return tuple(sorted(mine))


def named_contexts(session: Session, who: Subject) -> set[int]:
    """The contexts that this person's spans and days name."""
    of_days = select(DayContext.context_id).distinct().where(DayContext.employee_id == who.id)
    return (contexts_named(session, who.devices) | set(session.scalars(of_days))) - {0}


def counts(session: Session, who: Subject) -> dict[str, int]:
    """Count what would go, by table. Tasks that stay without the person are not among it."""
    found: dict[str, int] = {}
    for model, about in rows_about(who):
        if model in (Task, TaskChange):
            about &= _column(model).not_in(_others_tasks(who))  # noqa: PLW2901  narrowed
        found[model.__tablename__] = found.get(model.__tablename__, 0) + _number(session, model, about)
    return found | _contexts_counted(session, own_contexts(session, who))


def erase_rows(session: Session, who: Subject) -> dict[str, int]:
    """Delete what goes and take the person out of what stays, in the caller's transaction; rows gone by table."""
    own = own_contexts(session, who)
    found = _contexts_counted(session, own)
    for part in chunks(own):
        session.execute(delete(RejudgedRow).where(RejudgedRow.context_id.in_(part)))
        session.execute(delete(VerdictRow).where(VerdictRow.context_id.in_(part)))
        session.execute(delete(ContextRow).where(ContextRow.id.in_(part)))
    _release(session, who)
    for model, about in rows_about(who):
        name, number = model.__tablename__, _number(session, model, about)
        session.execute(delete(model).where(about).execution_options(synchronize_session=False))
        found[name] = found.get(name, 0) + number
    return dict(sorted(found.items()))


def _number(session: Session, model: type[Base], about: ColumnElement[bool]) -> int:
    """How many rows there are; of blocks, how many spans they hold."""
    of = func.coalesce(func.sum(SpanBlock.spans), 0) if model is SpanBlock else func.count()
    return int(session.scalar(select(of).select_from(model).where(about)) or 0)


def hold(session: Session, employee_id: int) -> None:
    """Keep everybody else from writing about this person, until the transaction ends.

    The order is that of batches and settling: they take device or day before contexts. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    session.execute(text("LOCK TABLE erasures IN EXCLUSIVE MODE"))
    for model, column in ((Employee, Employee.id), (Device, Device.employee_id), (Day, Day.employee_id)):
        session.execute(select(column).where(column == employee_id).with_for_update(of=model))
    session.execute(text("LOCK TABLE contexts IN SHARE ROW EXCLUSIVE MODE"))


def forget_strays(session: Session) -> int:
    """Delete days of people who are no longer there: what was being settled while they were erased."""
    gone = Day.employee_id.not_in(select(Employee.id))
    strays = tuple(session.scalars(select(Day.employee_id).where(gone).distinct()))
    if not strays:
        return 0
    models = (DayContext, DayTotal, Day)
    return sum(changed(session, delete(model).where(model.employee_id.in_(strays))) for model in models)


def touched_tables() -> tuple[str, ...]:
    """The tables that rows go from."""
    about = rows_about(Subject(0, "", None, (), (), ()))
    return tuple(
        dict.fromkeys([*(model.__tablename__ for model, _ in about), "contexts", "verdicts", "rejudged", "looks"])
    )


def _release(session: Session, who: Subject) -> None:
    """Take the person out of rows that stay."""
    one, gone = who.id, (who.email or "").lower()
    changes: Iterable[tuple[type[Base], ColumnElement[bool], dict[str, Any]]] = (
        (Task, (Task.employee_id == one) & Task.id.in_(_others_tasks(who)), {"employee_id": None}),
        (TaskChange, TaskChange.old_owner == one, {"old_owner": None}),
        (TaskChange, TaskChange.new_owner == one, {"new_owner": None}),
        (Deal, Deal.employee_id == one, {"employee_id": None}),
        (Client, Client.employee_id == one, {"employee_id": None}),
        (User, (User.employee_id == one) & User.id.not_in(who.users), {"employee_id": None}),
        (Plan, Plan.made_by.in_(who.signatures), {"made_by": ""}),
        (PlanChange, PlanChange.changed_by.in_(who.signatures), {"changed_by": ""}),
        (PayScheme, PayScheme.applied_by.in_(who.signatures), {"applied_by": ""}),
        (RecordingRow, RecordingRow.applied_by.in_(who.signatures), {"applied_by": ""}),
        (RuleSetRow, RuleSetRow.applied_by.in_(who.signatures), {"applied_by": ""}),
        (RuleEvent, RuleEvent.changed_by.in_(who.signatures), {"changed_by": ""}),
    )
    for model, about, values in changes:
        changed(session, update(model).where(about).values(values))
    if gone and gone not in who.kept_accounts:  # whom nobody signs in for leads nobody
        led = func.lower(Employee.supervisor_email) == gone
        changed(session, update(Employee).where(led).values(supervisor_email=None))


def _others_tasks(who: Subject) -> Select[str]:
    """Tasks of the person that are part of a colleague's history: held by one once, or named by one's contact."""
    own = select(Task.id).where(Task.employee_id == who.id)
    holders = (TaskChange.old_owner, TaskChange.new_owner)
    held = select(TaskChange.task_id).where(
        TaskChange.task_id.in_(own), or_(*((h.is_not(None)) & (h != who.id) for h in holders))
    )
    named = select(Contact.task_id).where(Contact.task_id.in_(own), Contact.employee_id != who.id)
    both = union(held, named).subquery()
    return select(both.c.task_id)


def _column(model: type[Base]) -> Any:
    return Task.id if model is Task else TaskChange.task_id


def _contexts_counted(session: Session, own: tuple[int, ...]) -> dict[str, int]:
    models = (ContextRow.id, VerdictRow.context_id, RejudgedRow.context_id)
    found = {column.class_.__tablename__: 0 for column in models}
    for part in chunks(own):
        for column in models:
            number = session.scalar(select(func.count()).where(column.in_(part)))
            found[column.class_.__tablename__] += number or 0
    return found
