"""What a person objects to, beside the data: query → pure → query. In: people, days, an instant. Out: hours, view data.

Contested is the time within working hours of a person's days whose context is about a subject with an open objection,
by the label it counts for now. It is a part of the totals, to the millisecond, and changes none of them. Figures of a
person's objections are disclosed by the person (see `gate.may_answer`); sums of several people name nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from planwhy_shared.times import HOUR_MS, day_of, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.explain.result import ObjectionOut, ObjectionSum
from planwhy_collector.facts import Person
from planwhy_collector.jobs.judging import find_verdicts, personal_categories, rules_in_force
from planwhy_collector.jobs.levels import first_level
from planwhy_collector.queries import objections
from planwhy_collector.queries.activity import contexts_by_id
from planwhy_collector.queries.objections import NewObjection, ObjectionFact
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.rollup.contested import Counted, counted, label_times

SEEN_DAYS = 60
"""How far back a subject must have occurred to be objected to."""
SHOWN_DAYS = 30
"""The days whose hours stand beside an objection that waits for an answer."""
PERSONAL = "personal"
ByLabel = Mapping[str, int]
"""Milliseconds by label, `unclassified` among them."""


def counted_as(
    session: Session, person: Person, first: date, last: date, now_ms: int, only: Collection[Subject] | None = None
) -> tuple[Counted, ...]:
    """What the person's hosts and programs, or `only` these, counted as from first to last, the longest first."""
    rules = rules_in_force(session)
    level = first_level(session, person, first, last, rules, now_ms)
    contexts = contexts_by_id(session, {one.context_id for one in level})
    found = ((key, subject_of(context)) for key, context in contexts.items())
    subjects = {key: of for key, of in found if of is not None and (only is None or of in only)}
    verdicts = find_verdicts(session, set(subjects), {}, rules, rules.profile_of(person.position, person.team))
    return counted(level, subjects, verdicts.by_context, verdicts.areas)


def counted_lately(
    session: Session, person: Person, days: int, now_ms: int, only: Collection[Subject] | None = None
) -> tuple[Counted, ...]:
    """What was counted as what in the last days, today among them."""
    today = day_of(now_ms, person.zone)
    return counted_as(session, person, today - timedelta(days=days - 1), today, now_ms, only)


def beside_each(
    session: Session, found: Sequence[ObjectionFact], people: Mapping[int, Person], now_ms: int
) -> list[tuple[ObjectionFact, Person, tuple[Counted, ...]]]:
    """Objections with whose they are and what the subject counted for in the last `SHOWN_DAYS` days, in their order."""
    subjects: defaultdict[int, set[Subject]] = defaultdict(set)
    for one in found:
        subjects[one.said.employee_id].add(one.said.subject)
    rows = {key: counted_lately(session, people[key], SHOWN_DAYS, now_ms, only) for key, only in subjects.items()}
    return [
        (one, people[of], tuple(row for row in rows[of] if row.subject == one.said.subject))
        for one, of in ((one, one.said.employee_id) for one in found)
    ]


def standing(
    session: Session, person: Person, first: date, last: date, now_ms: int, *, disclosed: bool = True
) -> tuple[ObjectionOut, ...]:
    """The person's objections open at an instant that contest time of the days from first to last, the oldest first.

    `disclosed`: the reader is the person or answers the person's objections; others are not told what is personal.
    """
    found = objections.open_at(session, [person.id], now_ms)
    if not found:
        return ()
    hidden = () if disclosed else personal_categories(session)
    rows = counted_as(session, person, first, last, now_ms, {one.said.subject for one in found})
    return told(person, found, label_times(rows), {r.subject for r in rows if r.category in hidden}, hidden)


def standing_sum(
    session: Session, people: Iterable[Person], first: date, last: date, now_ms: int
) -> ObjectionSum | None:
    """How many objections of these people contest time of the days, and how much by label; None where there is none.

    Whatever day's teams the people come with: time counts by the rules of the present one, as in all totals.
    """
    owners = {one.said.employee_id for one in objections.open_at(session, (one.id for one in people), now_ms)}
    present = [person_by_id(session, key) for key in sorted(owners)]
    return summed([one for person in present for one in standing(session, person, first, last, now_ms)])


def summed(found: Sequence[ObjectionOut]) -> ObjectionSum | None:
    """Add objections up; None of none."""
    hours: Counter[str] = Counter()
    for one in found:
        hours.update(one.hours_by_label)
    return ObjectionSum(len(found), dict(hours)) if found else None


def told(
    person: Person,
    found: Iterable[ObjectionFact],
    ms: Mapping[Subject, ByLabel],
    personal: Collection[Subject] = (),
    hidden: Collection[str] = (),
) -> tuple[ObjectionOut, ...]:
    """Objections with their contested time; those whose subject has none are left out."""
    return tuple(
        _out(person, one, ms[one.said.subject], one.said.subject in personal or one.said.category in hidden)
        for one in found
        if one.said.subject in ms
    )


def object_to(
    database: Database, person: Person, user_id: int, subject: Subject, text: str, now_ms: int, meaning: str = ""
) -> int:
    """Write down that a person objects to what a subject counts for, and return the key.

    `meaning` names one of several (`Counted.key`); without it, what most of the time counts for. Raises InvalidInput
    for a subject without time in the person's last 60 days or with none of that meaning, and like `objections.add`.
    """
    with database.reading() as session:
        rows = counted_lately(session, person, SEEN_DAYS, now_ms)
    own = [row for row in rows if row.subject == subject]
    row = next((row for row in own if meaning in ("", row.key)), None)
    if row is None:
        raise InvalidInput(f"subject {subject.name[:100]!r}: nothing of it in your last {SEEN_DAYS} days")
    said = (row.label or "", row.category or "", row.area or "", row.rule or "")
    with database.writing() as session:
        return objections.add(session, NewObjection(person.id, user_id, now_ms, subject, *said, text))


def objection_json(one: ObjectionFact, person: Person, names: Mapping[int, str]) -> dict[str, object]:
    """An objection with its end, as the reading API and the command line tell it. `names`: accounts by key."""
    said, ended = one.said, one.decided_ms is not None
    return {
        "id": str(one.id), "employee_id": person.key, "at": rfc3339(said.at_ms, person.zone), "kind": said.subject.kind,
        "subject": said.subject.name, "label": said.label or None, "category": said.category or None,
        "area": said.area or None, "rule": said.rule or None, "text": said.text, "state": one.state,
        "decided_at": rfc3339(one.decided_ms, person.zone) if one.decided_ms is not None else None,
        "decided_by": (names.get(one.decided_by) if one.decided_by else "cli") if ended else None,
        "answer": one.answer or None,
    }  # fmt: skip


def _out(person: Person, one: ObjectionFact, ms: ByLabel, personal: bool) -> ObjectionOut:
    said = one.said
    return ObjectionOut(
        id=str(one.id),
        at=rfc3339(said.at_ms, person.zone),
        kind=said.subject.kind,
        subject=None if personal else said.subject.name,
        label=said.label or None,
        category=PERSONAL if personal else said.category or None,
        area=said.area or None,
        text=None if personal else said.text,
        hours=sum(ms.values()) / HOUR_MS,
        hours_by_label={label: part / HOUR_MS for label, part in sorted(ms.items())},
    )
