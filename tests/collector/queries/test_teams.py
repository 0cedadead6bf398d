"""Teams over time: who was where on a day, transfers to come, and records that name another team."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from activity_rows import at, hire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planwhy_collector.db import Database
from planwhy_collector.facts import EmployeeRecord, TransferRecord
from planwhy_collector.queries.people import (
    colleagues,
    current_records,
    ids_for,
    people,
    person,
    records,
    store_employees,
    teams,
)  # fmt: skip
from planwhy_collector.queries.teams import BEGINNING, store_transfers, team_histories, team_on, today_in
from staff_rows import again, transfer

TODAY = today_in(ZoneInfo("UTC"))
EVENING = at("2026-11-18 22:30")  # in Vladivostok it is the 19th already


def members(database: Database, team: str, on: str | None = None) -> list[str]:
    with database.reading() as session:
        return [one.key for one in people(session, team=team, on=date.fromisoformat(on) if on else None)]


def written(database: Database, now_ms: int = EVENING, **record: str | None) -> None:
    with database.writing() as session:
        listed = [EmployeeRecord("e1", "Test Person", **record)]  # type: ignore[arg-type]
        store_employees(session, listed, ids_for(session, {"e1"}), now_ms)


def test_a_transfer_leaves_the_days_before_to_the_old_team(database: Database) -> None:
    who = hire(database, team="North")
    transfer(database, who, "2026-03-01", "South")
    assert members(database, "North", "2026-02-28") == ["e1"] == members(database, "South", "2026-03-01")
    assert members(database, "South", "2026-02-28") == [] == members(database, "North", "2026-03-01")
    assert again(database, who).team == "South" and again(database, who, "1999-01-01").team == "North"


def test_a_transfer_to_come_takes_effect_on_its_day_and_not_before(database: Database) -> None:
    """The latest zone is half a day ahead of the earliest: two days off hold everywhere."""
    soon, now = hire(database, "e1", team="North"), hire(database, "e2", team="North")
    transfer(database, soon, (TODAY + timedelta(days=2)).isoformat(), "South")
    transfer(database, now, (TODAY - timedelta(days=2)).isoformat(), "South")
    assert (members(database, "North"), members(database, "South")) == (["e1"], ["e2"])
    assert members(database, "South", (TODAY + timedelta(days=2)).isoformat()) == ["e1", "e2"]


def test_who_leaves_all_teams_has_no_colleagues(database: Database) -> None:
    who, other = hire(database, team="North"), hire(database, "e2", team="North")
    transfer(database, who, "2026-03-01", None)
    with database.reading() as session:
        assert [one.id for one in colleagues(session, who, date(2026, 2, 1))] == [other.id]
        assert colleagues(session, who, date(2026, 3, 1)) == ()
        assert colleagues(session, other, date(2026, 3, 1)) == ()


def test_a_record_with_another_team_is_a_transfer_of_today_in_the_persons_zone(database: Database) -> None:
    hire(database, team="North")
    written(database, team="South", time_zone="Asia/Vladivostok")
    assert members(database, "North", "2026-11-18") == ["e1"] == members(database, "South", "2026-11-19")


def test_the_same_record_again_takes_nobody_back_from_a_transfer(database: Database) -> None:
    who = hire(database, team="North")
    transfer(database, who, "2026-03-01", "South")
    written(database, team="North")
    assert members(database, "South", "2026-11-20") == ["e1"]
    with database.reading() as session:
        assert (records(session)["e1"].team, current_records(session)["e1"].team) == ("North", "South")


def test_a_record_that_follows_a_transfer_adds_none(database: Database) -> None:
    who = hire(database, team="North")
    transfer(database, who, "2026-03-01", "South")
    written(database, team="South")
    with database.reading() as session:
        assert [one.since for one in team_histories(session, [who.id])[who.id]] == [BEGINNING, date(2026, 3, 1)]


def test_two_changes_on_one_day_leave_the_last(database: Database) -> None:
    who = hire(database, team="North")
    for team in ("South", "West", None):
        written(database, team=team)
    assert [again(database, who, day).team for day in ("2026-11-17", "2026-11-18")] == ["North", None]
    with database.reading() as session:
        assert teams(session) == ("North", "South", "West")


dates = st.dates(date(2026, 1, 1), date(2026, 3, 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.dictionaries(dates, st.sampled_from(["North", "South", None]), max_size=5), dates)
def test_each_day_has_the_team_of_the_latest_transfer(
    database: Database, moves: dict[date, str | None], day: date
) -> None:
    with database.writing() as session:
        ids = ids_for(session, {"e1"})
        store_employees(session, [EmployeeRecord("e1", "A", team="West")], ids)
        history = tuple(TransferRecord(ids["e1"], since, moves[since]) for since in sorted(moves))
        store_transfers(session, history)
        expected = [moves[since] for since in sorted(moves) if since <= day]
        assert team_on(history, day, "West") == (expected[-1] if expected else "West")
        assert person(session, "e1", day).team == (expected[-1] if expected else "West")
        session.rollback()
