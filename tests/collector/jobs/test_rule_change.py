"""A change of rules: what it moves, what it keeps, and that no span is read again for it."""

from datetime import date

import pytest
from activity_rows import at, enrol, hire, record
from planwhy_collector.classify.load import Additions
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import EntityRef, Person
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.rule_preview import preview
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.models import ContextRow, SpanBlock
from planwhy_collector.queries.rollups import freeze_days, mark_dirty
from planwhy_shared.times import HOUR_MS
from sqlalchemy import delete, update

MONDAY = date(2026, 10, 5)
LATER = at("2026-10-08 12:00")
OWN = "[crm_sales work sales]\nhost vk.com\n"
SPANS = [
    ("2026-10-05 09:00", "2026-10-05 10:00", "active", "https://vk.com/feed"),
    ("2026-10-05 10:00", "2026-10-05 12:00", "active", "https://acme.bitrix24.ru/crm/deal/details/5121/"),
]


@pytest.fixture
def anna(database: Database) -> Person:
    who = hire(database)
    record(database, who, enrol(database, who), SPANS)
    settle(database, LATER)
    return who


def hours(database: Database, who: Person) -> dict[tuple[str | None, EntityRef | None], float]:
    found = settled_totals(database, who, MONDAY, MONDAY, LATER)
    return {(t.label, t.entity): t.working_ms / HOUR_MS for t in found if t.presence == "active"}


DEAL = EntityRef("deal", "5121")


def test_a_preview_tells_the_hours_that_would_move_and_stores_nothing(database: Database, anna: Person) -> None:
    found = preview(database, Additions(OWN), MONDAY, MONDAY)
    work = ("work", "sales")
    assert found.moves == {(("non_work", None), work): HOUR_MS, (work, work): 2 * HOUR_MS}
    assert (found.touched.people, found.touched.teams, found.touched.others) == (1, (), 0)
    assert (found.people, found.days) == (1, 1)
    assert hours(database, anna)["non_work", None] == 1


def test_new_rules_hold_for_the_past_too(database: Database, anna: Person) -> None:
    before = apply(database, "", "test", LATER).version
    after = apply(database, OWN, "test", LATER).version
    assert settle(database, LATER) == 1
    assert hours(database, anna) == {("work", None): 1, ("work", DEAL): 2}
    assert before != after
    apply(database, "", "test", LATER)
    assert hours(database, anna) == {("non_work", None): 1, ("work", DEAL): 2}


def test_wrong_rules_change_nothing(database: Database, anna: Person) -> None:
    with pytest.raises(InvalidInput, match="own:1"):
        apply(database, "hots vk.com", "test", LATER)
    assert settle(database, LATER) == 0


def test_totals_outlive_their_spans_titles_and_a_change_of_rules(database: Database, anna: Person) -> None:
    with database.writing() as session:
        session.execute(delete(SpanBlock))
        session.execute(update(ContextRow).values(path=None, title=None))
        freeze_days(session, date(2026, 10, 6))
        mark_dirty(session, anna.id, [MONDAY])
    apply(database, OWN, "test", LATER)
    assert settle(database, LATER) == 1
    assert hours(database, anna) == {("work", None): 1, ("work", DEAL): 2}
