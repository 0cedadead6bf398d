"""One person over time: query → pure. In: an employee, the moment. Out: the record, teams, calendar, expected hours.

Removing an exception of a calendar is here as well, for a file cannot say it. Never: what a person did.
"""

from dataclasses import replace
from datetime import date, timedelta

from msgspec import Struct, field
from planwhy_shared.times import HOUR_MS, day_of, from_ms, total_ms
from sqlalchemy.orm import Session

from planwhy_collector.errors import NotFound
from planwhy_collector.facts import EVERYBODY, EmployeeRecord, ExceptionRecord, Person, TransferRecord
from planwhy_collector.plan.period import month_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import calendars, people, teams
from planwhy_collector.queries.rollups import mark_dirty


class TeamLine(Struct, frozen=True):
    """A team from a day on; `since` None: from the beginning, `team` None: no team."""

    since: date | None
    team: str | None


class CalendarLine(Struct, frozen=True):
    """Other working hours for some days; `working_hours` "": free; `to` None: until further notice."""

    first: date = field(name="from")
    last: date | None = field(name="to")
    working_hours: str
    note: str
    everybody: bool


class MonthLine(Struct, frozen=True):
    """The expected hours of a calendar month; absences are not taken out."""

    month: str
    hours: float


class Sheet(Struct, frozen=True):
    """What `planwhy employee show --json` prints."""

    employee: EmployeeRecord
    teams: tuple[TeamLine, ...]
    calendar: tuple[CalendarLine, ...]
    expected_hours: tuple[MonthLine, ...]


def sheet_of(session: Session, key: str, now_ms: int) -> Sheet:
    """Put together what is known of a person's employment. Raises NotFound."""
    who = people.person(session, key)
    record = replace(people.records(session)[key], team=who.team)
    history = teams.team_histories(session, [who.id]).get(who.id, ())
    exceptions = calendars.exceptions_by_key(session, [EVERYBODY, who.id]).values()
    this_month = month_of(day_of(now_ms, who.zone))
    next_month = month_of(this_month.last + timedelta(days=1))
    return Sheet(
        record,
        tuple(map(_team_line, history)) or (TeamLine(None, record.team),),
        tuple(_calendar_line(one) for one in sorted(exceptions, key=lambda one: (one.first_day, one.employee_id))),
        tuple(MonthLine(month.text, _hours(who, month.first, month.last)) for month in (this_month, next_month)),
    )


def remove_exception(session: Session, key: str | None, first_day: date, now_ms: int) -> int:
    """Take back a person's exception that begins on a day, without a key everybody's; how many days will be settled.

    Raises NotFound for the employee and for the exception.
    """
    whose = people.person(session, key).id if key is not None else EVERYBODY
    found = calendars.exceptions_by_key(session, [whose]).get((whose, first_day))
    if found is None:
        raise NotFound(f"no exception of {'everybody' if key is None else repr(key)} begins on {first_day}")
    calendars.delete_exception(session, found.key)
    tomorrow = from_ms(now_ms).date() + timedelta(days=1)  # somewhere it is tomorrow already
    changed = calendars.days_changed(session, found, tomorrow)
    for employee_id in {employee_id for employee_id, _ in changed}:
        mark_dirty(session, employee_id, (day for owner, day in changed if owner == employee_id))
    return len(changed)


def _team_line(one: TransferRecord) -> TeamLine:
    return TeamLine(None if one.since == teams.BEGINNING else one.since, one.team)


def _calendar_line(one: ExceptionRecord) -> CalendarLine:
    return CalendarLine(one.first_day, one.last_day, one.working_hours, one.note, one.employee_id == EVERYBODY)


def _hours(who: Person, first: date, last: date) -> float:
    return total_ms(WorkCalendar(who).of_days(first, last)) / HOUR_MS
