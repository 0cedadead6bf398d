"""The weekly report: plan and fact to date, overdue tasks, totals that never tell of one person."""

import pytest
from activity_rows import at, enrol, hire, record
from crm_rows import away, deal, plan, task
from planwhy_collector.classify.subject import Subject
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.jobs.objecting import object_to
from planwhy_collector.jobs.overview import person_row, person_rows, split_of, splits_of
from planwhy_collector.jobs.reporting import last_week, weekly_report
from planwhy_collector.plan.period import parse_period
from planwhy_collector.report.html import weekly_html

NOW, WEEK = at("2026-10-13 12:00"), parse_period("2026-W41")
HOSTILE = "<script>alert(1)</script>"


def worker(database: Database, key: str, team: str = "North") -> Person:
    person = hire(database, key, team=team)
    spans = [("2026-10-05 09:00", "2026-10-05 13:00", "active", "https://acme.bitrix24.ru/crm/deal/details/7/")]
    record(database, person, enrol(database, person), spans)
    return person


def test_the_numbers_of_a_week_add_up(database: Database) -> None:
    team = [worker(database, key) for key in ("e1", "e2", "e3")]
    plan(database, team[0], "2026-10", 22.0)
    deal(database, team[0], "d1", won="2026-10-06 12:00")
    task(database, team[0], HOSTILE, "2026-10-01 10:00", "2026-10-06 09:00", closed="2026-10-06 11:00")
    made = weekly_report(database, WEEK, "North", NOW)
    first = made.people[0]
    assert (first.actual, first.overdue[0].overdue_hours, first.deals_without_step) == (1.0, 2.0, 0)
    assert first.target == pytest.approx(22.0 * 7 / 22)  # seven of October's 22 working days have passed
    assert made.time_hours and sum(made.time_hours.values()) == pytest.approx(3 * 40)
    assert made.time_hours["sales"] == pytest.approx(12) and made.coverage == pytest.approx(0.1)


def test_a_team_read_at_once_is_what_each_of_its_people_is_alone(database: Database) -> None:
    team = [worker(database, key) for key in ("e1", "e2", "e3")]
    team.append(hire(database, "e4", position="HR"))
    for number, one in enumerate(team):
        plan(database, one, "2026-10", 22.0 + number)
        deal(database, one, f"d{number}", won=f"2026-10-0{5 + number} 12:00")
        deal(database, one, f"open{number}")
        task(database, one, f"t{number}", "2026-10-01 10:00", f"2026-10-0{6 + number} 09:00")
    plan(database, team[1], "2026-W41", 3.0)
    away(database, team[2], "2026-10-08", "2026-10-09")
    splits = [split_of(database, one, WEEK, NOW) for one in team]
    assert splits_of(database, team, WEEK, NOW) == splits
    with database.reading() as session:
        for whole in (False, True):
            alone = [person_row(session, p, s, WEEK, NOW, whole) for p, s in zip(team, splits, strict=True)]
            assert person_rows(session, team, splits, WEEK, NOW, whole) == alone
    assert len({(row.target, row.actual) for row in alone}) == len(team)


def test_two_people_have_no_common_total(database: Database) -> None:
    for key in ("e1", "e2"):
        worker(database, key)
    assert weekly_report(database, WEEK, None, NOW).time_hours is None


def test_the_file_needs_nothing_else_and_keeps_texts_texts(database: Database) -> None:
    team = [worker(database, key) for key in ("e1", "e2", "e3")]
    task(database, team[0], HOSTILE, "2026-10-01 10:00", "2026-10-06 09:00")
    for locale, word in (("ru", "Отчёт за неделю"), ("en", "Weekly report")):
        page = weekly_html(weekly_report(database, WEEK, None, NOW), locale)
        assert word in page and "<svg" in page and "<script" not in page
        assert "src=" not in page and "href=" not in page


def test_a_wrong_week_or_team_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput):
        weekly_report(database, parse_period("2026-10"), None, NOW)
    with pytest.raises(NotFound):
        weekly_report(database, WEEK, "Nowhere", NOW)


def test_the_last_week_is_the_one_before_this(database: Database) -> None:
    assert last_week(NOW).text == "2026-W41"


def test_open_objections_are_summed_beside_the_teams_hours_and_name_nobody(database: Database) -> None:
    team = [worker(database, key) for key in ("e1", "e2", "e3")]
    crm = Subject("host", "acme.bitrix24.ru")
    for who in team[:2]:
        object_to(database, who, 5, crm, "This was a training, no sales", NOW)
    made = weekly_report(database, WEEK, "North", NOW)
    assert made.objections and (made.objections.count, made.objections.hours) == (2, {"work": 8.0})
    page = weekly_html(made, "en")
    assert "Objections open: 2. Contested of this time: work (8 h)." in page
    assert "acme.bitrix24" not in page and "training" not in page
    assert "Открытых возражений: 2." in weekly_html(made, "ru")
    assert weekly_report(database, parse_period("2026-W40"), "North", NOW).objections is None
