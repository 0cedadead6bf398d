"""A chat becomes work when its client comes into the CRM, in the past too, and is nobody's again when it goes."""

from datetime import date
from pathlib import Path

import pytest
from activity_rows import at, enrol, hire
from csv_folder import written
from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.csvimport import import_folder
from planwhy_collector.db import Database
from planwhy_collector.facts import EntityRef, Person
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.blocks import StoredSpan
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.spans import store_spans
from planwhy_shared.times import HOUR_MS

MONDAY, LATER = date(2026, 10, 5), at("2026-10-08 12:00")
NO_CLIENT, KNOWN = "client_id,name,employee_id\nc9,Other,e1\n", "client_id,name,employee_id\nc1,Ромашка Сервис,e1\n"
GONE = "client_id,name,employee_id,deleted_at\nc1,Ромашка Сервис,e1,2026-10-07 10:00\n"


@pytest.fixture
def chatting(either: Database) -> Person:
    who = hire(either)
    device = enrol(either, who)
    with either.writing() as session:
        context = context_of("Telegram.exe", None, "Ромашка Сервис – (2)")
        number = context_id(secret(session, "context"), context)
        intern_contexts(session, {number: context}, 1)
        span = StoredSpan(at("2026-10-05 09:00"), at("2026-10-05 11:00"), 1, number, 0, 0, 0)
        store_spans(session, device, 1, {0: [span]})
        mark_dirty(session, who.id, [MONDAY])
    settle(either, LATER)
    return who


def imported(database: Database, folder: Path, clients: str) -> None:
    rest = dict.fromkeys(("deals", "tasks", "contacts", "absences", "plans"), "")
    with database.writing() as session:
        assert import_folder(session, written(folder, clients=clients, **rest), LATER, False).stored
    settle(database, LATER)


def hours(database: Database, who: Person) -> dict[tuple[str | None, str | None, EntityRef | None], float]:
    found = settled_totals(database, who, MONDAY, MONDAY, LATER)
    return {(t.label, t.area, t.entity): t.working_ms / HOUR_MS for t in found if t.presence == "active"}


def test_a_chat_turns_with_what_the_crm_knows(either: Database, chatting: Person, tmp_path: Path) -> None:
    neutral, work = {("neutral", None, None): 2}, {("work", "service", EntityRef("client", "c1")): 2}
    imported(either, tmp_path, NO_CLIENT)
    assert hours(either, chatting) == neutral
    imported(either, tmp_path, KNOWN)
    assert hours(either, chatting) == work
    apply(either, "[games non_work]\nprogram whatever\n", "test", LATER)
    settle(either, LATER)
    assert hours(either, chatting) == work
    imported(either, tmp_path, GONE)
    assert hours(either, chatting) == neutral


def test_rules_come_before_whom_the_crm_knows(either: Database, chatting: Person, tmp_path: Path) -> None:
    imported(either, tmp_path, KNOWN)
    apply(either, "[messengers non_work]\nprogram Telegram.exe\n", "test", LATER)
    settle(either, LATER)
    assert hours(either, chatting) == {("non_work", None, None): 2}
