"""A change of rules on its way through what is stored. In: sessions. Out: how far it is, what it moves.

A verdict whose meaning turns is written together with a row in `rejudged`, so that whoever comes later, also after a
kill, knows what each day still has to be moved by. Never: a judgement of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import and_, delete, exists, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import Context, EntityRef
from planwhy_collector.models import ContextRow, Day, DayContext, RejudgedRow, RuleSetRow, VerdictRow
from planwhy_collector.queries.rollups import CLEAN, JUDGE
from planwhy_collector.queries.upsert import chunks, inserting
from planwhy_collector.queries.verdicts import replace_verdicts, verdict_of
from planwhy_collector.rollup.shift import Moved

JUDGING, ADDING, DONE = 0, 1, 2
"""How far a change is: verdicts are made anew; all stored verdicts hold and days are added up; nothing is left."""
_LOCK = 0x72756C6573
"""The advisory lock of whoever changes the rules, or writes something that rests on them."""
_FIELDS = ("label", "category", "area")


@dataclass(frozen=True, slots=True)
class Change:
    """The rules in force: since when (ms), and how far the past has been changed to them."""

    version: str
    step_ms: int
    stage: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored verdict with the context it is about."""

    context_id: int
    profile: str
    verdict: Verdict
    context: Context


Key = tuple[int, str]
"""A context and a profile."""
Wanted = Callable[[Context, str | None], bool]
"""Whether a verdict is asked for, by its context and the rule that gave it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some stored verdicts: those asked for, how many were looked at, and the last key; None where no more follow."""

    wanted: tuple[Stored, ...]
    looked_at: int
    last: Key | None


@dataclass(frozen=True, slots=True)
class Turned:
    """A verdict that new rules make another one."""

    context_id: int
    profile: str
    old: Verdict
    new: Verdict


def change_in_force(session: Session) -> Change | None:
    """The rules put in force last; None before the first."""
    query = select(RuleSetRow.version, RuleSetRow.applied_ms, RuleSetRow.stage)
    row = session.execute(query.order_by(RuleSetRow.applied_ms.desc()).limit(1)).first()
    return Change(*row) if row else None


def change_before(session: Session, change: Change) -> Change | None:
    """The rules that were in force before; None before the first."""
    query = select(RuleSetRow.version, RuleSetRow.applied_ms, RuleSetRow.stage)
    earlier = query.where(RuleSetRow.applied_ms < change.step_ms).order_by(RuleSetRow.applied_ms.desc())
    row = session.execute(earlier.limit(1)).first()
    return Change(*row) if row else None


def hold_rules(session: Session, alone: bool = False) -> None:
    """Keep the rules in force from changing until the transaction ends; `alone`: to change them.

    SQLite's writers take turns anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        shared = "" if alone else "_shared"
        session.execute(text(f"SELECT pg_advisory_xact_lock{shared}({_LOCK})"))


def is_in_force(session: Session, change: Change) -> bool:
    """Whether this is still the change in force; it then stays so until the transaction ends."""
    hold_rules(session)
    now = change_in_force(session)
    return now is not None and (now.version, now.step_ms) == (change.version, change.step_ms)


def set_stage(session: Session, change: Change, stage: int) -> None:
    """Say how far the change is."""
    session.execute(update(RuleSetRow).where(RuleSetRow.version == change.version).values(stage=stage))


def ask_for_judging(
    session: Session, versions: Iterable[str] | None = None, employee_ids: Iterable[int] | None = None
) -> None:
    """Ask for new verdicts on settled days: those by some versions, or of some employees."""
    ask = update(Day).where(Day.dirty == CLEAN).values(dirty=JUDGE)
    if versions is not None:
        session.execute(ask.where(Day.version.in_(sorted(versions))))
    for part in chunks(sorted(employee_ids or ())):
        session.execute(ask.where(Day.employee_id.in_(part)))


def count_verdicts(session: Session, version: str) -> int:
    """How many stored verdicts are not by this version."""
    return session.scalar(select(func.count()).where(VerdictRow.version != version)) or 0


def verdicts_after(session: Session, version: str, after: Key | None, most: int, wanted: Wanted) -> Page:
    """Look at verdicts that are not by this version, in order of context and profile, after a key."""
    key = tuple_(VerdictRow.context_id, VerdictRow.profile)
    query = (
        select(*VerdictRow.__table__.columns, ContextRow.app, ContextRow.host, ContextRow.path, ContextRow.title)
        .join(ContextRow, ContextRow.id == VerdictRow.context_id)
        .where(VerdictRow.version != version)
        .order_by(VerdictRow.context_id, VerdictRow.profile)
        .limit(most)
    )
    rows: Any = session.connection().execute(query.where(key > tuple_(*after)) if after else query).all()
    stored = []
    for context_id, profile, label, category, area, card, ref, rule, by, *seen in rows:  # by place: there are many
        context = Context(*seen)
        if wanted(context, rule or None):
            entity = EntityRef(card, ref) if card else None
            verdict = Verdict(label or None, category or None, area or None, rule or None, by, entity)
            stored.append(Stored(context_id, profile, verdict, context))
    return Page(tuple(stored), len(rows), (rows[-1][0], rows[-1][1]) if len(rows) == most else None)


def active_contexts(
    session: Session, employee_ids: Sequence[int], profile: str, first: date, last: date
) -> Iterator[tuple[int, Context, Verdict | None, int]]:
    """Add up the settled active working milliseconds of some employees by context and its key, with its stored verdict,
    if any.
    """
    spent = (
        select(DayContext.context_id, func.sum(DayContext.working_ms).label("ms"))
        .where(DayContext.employee_id.in_(employee_ids), DayContext.day >= first, DayContext.day <= last)
        .where(DayContext.presence == "active")
        .group_by(DayContext.context_id)
        .subquery()
    )
    judged = and_(VerdictRow.context_id == spent.c.context_id, VerdictRow.profile == profile)
    query = (
        select(
            spent.c.context_id.label("key"),
            spent.c.ms,
            ContextRow.app,
            ContextRow.host,
            ContextRow.path,
            ContextRow.title,
        )
        .add_columns(*VerdictRow.__table__.columns)
        .outerjoin(ContextRow, ContextRow.id == spent.c.context_id)
        .outerjoin(VerdictRow, judged)
    )
    for row in session.execute(query):
        verdict = None if row.version is None else verdict_of(row)
        yield row.key, Context(row.app, row.host, row.path, row.title), verdict, int(row.ms)


def time_in(
    session: Session, employee_ids: Sequence[int], context_ids: Iterable[int], first: date, last: date
) -> Counter[int]:
    """Add up the settled active working milliseconds in some contexts, by employee."""
    found: Counter[int] = Counter()
    of_people = select(DayContext.employee_id, func.sum(DayContext.working_ms)).where(
        DayContext.employee_id.in_(employee_ids), DayContext.day >= first, DayContext.day <= last
    )
    for part in chunks(sorted(context_ids)):
        seen = of_people.where(DayContext.presence == "active", DayContext.context_id.in_(part))
        for employee_id, ms in session.execute(seen.group_by(DayContext.employee_id)):
            found[employee_id] += int(ms)
    return found


def turn_verdicts(session: Session, change: Change, turned: Sequence[Turned]) -> None:
    """Put new verdicts in the place of old ones, and remember what each meant before and means now.

    In one order whoever does it, so that two at once wait for each other instead of deadlocking.
    """
    for profile in sorted({one.profile for one in turned}):
        replace_verdicts(session, profile, {one.context_id: one.new for one in turned if one.profile == profile})
    rows = [
        {"context_id": one.context_id, "profile": one.profile, "step_ms": change.step_ms, "old": old, "new": new}
        for one in turned
        if (old := _packed(one.old)) != (new := _packed(one.new))
    ]
    for part in chunks(rows):
        session.execute(inserting(session, RejudgedRow).on_conflict_do_nothing(), list(part))


def waiting_days(session: Session, version: str) -> dict[int, int]:
    """Count the settled days that are not by this version and ask for nothing else, by employee."""
    query = select(Day.employee_id, func.count()).where(*_waiting(version)).group_by(Day.employee_id)
    return {row[0]: row[1] for row in session.execute(query.order_by(Day.employee_id))}


def claim_waiting(session: Session, version: str, employee_ids: Sequence[int]) -> dict[str, set[tuple[int, date]]]:
    """Lock the waiting days of some employees until the transaction ends; as (employee, day) by their version."""
    query = select(Day.version, Day.employee_id, Day.day).where(*_waiting(version), Day.employee_id.in_(employee_ids))
    found: dict[str, set[tuple[int, date]]] = {}
    for base, employee_id, day in session.execute(query.order_by(Day.employee_id, Day.day).with_for_update()):
        found.setdefault(base, set()).add((employee_id, day))
    return found


def moved_time(session: Session, base: str, profile: str, employee_ids: Sequence[int]) -> Iterator[Moved]:
    """Find the time of settled days, by the base version, in contexts that have turned since that was in force."""
    since = select(RuleSetRow.applied_ms).where(RuleSetRow.version == base).scalar_subquery()
    query = (
        select(
            Day.employee_id, Day.day, DayContext.presence, RejudgedRow.old, RejudgedRow.new,
            func.sum(DayContext.working_ms), func.sum(DayContext.other_ms),
        )
        .join(DayContext, and_(DayContext.employee_id == Day.employee_id, DayContext.day == Day.day))
        .join(RejudgedRow, and_(RejudgedRow.context_id == DayContext.context_id, RejudgedRow.profile == profile))
        .where(Day.employee_id.in_(employee_ids), Day.dirty == CLEAN, Day.version == base)
        .where(DayContext.presence.in_(("active", "call")), RejudgedRow.step_ms > since)
        .group_by(Day.employee_id, Day.day, DayContext.presence, RejudgedRow.old, RejudgedRow.new)
    )  # fmt: skip
    rows: Any = session.execute(query)
    for employee_id, day, presence, old, new, working_ms, other_ms in rows:
        yield Moved(employee_id, day, presence, _unpacked(old), _unpacked(new), int(working_ms), int(other_ms))


def carried(session: Session, version: str, employee_ids: Sequence[int]) -> None:
    """Say that the waiting days of some employees hold by this version now."""
    of_these = Day.employee_id.in_(employee_ids)
    session.execute(update(Day).where(*_waiting(version), of_these).values(version=version))


def nothing_waits(session: Session, version: str) -> bool:
    """Whether no settled day waits for this version."""
    return not session.scalar(select(exists().where(*_waiting(version))))


def forget_turned(session: Session) -> None:
    """Forget what verdicts meant before: every day holds what they mean now."""
    session.execute(delete(RejudgedRow))


def _waiting(version: str) -> tuple[Any, ...]:
    return Day.dirty == CLEAN, Day.version != version, Day.settled_ms.is_not(None)


def _packed(verdict: Verdict) -> str:
    """What a verdict means, as JSON: label, category, area, kind and id of the card."""
    card = (verdict.entity.type, verdict.entity.id) if verdict.entity else (None, None)
    return msgspec.json.encode((*(getattr(verdict, name) for name in _FIELDS), *card)).decode()


@lru_cache(maxsize=10_000)
def _unpacked(packed: str) -> Verdict:
    label, category, area, card, card_id = msgspec.json.decode(packed)
    return Verdict(label, category, area, None, "", EntityRef(card, card_id) if card else None)
