"""Calendar exceptions with people: their own and everybody's, in one query however many people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from activity_rows import hire
from planwhy_collector.db import Database
from planwhy_collector.facts import EVERYBODY, ExceptionRecord
from planwhy_collector.queries.calendars import days_changed, exceptions_by_key
from planwhy_collector.queries.people import people, person, person_by_id
from planwhy_collector.queries.rollups import mark_dirty
from sqlalchemy import event
from staff_rows import other_hours

DAY = date(2026, 10, 12)


def test_each_person_has_the_own_exceptions_and_everybodys(database: Database) -> None:
    one, two = hire(database, "e1"), hire(database, "e2")
    other_hours(database, one, "2026-10-12", None, "Mon-Fri 09:00-13:00")
    other_hours(database, None, "2026-10-20", "2026-10-20")
    with database.reading() as session:
        found = {who.key: [(e.first_day.day, e.everybody) for e in who.exceptions] for who in people(session)}
        assert found == {"e1": [(12, False), (20, True)], "e2": [(20, True)]}
        assert person(session, "e1").exceptions == person_by_id(session, one.id).exceptions
        assert set(exceptions_by_key(session, [two.id])) == set()


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The SELECT statements within the block."""
    asked: list[str] = []

    def hear(*told: Any) -> None:
        asked.extend([told[2]] if told[2].lstrip().startswith("SELECT") else [])

    event.listen(database.engine, "before_cursor_execute", hear)
    yield asked
    event.remove(database.engine, "before_cursor_execute", hear)


def test_a_hundred_people_are_read_with_as_many_queries_as_one(database: Database) -> None:
    for number in range(100):
        other_hours(database, hire(database, f"e{number}"), "2026-10-12", None)
    with counted(database) as of_one, database.reading() as session:
        person(session, "e1")
    with counted(database) as of_all, database.reading() as session:
        assert len(people(session)) == 100
    assert len(of_all) == len(of_one) == 3


def test_the_days_of_an_exception_are_those_that_are_known_up_to_a_day(database: Database) -> None:
    one, two = hire(database, "e1"), hire(database, "e2")
    with database.writing() as session:
        mark_dirty(session, one.id, [DAY, DAY.replace(day=14), DAY.replace(day=16)])
        mark_dirty(session, two.id, [DAY])
        own = ExceptionRecord(one.id, DAY, None, "")
        common = ExceptionRecord(EVERYBODY, DAY, DAY.replace(day=13), "")
        assert days_changed(session, own, DAY.replace(day=15)) == ((one.id, DAY), (one.id, DAY.replace(day=14)))
        assert set(days_changed(session, common, DAY.replace(day=15))) == {(one.id, DAY), (two.id, DAY)}
