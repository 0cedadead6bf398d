"""Retention deletes what is old enough, and nothing younger; totals stay."""

from activity_rows import at, hire
from ingesting import NOW_MS, Agents, batch, span
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.prune import prune
from planwhy_collector.models import (
    BatchRow,
    Case,
    CaseEvent,
    Comment,
    ContextRow,
    DayTotal,
    EnrolCode,
    ObjectionRow,
)
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.cases import BY_RULE, add_comment, open_case
from sqlalchemy import func, select
from stored_spans import seqs

DAY_MS = 86_400_000
SETTINGS = Settings(secret_key="tests", title_days=30, span_months=13)


def count(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def active(seq: int, days_ago: int, title: str) -> dict[str, object]:
    return span(seq, NOW_MS - days_ago * DAY_MS, 60_000, state="active", app="xterm", title=title)


def test_titles_go_after_their_days_and_spans_after_their_months(database: Database) -> None:
    agents = Agents(database)
    agents.send(agents.token(), batch("b1", [active(1, 500, "old"), active(2, 200, "older"), active(3, 5, "new")]))
    prune(database, SETTINGS, NOW_MS)
    with database.reading() as session:
        titles = set(session.scalars(select(ContextRow.title).where(ContextRow.app == "xterm")))
    assert titles >= {"new"}
    assert seqs(database) == [2, 3]
    assert count(database, DayTotal) > 0


def test_a_title_that_is_seen_again_comes_back(database: Database) -> None:
    agents = Agents(database)
    token = agents.token()
    agents.send(token, batch("b1", [active(1, 200, "Сделка")]))
    prune(database, SETTINGS, NOW_MS)
    with database.reading() as session:
        assert session.scalar(select(ContextRow.title).where(ContextRow.app == "xterm")) is None
    agents.send(token, batch("b2", [active(2, 1, "Сделка")]))
    with database.reading() as session:
        assert session.scalar(select(ContextRow.title).where(ContextRow.app == "xterm")) == "Сделка"


def test_pruned_twice_changes_nothing_and_receipts_outlive_their_batches(database: Database) -> None:
    agents = Agents(database)
    token = agents.token()
    agents.send(token, batch("b1", [active(1, 3, "t")]))
    assert prune(database, SETTINGS, NOW_MS) == 0
    prune(database, SETTINGS, NOW_MS + 100 * DAY_MS)
    assert prune(database, SETTINGS, NOW_MS + 100 * DAY_MS) == 0
    assert (count(database, BatchRow), count(database, EnrolCode), seqs(database)) == (0, 0, [1])
    again = agents.send(token, batch("b1", [active(1, 3, "t")])).get_json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)


def test_cases_go_with_all_that_was_done_and_said_in_them(database: Database) -> None:
    person, words = hire(database), "Ill for a week"
    with database.writing() as session:
        for period in ("2026-08", "2026-10"):
            case, _ = open_case(session, person.id, parse_period(period), BY_RULE, None, 0, 14)
            add_comment(session, person.id, 1, words, 0, case.id)
        for day in ("2026-08-05", "2026-10-05"):
            stretch = at(f"{day} 10:00"), at(f"{day} 11:00")
            add_comment(session, person.id, 1, words, 0, stretch=stretch)
    for now, left in (
        ("2026-10-01 12:00", (2, 2, 4)),
        ("2026-11-10 12:00", (1, 1, 2)),
        ("2027-03-01 12:00", (0, 0, 0)),
    ):
        prune(database, Settings(case_months=2), at(now))
        assert (count(database, Case), count(database, CaseEvent), count(database, Comment)) == left


def test_decided_objections_stay_as_long_as_comments_and_open_ones_until_someone_decides(database: Database) -> None:
    who, old = hire(database), 37 * 31
    with database.writing() as session:
        ended = {1: None, 2: NOW_MS - old * DAY_MS, 3: NOW_MS - 300 * DAY_MS}
        said = {"user_id": 1, "at_ms": NOW_MS - 2 * old * DAY_MS, "kind": "host", "subject": "a.example", "text": "x"}
        for key, at_ms in ended.items():
            more = said | {"label": "", "category": "", "area": "", "rule": "", "decided_ms": at_ms}
            session.add(ObjectionRow(id=key, employee_id=who.id, **more))
    prune(database, SETTINGS, NOW_MS)
    with database.reading() as session:
        assert set(session.scalars(select(ObjectionRow.id))) == {1, 3}
