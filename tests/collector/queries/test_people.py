"""Employees: found by key, by team, by supervisor; one key belongs to one person."""

import pytest
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import EmployeeRecord
from planwhy_collector.queries.people import add_employee, ids_for, people, person, person_by_id, store_employees, teams


def test_a_person_is_found_by_either_key(database: Database) -> None:
    with database.writing() as session:
        made = add_employee(session, EmployeeRecord("e1", "A", team="North", time_zone="Europe/Moscow"))
        found = person(session, "e1")
    assert (found.id, found.team, found.zone.key) == (made, "North", "Europe/Moscow")


def test_a_public_id_is_taken_once(database: Database) -> None:
    with database.writing() as session:
        add_employee(session, EmployeeRecord("e1", "A"))
        with pytest.raises(InvalidInput, match="e1"):
            add_employee(session, EmployeeRecord("e1", "B"))


def test_nobody_is_not_found(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(NotFound):
            person(session, "e1")
        with pytest.raises(NotFound):
            person_by_id(session, 1)


def test_people_are_listed_by_team_and_by_supervisor_whatever_the_letters(database: Database) -> None:
    listed = [
        EmployeeRecord("e1", "B", team="North", supervisor_email="boss@x.org"),
        EmployeeRecord("e2", "A", team="North", supervisor_email="boss@x.org"),
        EmployeeRecord("e3", "C", team="South"),
    ]
    with database.writing() as session:
        store_employees(session, listed, ids_for(session, {r.key for r in listed}))
        assert [p.key for p in people(session, team="North")] == ["e2", "e1"]
        assert [p.key for p in people(session, supervisor_email="Boss@X.org")] == ["e2", "e1"]
        assert teams(session) == ("North", "South")


def test_a_thousand_new_people_get_a_thousand_keys(database: Database) -> None:
    with database.reading() as session:
        assert len(set(ids_for(session, {f"e{n}" for n in range(1000)}).values())) == 1000
