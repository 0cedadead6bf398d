"""The person's time zone decides the day, also where a day has 23, 23.5, 24.5 or 25 hours, from upload to totals."""

from datetime import date, timedelta

import pytest
from ingesting import ENROL, Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.facts import EmployeeRecord
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.queries.people import add_employee, person
from planwhy_shared.times import day_bounds, from_ms

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Kathmandu", "2026-10-25", 24),
        ("Pacific/Kiritimati", "2026-10-25", 24),
        ("Europe/Moscow", "2026-10-25", 24),
    ],
)
def test_a_day_has_the_hours_that_its_zone_gives_it(either: Database, zone: str, day: str, hours: float) -> None:
    agents = Agents(either, now_ms=1_795_000_000_000)
    with either.writing() as session:
        add_employee(session, EmployeeRecord("z1", "Zoned Person", time_zone=zone))
        who = person(session, "z1")
    token = agents.enrol(agents.code_for("z1"), **ENROL | {"instance_id": "z"}).get_json()["token"]
    bounds = day_bounds(date.fromisoformat(day), who.zone)
    first = bounds.start_ms - 2 * HOUR_MS
    count = (bounds.end_ms - bounds.start_ms) // HOUR_MS + 5
    spans = [span(n, first + n * HOUR_MS, HOUR_MS, state="active", app="xterm") for n in range(count)]
    assert agents.send(token, batch("b1", spans)).get_json()["accepted"] == count
    settle(either, agents.now_ms)
    found = settled_totals(either, who, date.fromisoformat(day), date.fromisoformat(day), agents.now_ms)
    active = sum(t.working_ms + t.other_ms for t in found if t.presence == "active")
    assert active == hours * HOUR_MS == bounds.end_ms - bounds.start_ms


def test_spans_across_midnight_fall_on_both_days_of_the_person_and_on_no_other(either: Database) -> None:
    agents = Agents(either, now_ms=1_795_000_000_000)
    token = agents.token()
    midnight = day_bounds(date(2026, 11, 17), _zone(agents)).start_ms
    agents.send(token, batch("b1", [span(1, midnight - HOUR_MS, 3 * HOUR_MS, state="active", app="xterm")]))
    settle(either, agents.now_ms)
    with either.reading() as session:
        who = person(session, "e1")
    days = [date(2026, 11, 15) + timedelta(days=n) for n in range(4)]
    told = {day: settled_totals(either, who, day, day, agents.now_ms) for day in days}
    active = {d: sum(t.working_ms + t.other_ms for t in found if t.presence == "active") for d, found in told.items()}
    assert [active[day] // HOUR_MS for day in days] == [0, 1, 2, 0]
    assert from_ms(midnight).hour == 21


def _zone(agents: Agents) -> object:
    with agents.database.reading() as session:
        return person(session, "e1").zone
