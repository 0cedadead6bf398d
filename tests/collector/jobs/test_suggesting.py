"""Suggestions are made once a day and after a change of rules, for what no rule knows, and label nothing."""

from collections.abc import Sequence
from datetime import date

import pytest
from activity_rows import at, hire
from planwhy_collector.classify.subject import Subject
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import ConfigError, Unavailable
from planwhy_collector.facts import Context, Person
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.suggesting import seen_windows, suggest
from planwhy_collector.models import SuggestionRow, VerdictRow
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.suggestions import (
    Suggestion,
    last_suggested,
    replace_suggestions,
    suggestions_by_subject,
)
from planwhy_collector.queries.verdicts import add_verdicts
from planwhy_collector.scheduler import JOBS
from planwhy_collector.suggest.guess import Guess
from planwhy_collector.suggest.proposal import Proposal
from planwhy_collector.suggest.windows import Unclassified
from planwhy_shared.times import HOUR_MS
from sqlalchemy import select
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


PROPOSAL = Proposal(Subject("host", "lucky-casino-slots.com"), 1, (Guess("restricted", 0.75), Guess("games", 0.1)))


def learn(_examples: object, asked: Sequence[Unclassified], _settings: object) -> Sequence[Proposal]:
    """A model that knows casinos."""
    return [PROPOSAL for one in asked if one.subject == PROPOSAL.subject]


def refuse(*_task: object) -> Sequence[Proposal]:
    raise Unavailable("the model was asked to learn")


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
    suggest(database, SETTINGS, NOW, learn)
    assert suggest(database, SETTINGS, NOW + HOUR_MS, refuse) == 0
    apply(database, "[restricted non_work]\nhost elsewhere.example\n", "test", NOW)
    assert suggest(database, SETTINGS, NOW + HOUR_MS, learn) == 1
    assert suggest(database, SETTINGS, NOW + 26 * HOUR_MS, learn) == 1
    assert [one.made_ms for one in stored(database).values()] == [NOW + 26 * HOUR_MS]


def test_a_suggestion_goes_once_a_rule_decides(database: Database, anna: Person) -> None:
    suggest(database, SETTINGS, NOW, learn)
    apply(database, "[games non_work]\nhost lucky-casino-slots.com\n", "test", NOW)
    assert suggest(database, SETTINGS, NOW + HOUR_MS, refuse) == 0
    assert stored(database) == {}


def test_nothing_is_learnt_where_nothing_is_unclassified(database: Database) -> None:
    assert suggest(database, SETTINGS, NOW, refuse) == 0
    spend(database, hire(database), MONDAY, BANK, 30)
    assert suggest(database, SETTINGS, NOW, refuse) == 0


def test_others_write_while_the_model_learns(database: Database, anna: Person) -> None:
    def learn(*task: object) -> Sequence[Proposal]:
        with database.writing() as session:
            mark_dirty(session, anna.id, [MONDAY])
        return [PROPOSAL]

    assert suggest(database, SETTINGS, NOW, learn) == 1


def test_an_end_while_learning_leaves_what_was_there(database: Database, anna: Person) -> None:
    suggest(database, SETTINGS, NOW, learn)
    before = stored(database)
    with pytest.raises(Unavailable):
        suggest(database, SETTINGS, NOW + 25 * HOUR_MS, refuse)
    assert stored(database) == before
    assert suggest(database, SETTINGS, NOW + 25 * HOUR_MS, learn) == 1


def test_the_most_time_comes_first_and_only_so_many_are_asked(database: Database, anna: Person) -> None:
    spend(database, anna, MONDAY, Context(app="warehouse-scanner.exe"), 120)
    seen = seen_windows(database, 30, NOW)
    assert [one.subject.name for one in seen.windows.unclassified(1)] == ["warehouse-scanner"]
    assert [one.ms // 60_000 for one in seen.windows.unclassified(9)] == [120, 90]
    assert seen_windows(database, 30, NOW + 60 * 24 * HOUR_MS).windows.unclassified(9) == ()


def test_the_table_is_replaced_whole_on_both_databases(either: Database) -> None:
    one = Suggestion("games", 0.7, 1, "v1")
    for subjects in (["a.test", "b.test"], ["b.test", "c.test"]):
        with either.writing() as session:
            replace_suggestions(session, {Subject("host", name): one for name in subjects})
            assert last_suggested(session) == (1, "v1")
    assert stored(either) == {Subject("host", "b.test"): one, Subject("host", "c.test"): one}


def test_a_wrong_embedding_is_told_by_the_process_that_learns(database: Database, anna: Person) -> None:
    with pytest.raises(ConfigError, match="PLANWHY_EMBEDDING_MODEL"):
        suggest(database, Settings(secret_key="tests", embedding_model="/nowhere"), NOW)


def test_a_process_that_learns_without_end_is_ended(
    database: Database, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planwhy_collector.jobs.learning.LONGEST_S", 0.05)
    with pytest.raises(Unavailable, match=r"longer than 0\.05 seconds"):
        suggest(database, SETTINGS, NOW)


def test_the_job_runs_by_the_clock_and_stores_no_title(database: Database, anna: Person) -> None:
    (job,) = [one for one in JOBS if one.name == "suggestions"]
    assert job.run(database, SETTINGS, NOW) == 1
    with database.reading() as session:
        rows = [dict(row) for row in session.execute(select(SuggestionRow.__table__)).mappings()]
    assert len(rows) == 1
    assert "барабаны" not in str(rows)
