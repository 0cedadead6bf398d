"""A change of rules is carried through the past: query → pure → query. In: the rules in force. Out: days that hold by
them, a few people at a time.

First every stored verdict is made anew and those that turn are remembered; then the time of days in such contexts
moves from one total to another. What does not turn costs nothing but the version of its day. It may be killed and
run again, by two at once, and gives way to newer rules. Never: a day half moved, or a write lock held for long.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from planwhy_collector.classify.difference import difference
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.rule import DEFAULT_PROFILE
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context
from planwhy_collector.jobs.judging import (
    Chats,
    chats_known,
    entity_areas,
    judge,
    keeps,
    rules_in_force,
    rules_of,
)
from planwhy_collector.queries import rollups, rule_changes, rule_versions
from planwhy_collector.queries.people import people
from planwhy_collector.queries.rule_changes import ADDING, DONE, JUDGING, Change, Key, Stored, Turned, Wanted
from planwhy_collector.queries.verdicts import HELD
from planwhy_collector.rollup.shift import shifts

VERDICTS = 10_000
"""Verdicts made anew at a time."""
DAYS = 1_000
"""Days moved in one transaction: a writer waits for at most that much work."""


@dataclass(frozen=True, slots=True)
class Done:
    """A part of the work: verdicts looked at, or days brought to the new rules."""

    verdicts: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a change still has to look at."""

    verdicts: int
    days: int
    people: int


def ahead(database: Database) -> Ahead:
    """Say what the change in force still has to look at."""
    with database.reading() as session:
        change = rule_changes.change_in_force(session)
        if change is None or change.stage == DONE:
            return Ahead(0, 0, 0)
        verdicts = rule_changes.count_verdicts(session, change.version) if change.stage == JUDGING else 0
        waiting = rule_changes.waiting_days(session, change.version)
    return Ahead(verdicts, sum(waiting.values()), len(waiting))


def carry_change(database: Database, now_ms: int) -> Iterator[Done]:
    """Bring all settled days to the rules in force, part by part. Nothing is left to do where it was done before."""
    with database.reading() as session:
        change, rules = rule_changes.change_in_force(session), rules_in_force(session)
    if change is None or change.version != rules.version or change.stage == DONE:
        return
    if change.stage == JUDGING:
        yield from _judge_verdicts(database, change, rules)
    yield from _move_days(database, change, rules, now_ms)


def _judge_verdicts(database: Database, change: Change, rules: RuleSet) -> Iterator[Done]:
    after: Key | None = None
    alike: dict[tuple[Context, str], Verdict] = {}
    wanted, chats = _may_turn(database, change, rules), _chats(database)
    while True:
        with database.reading() as session:
            page = rule_changes.verdicts_after(session, change.version, after, VERDICTS, wanted)
        turned = [one for stored in page.wanted if (one := _turned(stored, rules, alike, chats))]
        with database.writing() as session:
            if not rule_changes.is_in_force(session, change):
                return
            rule_changes.turn_verdicts(session, change, turned)
            if page.last is None:
                rule_changes.set_stage(session, change, ADDING)
        yield Done(verdicts=page.looked_at)
        if page.last is None:
            return
        after = page.last


def _may_turn(database: Database, change: Change, rules: RuleSet) -> Wanted:
    """Which verdicts to make anew: all, unless every one of them holds by the rules before, which are readable."""
    with database.reading() as session:
        before = rule_changes.change_before(session, change)
        texts = rule_versions.texts_of(session, before.version) if before and before.stage == HELD else {}
    try:
        known = difference(rules_of(before.version, texts), rules) if before and texts else None
    except InvalidInput:  # texts that this release cannot read
        known = None
    return known.may_turn if known else lambda _context, _rule: True


def _chats(database: Database) -> Chats:
    with database.reading() as session:
        found = chats_known(session)
        found()  # read now: it is asked outside of the session
    return found


def _turned(stored: Stored, rules: RuleSet, alike: dict[tuple[Context, str], Verdict], chats: Chats) -> Turned | None:
    """The verdict by new rules where it is another one. Contexts that retention has blanked are many and alike."""
    context, old = stored.context, stored.verdict
    if keeps(context, old, rules):
        return None
    if context.title is None and context.path is None:
        new = alike.get((context, stored.profile)) or rules.judge(context, stored.profile)
        alike[context, stored.profile] = new
    else:
        new = judge(context, rules, stored.profile, chats)
    return None if _says(old) == _says(new) else Turned(stored.context_id, stored.profile, old, new)


def _says(verdict: Verdict) -> tuple[object, ...]:
    """All of a verdict that is stored, but who said it first."""
    return verdict.label, verdict.category, verdict.area, verdict.entity, verdict.rule


def _move_days(database: Database, change: Change, rules: RuleSet, now_ms: int) -> Iterator[Done]:
    with database.reading() as session:
        waiting = rule_changes.waiting_days(session, change.version)
        profiles = {one.id: rules.profile_of(one.position, one.team) for one in people(session)}
    for profile, employee_ids in _portions(waiting, profiles):
        with database.writing() as session:
            if not rule_changes.is_in_force(session, change):
                return
            days = _move(session, change, profile, employee_ids, now_ms)
        yield Done(days=days)
    with database.writing() as session:
        if rule_changes.is_in_force(session, change) and rule_changes.nothing_waits(session, change.version):
            rule_changes.forget_turned(session)
            rule_changes.set_stage(session, change, DONE)


def _move(session: Session, change: Change, profile: str, employee_ids: Sequence[int], now_ms: int) -> int:
    """Move the waiting days of some employees of one profile; how many came to hold by the new rules."""
    days = rule_changes.claim_waiting(session, change.version, employee_ids)
    while True:
        moved = [one for base in sorted(days) for one in rule_changes.moved_time(session, base, profile, employee_ids)]
        areas = entity_areas(session, (v.entity for one in moved for v in (one.old, one.new)))
        changed = shifts(moved, areas)
        with session.begin_nested() as attempt:
            short = rollups.add_to_days(session, changed)
            if not short:
                break
            attempt.rollback()
        rollups.mark_for_judging(session, short)  # what is stored is not what it should be: those are made whole
    rollups.mark_revised(session, {(employee_id, total.day) for employee_id, total in changed}, now_ms)
    rule_changes.carried(session, change.version, employee_ids)
    return sum(map(len, days.values()))


def _portions(waiting: Mapping[int, int], profiles: Mapping[int, str]) -> Iterator[tuple[str, list[int]]]:
    """Put together people of one profile with about DAYS waiting days."""
    portions: dict[str, list[int]] = {}
    size: Counter[str] = Counter()
    for employee_id, days in waiting.items():
        profile = profiles.get(employee_id, DEFAULT_PROFILE)
        portions.setdefault(profile, []).append(employee_id)
        size[profile] += days
        if size[profile] >= DAYS:
            yield profile, portions.pop(profile)
            size[profile] = 0
    yield from portions.items()
