"""Suggestions are made once a day and after a change of rules, for what no rule knows, and label nothing."""

from collections.abc import Sequence
from datetime import date

import pytest
from activity_rows import at, hire
from planwhy_collector.classify.subject import Subject
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Context, Person
from planwhy_collector.jobs import suggesting
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.suggesting import proposed, seen_windows, suggest
from planwhy_collector.models import SuggestionRow, VerdictRow
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.suggestions import Suggestion, replace_suggestions, suggestions_by_subject
from planwhy_collector.queries.verdicts import add_verdicts
from planwhy_collector.scheduler import JOBS
from planwhy_shared.times import HOUR_MS
from sqlalchemy import func, select
from suggest_rows import spend

MONDAY = date(2026, 10, 5)
NOW = at("2026-10-06 12:00")
SETTINGS = Settings(secret_key="tests")
CASINO = Context("chrome.exe", "www.lucky-casino-slots.com", "/play", "Крути барабаны")
BANK = Context("chrome.exe", "vtb.ru", None, "Вклады")


@pytest.fixture
def anna(database: Database) -> Person:
    who = hire(database)
    number = spend(database, who, MONDAY, CASINO, 90)
    spend(database, who, MONDAY, BANK, 30)
    with database.writing() as session:
        add_verdicts(session, "default", {number: Verdict(None, None, None, None, "old")})
    return who


def stored(database: Database) -> dict[Subject, Suggestion]:
    with database.reading() as session:
        return suggestions_by_subject(session)


def test_what_no_rule_knows_gets_a_suggestion_and_nothing_is_labelled(database: Database, anna: Person) -> None:
    assert suggest(database, SETTINGS, NOW) == 1
    ((subject, one),) = stored(database).items()
    assert (subject, one.category, one.made_ms) == (Subject("host", "lucky-casino-slots.com"), "restricted", NOW)
    assert one.confidence > 0.5
    with database.reading() as session:
        assert session.scalars(select(VerdictRow.label)).all() == [""]


def test_suggestions_are_made_again_after_a_day_or_other_rules_only(database: Database, anna: Person) -> None:
    suggest(database, SETTINGS, NOW)
    assert suggest(database, SETTINGS, NOW + HOUR_MS) == 0
    apply(database, "[restricted non_work]\nhost elsewhere.example\n", "test", NOW)
    assert suggest(database, SETTINGS, NOW + HOUR_MS) == 1
    assert suggest(database, SETTINGS, NOW + 26 * HOUR_MS) == 1
    assert [one.made_ms for one in stored(database).values()] == [NOW + 26 * HOUR_MS]


def test_a_suggestion_goes_once_a_rule_decides(database: Database, anna: Person) -> None:
    suggest(database, SETTINGS, NOW)
    apply(database, "[games non_work]\nhost lucky-casino-slots.com\n", "test", NOW)
    assert suggest(database, SETTINGS, NOW + HOUR_MS) == 0
    assert stored(database) == {}


def refuse(*_: object) -> Sequence[object]:
    raise AssertionError("the model was asked to learn")


def test_nothing_is_learnt_where_nothing_is_unclassified(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "proposals", refuse)
    assert suggest(database, SETTINGS, NOW) == 0
    spend(database, hire(database), MONDAY, BANK, 30)
    assert suggest(database, SETTINGS, NOW) == 0


def test_others_write_while_the_model_learns(database: Database, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    learn = suggesting.proposals

    def writing(*given: object) -> object:
        with database.writing() as session:
            mark_dirty(session, anna.id, [MONDAY])
        return learn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(suggesting, "proposals", writing)
    assert suggest(database, SETTINGS, NOW) == 1


def test_an_end_while_learning_leaves_what_was_there(
    database: Database, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggest(database, SETTINGS, NOW)
    before = stored(database)
    with monkeypatch.context() as patched:
        patched.setattr(suggesting, "proposals", refuse)
        with pytest.raises(AssertionError):
            suggest(database, SETTINGS, NOW + 25 * HOUR_MS)
    assert stored(database) == before
    assert suggest(database, SETTINGS, NOW + 25 * HOUR_MS) == 1


def test_the_most_time_comes_first_and_only_so_many_are_asked(database: Database, anna: Person) -> None:
    spend(database, anna, MONDAY, Context(app="warehouse-scanner.exe"), 120)
    seen = seen_windows(database, 30, NOW)
    assert [one.subject.name for one in proposed(seen, SETTINGS, 1)] == ["warehouse-scanner"]
    assert [one.ms // 60_000 for one in seen.windows.unclassified(9)] == [120, 90]
    assert seen_windows(database, 30, NOW + 60 * 24 * HOUR_MS).windows.unclassified(9) == ()


def test_the_table_is_replaced_whole_on_both_databases(either: Database) -> None:
    one = Suggestion("games", 0.7, 1, "v1")
    for subjects in (["a.test", "b.test"], ["b.test", "c.test"]):
        with either.writing() as session:
            replace_suggestions(session, {Subject("host", name): one for name in subjects})
    assert stored(either) == {Subject("host", "b.test"): one, Subject("host", "c.test"): one}


def test_the_table_holds_no_title(database: Database, anna: Person) -> None:
    suggest(database, SETTINGS, NOW)
    with database.reading() as session:
        rows = [dict(row) for row in session.execute(select(SuggestionRow.__table__)).mappings()]
    assert "барабаны" not in str(rows)
    assert len(rows) == 1


def test_the_job_runs_by_the_clock(database: Database, anna: Person) -> None:
    (job,) = [one for one in JOBS if one.name == "suggestions"]
    assert job.run(database, SETTINGS, NOW) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 1
