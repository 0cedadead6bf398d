"""Whose next steps are missing: query → pure. In: people, an instant. Out: findings by person. Never: a write.

One list for each person and one for what is nobody's; people stand in the order of their names.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from planwhy_collector.explain.next_steps import OFTEN, Finding, concerning, findings
from planwhy_collector.facts import Person
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries.next_steps import board
from planwhy_collector.queries.people import people


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose list it is about: people, and whether what is nobody's comes along; `everything` of it, or what is near."""

    people: tuple[Person, ...]
    nobodys: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class PersonSteps:
    """The findings of one person, by urgency; `person` None: nobody's."""

    person: Person | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """Everyone, with their calendars and who of them is led by somebody."""

    people: dict[int, Person]
    calendars: dict[int, WorkCalendar]

    @property
    def led(self) -> frozenset[int]:
        """Those who name a supervisor."""
        return frozenset(key for key, one in self.people.items() if (one.supervisor_email or "").strip())

    @property
    def gone(self) -> list[int]:
        """Those with a last day: what they owned may be nobody's."""
        return [key for key, one in self.people.items() if one.left_on]


def staff(session: Session) -> Staff:
    """Read everyone."""
    return staffed(people(session))


def staffed(listed: Iterable[Person]) -> Staff:
    """Give people their calendars."""
    known = {one.id: one for one in listed}
    return Staff(known, {key: WorkCalendar(one) for key, one in known.items()})


def next_steps(session: Session, asked: Asked, at_ms: int, often: int = OFTEN) -> tuple[PersonSteps, ...]:
    """The lists of people at an instant, empty ones too; nobody's list stands last where it was asked for."""
    everyone = staff(session)
    owners = {one.id for one in asked.people} | set(everyone.gone if asked.nobodys else ())
    read = board(session, owners, asked.nobodys, at_ms, at_ms)
    return lists(findings(read, everyone.calendars, at_ms, often), everyone, asked)


def lists(found: Sequence[Finding], everyone: Staff, asked: Asked) -> tuple[PersonSteps, ...]:
    """The lists of people, of what was found among them and perhaps others."""
    own = {one.id for one in asked.people}
    mine = found if asked.everything else concerning(found, own, everyone.led)
    listed = [PersonSteps(one, _of(mine, one.id)) for one in sorted(asked.people, key=lambda p: (p.name, p.key))]
    return (*listed, PersonSteps(None, _of(mine, None))) if asked.nobodys else tuple(listed)


def deals_without_step(session: Session, people: Iterable[Person], at_ms: int) -> Counter[int]:
    """Count people's open deals without a next step at an instant, by employee."""
    everyone = staffed(people)
    found = findings(board(session, everyone.people, False, at_ms, at_ms), everyone.calendars, at_ms)
    mine = (one.owner for one in found if one.kind == "deal_without_step" and one.owner in everyone.people)
    return Counter(owner for owner in mine if owner is not None)


def _of(found: Sequence[Finding], owner: int | None) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.owner == owner)
