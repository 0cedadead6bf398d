"""Decisions, their history, taking them back, packs, and changes that somebody else made meanwhile."""

from dataclasses import replace
from datetime import date

import pytest
from activity_rows import at, enrol, hire, record
from planwhy_collector.classify.exchange import exported, imported
from planwhy_collector.classify.load import Additions, builtin_rules
from planwhy_collector.classify.subject import Subject
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound, RulesChanged
from planwhy_collector.facts import Context
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.rule_change import adopt_rules, apply
from planwhy_collector.jobs.rule_deciding import add_pack, decide, deciding, decision, remove_pack, replace_all, restore
from planwhy_collector.jobs.rule_past import past_changes
from planwhy_collector.jobs.rule_preview import preview
from planwhy_collector.jobs.settle import settle
from planwhy_collector.models import RuleSetRow, RuleTextRow
from planwhy_collector.queries import rule_versions
from planwhy_shared.times import HOUR_MS
from sqlalchemy import func, select

MONDAY, NOW = date(2026, 10, 5), at("2026-10-08 12:00")
ACME = Subject("host", "acme.example")
PACK = "# licence: CC0\n[games non_work]\nhost play.example\n"


def games(subject: Subject = ACME, why: str = ""):
    return decision(builtin_rules(), subject, "games", label=None, area=None, profile="", why=why)


def label(database: Database, host: str) -> str | None:
    with database.reading() as session:
        return rules_in_force(session).judge(Context("chrome.exe", host), "default").label


def held(database: Database) -> Additions:
    with database.reading() as session:
        return rule_versions.additions(session)


def test_each_decision_is_in_the_history_with_who_when_and_what_changed(either: Database) -> None:
    adopt_rules(either, NOW)
    decide(either, games(why="said the team"), "Ann <ann@example.test>", NOW + 1)
    apply(either, held(either).own + "host b.example\n", "command line", NOW + 2)
    with either.reading() as session:
        last, before, first = past_changes(session, 10)
    assert (before.event.done.by, before.event.done.note) == (
        "Ann <ann@example.test>",
        "host acme.example: games non_work",
    )
    assert before.lines == ("+[games non_work]", "+host acme.example -- said the team")
    assert (last.event.at_ms, last.event.done.kind, last.lines) == (NOW + 2, "applied", ("+host b.example",))
    assert (first.event.done.kind, first.lines) == ("release", ())


def test_an_earlier_version_comes_back_with_its_packs_and_decisions(either: Database) -> None:
    first = decide(either, games(), "test", NOW).version
    add_pack(either, "others", PACK, "test", NOW)
    second = decide(either, games(Subject("host", "b.example")), "test", NOW).version
    restore(either, first, "test", NOW)
    assert (label(either, "acme.example"), label(either, "b.example"), label(either, "play.example")) == (
        "non_work",
        None,
        None,
    )
    restore(either, second, "test", NOW)
    assert (label(either, "b.example"), label(either, "play.example")) == ("non_work", "non_work")
    with pytest.raises(NotFound, match="no version"):
        restore(either, "0" * 12, "test", NOW)


def test_what_was_changed_since_it_was_looked_at_is_not_overwritten(database: Database) -> None:
    seen = adopt_rules(database, NOW).version
    decide(database, games(), "somebody", NOW)
    with pytest.raises(RulesChanged):
        replace_all(database, Additions(), "test", NOW, looked_at=seen)
    assert label(database, "acme.example") == "non_work"


def test_a_pack_fills_gaps_and_leaves_what_the_product_knows(database: Database) -> None:
    add_pack(database, "others", PACK.replace("play.example", "play.example play2.example"), "test", NOW)
    assert label(database, "play2.example") == "non_work" and label(database, "bitrix24.ru") == "work"
    remove_pack(database, "others", "test", NOW)
    assert label(database, "play.example") is None and held(database) == Additions()
    with pytest.raises(InvalidInput, match="no pack"):
        remove_pack(database, "others", "test", NOW)


@pytest.mark.parametrize("name", ["", "Upper", "a b", "../x", "a" * 41, "-a"])
def test_a_pack_needs_a_plain_name(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput, match="pack: "):
        add_pack(database, name, PACK, "test", NOW)


def test_a_wrong_pack_changes_nothing_and_is_told_by_line(database: Database) -> None:
    with pytest.raises(InvalidInput, match="pack:bad:2: "):
        add_pack(database, "bad", "# x\nhots a.example\n", "test", NOW)
    assert held(database) == Additions()


def test_all_of_it_travels_as_one_file(database: Database) -> None:
    decide(database, games(), "test", NOW)
    add_pack(database, "others", PACK, "test", NOW)
    before = held(database)
    text = exported(before, "v", "2026-10-08")
    replace_all(database, Additions(), "test", NOW)
    replace_all(database, imported(text, "file"), "test", NOW)
    assert held(database) == before and label(database, "play.example") == "non_work"


@pytest.mark.parametrize("wrong", ["=== packs x", "=== pack A!", "x\n=== pack a\n=== own", "=== pack a\n=== pack a"])
def test_a_file_with_sections_that_are_not_understood_is_refused_by_line(wrong: str) -> None:
    with pytest.raises(InvalidInput, match=r"mine\.rules:\d: expected"):
        imported(wrong, "mine.rules")


def test_versions_share_the_products_texts(database: Database) -> None:
    for number in range(5):
        decide(database, games(Subject("host", f"h{number}.example")), "test", NOW)
    with database.reading() as session:
        bodies = session.scalars(select(RuleSetRow.body)).all()
        texts = session.scalar(select(func.count()).select_from(RuleTextRow))
    assert len(bodies) == 5 and max(map(len, bodies)) < 2_000 and texts == 10


def test_a_row_of_an_earlier_release_is_read(database: Database) -> None:
    with database.writing() as session:
        body = '{"own": "[games non_work]\\nhost old.example\\n", "texts": {"own": "x", "00-a.rules": "y"}}'
        session.add(RuleSetRow(version="old", applied_ms=1, applied_by="test", body=body, stage=2))
    assert held(database).own.endswith("host old.example\n")
    adopt_rules(database, NOW)
    assert label(database, "old.example") == "non_work"


def test_teams_are_named_from_five_people_on(database: Database) -> None:
    for number in range(6):
        who = hire(database, f"e{number}", team="North" if number < 5 else "South")
        record(
            database,
            who,
            enrol(database, who),
            [("2026-10-05 09:00", "2026-10-05 10:00", "active", "https://acme.example/")],
        )
    settle(database, NOW)
    added = replace(held(database), own=deciding(games())(held(database)).own)
    found = preview(database, added, MONDAY, MONDAY)
    assert (found.touched.people, found.touched.teams, found.touched.others) == (6, (("North", 5),), 1)
    assert found.moves == {((None, None), ("non_work", None)): 6 * HOUR_MS} and found.moved_ms == 6 * HOUR_MS
    assert label(database, "acme.example") is None


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"category": "no"}, "category: 'no'"), ({"profile": "nobody"}, "profile: 'nobody'"),
        ({"area": "sales"}, "area: only work"),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_is_refused_by_field(fields: dict[str, str], named: str) -> None:
    said = {"category": "games", "label": None, "area": None, "profile": "", "why": ""} | fields
    with pytest.raises(InvalidInput, match=named):
        decision(builtin_rules(), ACME, said.pop("category"), **said)  # type: ignore[arg-type]
