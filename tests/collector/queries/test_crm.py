"""Questions to the CRM's records: bounds, owners, and what reaches over an edge."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from planwhy_collector.db import Database
from planwhy_collector.facts import AbsenceFact, AbsenceRecord, ClientFact, ContactFact, DealFact, TaskFact
from planwhy_collector.queries import crm, crm_store
from planwhy_shared.times import HOUR_MS, Interval, to_ms

HOUR = Interval(10 * HOUR_MS, 11 * HOUR_MS)


def contact(key: str, at_ms: int, kind: str = "call", seconds: int = 0) -> ContactFact:
    return ContactFact(key, 1, at_ms, kind, "out", seconds, "d1", None, None)


def deal(key: str, closed_ms: int | None, outcome: str = "won", owner: int = 1) -> DealFact:
    return DealFact(key, owner, None, "new", "T", None, None, 0, closed_ms, outcome)


def task(key: str, created_ms: int, closed_ms: int | None) -> TaskFact:
    return TaskFact(key, 1, "T", created_ms, None, False, closed_ms, "", "", "")


def test_a_talk_that_reaches_into_the_bounds_belongs_to_them(database: Database) -> None:
    early = HOUR.start_ms - 600_000
    facts = [
        contact("long", early, "call", 601), contact("short", early, "call", 600), contact("mail", early, "email"),
        contact("first", HOUR.start_ms), contact("next", HOUR.end_ms),
    ]  # fmt: skip
    with database.writing() as session:
        crm_store.store_contacts(session, facts)
        assert [c.id for c in crm.contacts_of(session, 1, HOUR)] == ["long", "first"]
        assert crm.contacts_of(session, 2, HOUR) == ()


def test_only_deals_won_within_the_bounds_count(database: Database) -> None:
    facts = [
        deal("in", HOUR.start_ms), deal("after", HOUR.end_ms), deal("lost", HOUR.start_ms, "lost"),
        deal("open", None, "open"), deal("other", HOUR.start_ms, owner=2),
    ]  # fmt: skip
    with database.writing() as session:
        crm_store.store_deals(session, facts)
        assert [d.id for d in crm.deals_won(session, 1, HOUR)] == ["in"]
        assert crm.deals_by_id(session, ["in", "nope"]).keys() == {"in"}


def test_tasks_are_those_open_at_some_time_within_the_bounds(database: Database) -> None:
    facts = [
        task("open", 0, None), task("closed in", 0, HOUR.start_ms), task("closed before", 0, HOUR.start_ms - 1),
        task("made after", HOUR.end_ms, None),
    ]  # fmt: skip
    with database.writing() as session:
        crm_store.store_tasks(session, facts)
        assert {t.id for t in crm.tasks_of(session, 1, HOUR)} == {"open", "closed in"}


@pytest.mark.parametrize(("day", "count"), [(1, 1), (2, 2), (3, 2), (4, 1)])
def test_clients_are_counted_on_a_day_with_both_ends(database: Database, day: int, count: int) -> None:
    always = ClientFact("c1", "A", 1, None, None, None, None)
    some = ClientFact("c2", "B", 1, date(2026, 10, 2), date(2026, 10, 3), None, None)
    with database.writing() as session:
        crm_store.store_clients(session, [always, some])
        on = date(2026, 10, day)
        assert len(crm.clients_in_care(session, 1, on, on)) == count


def test_absences_touch_days_with_both_ends(database: Database) -> None:
    away = AbsenceFact(date(2026, 10, 5), date(2026, 10, 7), "sick", True)
    with database.writing() as session:
        crm_store.store_absences(session, [AbsenceRecord(1, away)])
        assert crm.absences_of(session, 1, date(2026, 10, 7), date(2026, 10, 9)) == (away,)
        assert crm.absences_of(session, 1, date(2026, 10, 8), date(2026, 10, 9)) == ()


def test_storing_twice_updates(database: Database) -> None:
    with database.writing() as session:
        crm_store.store_deals(session, [deal("d", None, "open")])
        crm_store.store_deals(session, [deal("d", 5, "lost")])
        assert [d.outcome for d in crm.deals_of(session, 1)] == ["lost"]


def test_what_was_deleted_is_there_until_then(database: Database) -> None:
    won = replace(deal("d", HOUR.start_ms), deleted_ms=HOUR.end_ms)
    client = ClientFact("c", "A", 1, None, None, None, None, deleted_ms=to_ms(datetime(2026, 10, 2, 12, tzinfo=UTC)))
    with database.writing() as session:
        crm_store.store_deals(session, [won])
        crm_store.store_clients(session, [client])
        seen = [crm.deals_won(session, 1, HOUR, when) for when in (HOUR.end_ms - 1, HOUR.end_ms, None)]
        assert seen == [(won,), (), ()]
        days = [date(2026, 10, day) for day in (1, 2, 3)]
        assert [len(crm.clients_in_care(session, 1, day, day)) for day in days] == [1, 1, 0]
        assert [one.until for one in crm.clients_in_care(session, 1, days[0], days[2])] == [days[1]]
        assert crm_store.deleted(session, "deals") == {"d": HOUR.end_ms}
