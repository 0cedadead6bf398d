"""Which days' totals change with an import: those of calls, absences, calendars, and of cards that changed area.

In: what an import changed. Out: days by employee, none in the future. Never: the settling itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from planwhy_shared.times import day_of, days_between
from sqlalchemy.orm import Session

from planwhy_collector.csvimport.changes import Changes
from planwhy_collector.queries.calendars import days_changed
from planwhy_collector.queries.crm_store import days_known, days_on_cards, tasks_on_deals
from planwhy_collector.queries.people import zones

UTC = ZoneInfo("UTC")
NONE = Changes((), (), 0)
OwnDay = tuple[int, date]
_TEXTS = ("name", "email", "team", "supervisor_email", "crm_user_id")
"""Columns of an employee that change no total."""


def days_to_settle(
    session: Session, changes: Mapping[str, Changes], ids: Mapping[str, int], now_ms: int, more: Iterable[OwnDay] = ()
) -> dict[int, set[date]]:
    """Collect the days up to today whose totals may differ after these changes, and `more`, by employee."""
    zone_of = {ids[key]: zone for key, zone in zones(session).items() if key in ids}
    today = day_of(now_ms, UTC) + timedelta(days=1)  # somewhere it is tomorrow already
    out: dict[int, set[date]] = defaultdict(set)
    for employee_id, day in (*_all(session, changes, ids, zone_of), *more):
        if day <= today:
            out[employee_id].add(day)
    for record in changes.get("calendars.csv", NONE).touched:
        for employee_id, day in days_changed(session, record, today):
            out[employee_id].add(day)
    return dict(out)


def _all(
    session: Session, changes: Mapping[str, Changes], ids: Mapping[str, int], zone_of: Mapping[int, ZoneInfo]
) -> Iterator[OwnDay]:
    yield from _of_calendars(session, changes.get("employees.csv", NONE), ids)
    yield from _of_talks(changes.get("contacts.csv", NONE), zone_of)
    yield from _of_absences(changes.get("absences.csv", NONE))
    deals = set(_moved_deals(changes.get("deals.csv", NONE)))
    yield from days_on_cards(session, "deal", deals)
    yield from days_on_cards(session, "task", tasks_on_deals(session, deals))
    yield from days_on_cards(session, "task", _moved_tasks(changes.get("tasks.csv", NONE)))


def _of_calendars(session: Session, changes: Changes, ids: Mapping[str, int]) -> Iterator[OwnDay]:
    for before, after in changes.changed:
        differs = (name for name in after.__dataclass_fields__ if getattr(before, name) != getattr(after, name))
        if any(name not in _TEXTS for name in differs):
            employee_id = ids[after.key]
            yield from ((employee_id, day) for day in days_known(session, employee_id))


def _of_talks(changes: Changes, zone_of: Mapping[int, ZoneInfo]) -> Iterator[OwnDay]:
    for contact in changes.touched:
        if (talk := contact.talk) is not None:
            zone = zone_of[contact.employee_id]
            for day in days_between(day_of(talk.start_ms, zone), day_of(talk.end_ms, zone)):
                yield contact.employee_id, day


def _of_absences(changes: Changes) -> Iterator[OwnDay]:
    for record in changes.touched:
        for day in days_between(record.absence.first_day, record.absence.last_day):
            yield record.employee_id, day


def _moved_deals(changes: Changes) -> Iterable[str]:
    """Deals whose area is not what it was; a deal that nobody knew counted as sales."""
    yield from (deal.id for deal in changes.new if deal.kind == "recurring")
    yield from (after.id for before, after in changes.changed if before.kind != after.kind)


def _moved_tasks(changes: Changes) -> Iterable[str]:
    yield from (task.id for task in changes.new if task.entity_type)
    yield from (
        after.id
        for before, after in changes.changed
        if (before.entity_type, before.entity_id) != (after.entity_type, after.entity_id)
    )
