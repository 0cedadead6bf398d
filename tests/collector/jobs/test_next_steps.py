"""Missing next steps of people in the database: in whose list, by how many queries, and one truth with reports."""

from datetime import date

from activity_rows import at, hire
from crm_rows import changed, clients, deal, letters, task
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.next_steps import Asked, deals_without_step, next_steps
from planwhy_collector.jobs.overview import person_row, split_of
from planwhy_collector.plan.period import parse_period
from sqlalchemy import event

NOW = at("2026-10-07 12:00")
ON_DEAL = {"entity_type": "deal", "entity_id": "d1"}


def lists(database: Database, *members: Person, at_ms: int = NOW, **asked: bool) -> dict[str, list[str]]:
    with database.reading() as session:
        made = next_steps(session, Asked(members, **asked), at_ms)
    return {one.person.key if one.person else "": [f"{f.kind} {f.entity.id}" for f in one.findings] for one in made}


def test_each_person_has_a_list_and_nobodys_things_stand_once_at_the_end(database: Database) -> None:
    lead = {"supervisor_email": "lead@example.test"}
    first, second = hire(database, **lead), hire(database, "e2", **lead)
    clients(database, first, "c1")
    deal(database, second, "d1")
    deal(database, None, "d2", client_id="c1")
    task(database, first, "t1", "2026-10-01 10:00", "2026-10-30 10:00", entity_type="deal", entity_id="d2")
    assert lists(database, second, first, nobodys=True) == {
        "e1": [], "e2": ["deal_without_step d1"], "": ["deal_without_owner d2"],
    }  # fmt: skip
    assert lists(database, second, nobodys=True) == {"e2": ["deal_without_step d1"], "": []}
    assert lists(database, nobodys=True, everything=True) == {"": ["deal_without_owner d2"]}
    assert lists(database, first) == {"e1": []}


def test_a_step_that_a_colleague_will_take_counts(database: Database) -> None:
    first, second = hire(database), hire(database, "e2")
    clients(database, first, "c1")
    deal(database, second, "d1", client_id="c1")
    task(database, second, "t1", "2026-10-01 10:00", "2026-10-30 10:00", entity_type="deal", entity_id="d1")
    assert lists(database, first, second) == {"e1": [], "e2": []}


def test_a_leavers_deals_and_tasks_that_moved_on_are_told_as_they_were(either: Database) -> None:
    left, here = hire(either, left_on=date(2026, 10, 6)), hire(either, "e2")
    deal(either, left, "d1")
    task(either, here, "t1", "2026-10-01 10:00", "2026-10-30 10:00", deadline_ms=None)
    changed(either, "t1", "2026-10-07 09:00", "owner", old=left, new=here)
    assert lists(either, left, here, nobodys=True) == {
        "e1": [], "e2": ["task_without_deadline t1"], "": ["deal_without_step d1", "deal_without_owner d1"],
    }  # fmt: skip
    before = lists(either, left, here, at_ms=at("2026-10-06 12:00"), nobodys=True)
    assert before == {"e1": ["deal_without_step d1", "task_without_deadline t1"], "e2": [], "": []}


def test_findings_say_since_when_and_the_last_contact(either: Database) -> None:
    person = hire(either)
    deal(either, person, "d1")
    task(either, person, "t1", "2026-10-01 10:00", "2026-10-02 10:00", closed="2026-10-02 09:00", **ON_DEAL)
    letters(either, person, "d1", "2026-10-01 10:00", "2026-10-05 10:00", "2026-10-09 10:00")
    with either.reading() as session:
        (finding,) = next_steps(session, Asked((person,)), NOW)[0].findings
    assert (finding.since_ms, finding.last_contact_ms) == (at("2026-10-02 09:00"), at("2026-10-05 10:00"))


def test_reports_count_the_same_deals(database: Database) -> None:
    person, week = hire(database), parse_period("2026-W41")
    for key in ("d1", "d2", "d3"):
        deal(database, person, key)
    deal(database, person, "d4", kind="recurring", client_id="c1")
    clients(database, person, "c1")
    task(database, person, "t1", "2026-10-01 10:00", "2026-10-02 10:00", **ON_DEAL)
    split = split_of(database, person, week, NOW)
    with database.reading() as session:
        row = person_row(session, person, split, week, NOW)
        assert deals_without_step(session, [person], NOW)[person.id] == row.deals_without_step == 2
    assert [f for f in lists(database, person)["e1"] if f.startswith("deal_")] == [
        "deal_without_step d2", "deal_without_step d3",
    ]  # fmt: skip


def test_a_team_takes_as_many_queries_as_a_person(database: Database) -> None:
    members, said = [], []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cu, text, *_: said.append(text))
    for number in range(12):
        members.append(hire(database, f"e{number}"))
        clients(database, members[-1], f"c{number}")
        deal(database, members[-1], f"d{number}", client_id=f"c{number}")
        task(database, members[-1], f"t{number}", "2026-10-01 10:00", "2026-10-02 10:00")
    said.clear()
    assert len(lists(database, members[0], nobodys=True)) == 2
    one = len(said)
    assert len(lists(database, *members, nobodys=True)) == 13 and len(said) == 2 * one
