"""The one gate to a person's detail: timeline, titles, hosts, and one person's totals of work and non-work.

In: who asks, about whom, for which time. Out: an Opening, or PurposeRequired, or NotFound for other people's staff.
Never: data. Pages, API, command line, exports and mails all come through here; each look is written down by
`record_look`, in the transaction of the reader, and stands on the person's own page from then on.
"""

from dataclasses import dataclass
from datetime import date

from planwhy_shared.times import Interval, day_of, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.errors import NotFound, PurposeRequired
from planwhy_collector.facts import Person
from planwhy_collector.queries.cases import CaseFact, cases_touching
from planwhy_collector.queries.grants import PERSON_ASKED, GrantFact, add_grant, checked_reason, grants_open
from planwhy_collector.queries.looks import LookFact, NewLook, append_look
from planwhy_collector.queries.people import people
from planwhy_collector.queries.users import UserFact

_LEADING = ("supervisor", "admin")


@dataclass(frozen=True, slots=True)
class Opening:
    """The right to see a person's detail. `via`: self, case, grant. `until_ms` None: no end."""

    via: str
    purpose: str
    reason: str
    bounds: Interval
    until_ms: int | None = None
    case_id: int | None = None


def is_self(user: UserFact, person: Person) -> bool:
    """Whether the person is the user."""
    return user.employee_id == person.id


def leads(user: UserFact, person: Person) -> bool:
    """Whether the person is one of the user's own people: the employee record names the user as supervisor."""
    named = (person.supervisor_email or "").strip().lower()
    return user.role in _LEADING and bool(named) and named == user.email


def own_people(session: Session, user: UserFact, on: date | None = None) -> tuple[Person, ...]:
    """List the user's own people of today, with their teams on a day or of today; none for roles that lead nobody."""
    return people(session, supervisor_email=user.email, on=on) if user.role in _LEADING else ()


def may_know_of(user: UserFact, person: Person) -> None:
    """Pass for the person and the person's supervisor; raise NotFound for everyone else."""
    if not (is_self(user, person) or leads(user, person)):
        raise NotFound(f"there is no employee {person.key!r} among your people")


def may_answer(user: UserFact, person: Person) -> None:
    """Pass for who answers a person's objection: the supervisor, an administrator; raise NotFound for everyone else.

    What an objection names (the site or program, how much time, the words) is disclosed by the person to exactly these,
    whom the form names beforehand. So to read it is no look at detail, and opens nothing else. Nobody answers the own.
    """
    if is_self(user, person) or not (user.role == "admin" or leads(user, person)):
        raise NotFound("there is no such objection")


def may_see_detail(session: Session, user: UserFact, person: Person, bounds: Interval, now_ms: int) -> Opening:
    """Open a person's detail for all of the bounds (ms).

    Raises NotFound where the person is neither the user nor among the user's people, and PurposeRequired where no
    open case and no grant covers the bounds.
    """
    may_know_of(user, person)
    if is_self(user, person):
        return Opening("self", "own_data", "", bounds)
    for case in cases_touching(session, person.id, *_days(person, bounds)):
        if case.opens_detail(now_ms) and _covers(case_bounds(case, person), bounds):
            return _by_case(case, person)
    for grant in grants_open(session, user.id, person.id, now_ms):
        if _covers(grant.range, bounds):
            return _by_grant(grant)
    raise PurposeRequired(f"the detail of {person.key!r} for this time needs an open case or a purpose with a reason")


def ask_grant(
    session: Session, user: UserFact, person: Person, purpose: str, reason: str, bounds: Interval, now_ms: int
) -> Opening:
    """Open detail for at most four hours by a purpose and a typed reason.

    Raises NotFound where the person is not among the user's own people, InvalidInput for purpose, reason or range.
    """
    if not leads(user, person):
        raise NotFound(f"there is no employee {person.key!r} among your people")
    return _by_grant(add_grant(session, user.id, person.id, purpose, reason, bounds, now_ms))


def open_everything(user: UserFact, person: Person, reason: str, bounds: Interval) -> Opening:
    """Open all that is known of a person, to be handed to that person, who asked for it; always to be written down.

    For an administrator, the person's supervisor, and the person. Raises NotFound for everyone else, InvalidInput for
    a reason that is too short.
    """
    if is_self(user, person):
        return Opening("self", "own_data", "", bounds)
    if user.role != "admin":
        may_know_of(user, person)
    return Opening("grant", PERSON_ASKED, checked_reason(reason), bounds)


def record_look(
    session: Session, user: UserFact, person: Person, what: str, opening: Opening, bounds: Interval, now_ms: int
) -> LookFact | None:
    """Write down a look at someone else's detail; None for people who look at their own."""
    if opening.via == "self":
        return None
    actor = f"{user.name} <{user.email}>"
    look = NewLook(
        now_ms, actor, user.id, person.id, what, opening.via,
        bounds.start_ms, bounds.end_ms, opening.purpose, opening.reason,
    )  # fmt: skip
    return append_look(session, look)


def case_bounds(case: CaseFact, person: Person) -> Interval:
    """The time a case is about, ms, in the person's zone."""
    return days_bounds(case.period.first, case.period.last, person.zone)


def _by_case(case: CaseFact, person: Person) -> Opening:
    return Opening("case", "missed_plan", case.period.text, case_bounds(case, person), case.detail_until_ms, case.id)


def _by_grant(grant: GrantFact) -> Opening:
    return Opening("grant", grant.purpose, grant.reason, grant.range, grant.expires_ms)


def _covers(outer: Interval, inner: Interval) -> bool:
    return outer.start_ms <= inner.start_ms and inner.end_ms <= outer.end_ms


def _days(person: Person, bounds: Interval) -> tuple[date, date]:
    return day_of(bounds.start_ms, person.zone), day_of(max(bounds.start_ms, bounds.end_ms - 1), person.zone)
