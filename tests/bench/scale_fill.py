"""A company of a given size for the benches of scale: people, their spans through the collector's own storing code, or
the first level of a year directly.

In: a database, how many people and days. Out: a database as it would be. May be ended and begun again: whoever is
filled already is left out. Never: a row that the collector would not store.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from random import Random

from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.db import Database
from planwhy_collector.facts import Assumptions, Context, Person, PlanFact
from planwhy_collector.ingest.batch import check_batch
from planwhy_collector.jobs.judging import find_verdicts
from planwhy_collector.jobs.rule_change import adopt_rules
from planwhy_collector.models import Device
from planwhy_collector.plan.period import Period
from planwhy_collector.queries import rollups
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.ingest import NewBatch, store_batch
from planwhy_collector.queries.people import EmployeeRecord, ids_for, person_by_id, store_employees
from planwhy_collector.queries.plans import store_plan
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.verdicts import add_verdicts
from planwhy_collector.rollup.piece import ContextTotal
from planwhy_collector.rollup.totals import totals

from tests.bench.working_days import Recorded, Worker, batches, working_days

LONG_STAYERS = 5
"""People with a whole month of days, so that a month of somebody can be explained."""
MONTH_DAYS, WEEK_DAYS = 22, 5
POSITIONS = ("Менеджер по продажам", "Рекрутер", "Бухгалтер", "Менеджер по продажам")
TEAM = 20
"""People in a team: an explanation looks at the others of one's own."""
GIVEN = Assumptions(160.0, 0.9, 0.8, 0.5, 1.0, 0.1, 0.1, 0.05, 1_000.0)
TITLE_DAYS = 30
"""Titles live so long by default."""
SEEN_AGAIN = 0.9
HOURS_MS = 8 * 3_600_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much to fill: people, spans of a day, days of all together."""

    people: int
    spans_a_day: int
    person_days: int

    def days_of(self, number: int, last: date) -> list[date]:
        """The days of one person, from the first to `last`."""
        if number < min(LONG_STAYERS, self.people):
            return working_days(last, MONTH_DAYS)
        rest, others = self.person_days - LONG_STAYERS * MONTH_DAYS, self.people - LONG_STAYERS
        more = 1 if number - LONG_STAYERS < rest % others else 0
        return working_days(last, max(1, rest // others + more))


def size_of(spans: int, spans_a_day: int, people: int) -> Size:
    """Spread spans over people: at most `people`, each with about a week of days."""
    person_days = max(1, spans // spans_a_day)
    fitting = LONG_STAYERS + max(0, person_days - LONG_STAYERS * MONTH_DAYS) // WEEK_DAYS
    return Size(max(LONG_STAYERS + 1, min(people, fitting)), spans_a_day, person_days)


def hire_all(database: Database, count: int) -> list[Person]:
    """People in Moscow with one machine each; those that are there already stay."""
    keys = [f"b{number:05}" for number in range(count)]
    with database.writing() as session:
        ids = ids_for(session, keys)
        records = [
            EmployeeRecord(
                key, f"Person {key}", None, f"Team {at // TEAM}", None, POSITIONS[at % len(POSITIONS)], "Europe/Moscow"
            )
            for at, key in enumerate(keys)
        ]
        store_employees(session, records, ids)
        for number, key in enumerate(keys, 1):
            if session.get(Device, number) is None:
                row = Device(
                    id=number, employee_id=ids[key], instance_id=key, hostname="pc", os="linux", os_user="u",
                    agent_version="0", enrolled_ms=0,
                )  # fmt: skip
                session.add(row)
        return [person_by_id(session, ids[key]) for key in keys]


def plan_all(database: Database, people: Sequence[Person], month: Period, now_ms: int) -> None:
    """A plan of the month for those who stay long."""
    with database.writing() as session:
        for one in people:
            days = (month.text, month.first, month.last)
            sources = {field.name: "given" for field in fields(GIVEN)}
            store_plan(session, PlanFact(one.id, *days, "contracts", 10.0, None, GIVEN, sources, False), now_ms)


def fill_spans(database: Database, people: Sequence[Person], size: Size, last: date, kept: Path) -> Iterator[int]:
    """Store everybody's spans, person by person; tells how many spans each had."""
    done = set(json.loads(kept.read_text())) if kept.exists() else set()
    for number, one in enumerate(people):
        if number in done:
            continue
        worker = Worker(number, spans=size.spans_a_day)
        days = size.days_of(number, last)
        for day in days:
            _store_day(database, one, number + 1, worker.day(day), day)
        done.add(number)
        kept.write_text(json.dumps(sorted(done)))
        yield len(days) * size.spans_a_day


def _store_day(database: Database, one: Person, device: int, spans: Iterator[Recorded], day: date) -> None:
    now_ms = _noon_after(day)
    with database.writing() as session:
        for body in batches(spans, f"bench-{device}"):
            checked = check_batch(body, now_ms)
            batch = NewBatch(
                device_id=device, employee_id=one.id, zone=one.zone, batch_id=checked.batch_id, epoch=checked.epoch,
                digest=checked.digest, spans=checked.spans, gaps=checked.gaps, rejected=checked.rejected,
                repeated=checked.repeated, ignored_fields=checked.ignored_fields, policy_version="",
            )  # fmt: skip
            store_batch(session, batch, now_ms)


def fill_year(
    database: Database, people: Sequence[Person], last: date, days: int, contexts: int, kept: Path
) -> Iterator[int]:
    """Store settled days with a first level of so many contexts, and what follows from it; tells the days of each."""
    done = set(json.loads(kept.read_text())) if kept.exists() else set()
    listed = working_days(last, days)
    rules = adopt_rules(database, _noon_after(last))
    for number, one in enumerate(people):
        if number in done:
            continue
        with database.writing() as session:
            profile, key = rules.profile_of(one.position), secret(session, "context")
            first, named = _first_level(Worker(number), listed, contexts, key)
            intern_contexts(session, {k: context for k, (context, _) in named.items()}, last.toordinal())
            found = find_verdicts(session, set(named), {}, rules, profile)
            add_verdicts(session, profile, found.fresh)
            old = {k: Context(c.app, c.host) for k, (c, seen) in named.items() if (last - seen).days > TITLE_DAYS}
            intern_contexts(session, old, last.toordinal() + 1)  # as retention leaves them
            rollups.mark_dirty(session, one.id, listed)
            for day, totals_of_day in groupby(first, key=attrgetter("day")):
                level = list(totals_of_day)
                state = rollups.DayState(day, rollups.CLEAN, False, _noon_after(day), None, rules.version)
                second = totals(level, found.by_context, found.areas)
                rollups.replace_day(session, one.id, state, (level, second), changed=True)
        done.add(number)
        kept.write_text(json.dumps(sorted(done)))
        yield len(listed)


def _first_level(
    worker: Worker, days: Sequence[date], contexts: int, key: bytes
) -> tuple[list[ContextTotal], dict[int, tuple[Context, date]]]:
    """A first level, and its contexts with the last day each was seen."""
    chance = Random(f"year/{worker.number}")
    named: dict[int, tuple[Context, date]] = {}
    level: list[ContextTotal] = []
    again = int(contexts * SEEN_AGAIN)
    for day in days:
        texts = chance.sample(worker.usual, again) + [worker._context() for _ in range(contexts - again)]
        for app, title, url in texts:
            context = context_of(app, url, title)
            number = context_id(key, context)
            if (number in named) and named[number][1] == day:
                continue
            named[number] = (context, day)
            level.append(ContextTotal(day, "active", number, HOURS_MS // contexts + chance.randrange(1000), 0))
        level.append(ContextTotal(day, "idle", 0, HOURS_MS // 20, 0))
    return level, named


def _noon_after(day: date) -> int:
    return ((day + timedelta(days=1)).toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000 + 43_200_000
