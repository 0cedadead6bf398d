"""Settles days: what was recorded becomes totals on two levels. In: days that ask for it. Out: days replaced whole.

Safe to run twice, from a job and from a reader at once. A day in progress is never stored: it is computed when
someone asks. Never: a day left half replaced.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby

from planwhy_shared.times import Interval, day_bounds, day_of, days_between
from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Person
from planwhy_collector.jobs.carrying import carry_change
from planwhy_collector.jobs.judging import judged_between, rules_in_force
from planwhy_collector.jobs.levels import consecutive, levels_of, stored_levels
from planwhy_collector.jobs.rule_change import adopt_rules
from planwhy_collector.queries import rollups
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.people import people, person
from planwhy_collector.queries.rule_changes import hold_rules
from planwhy_collector.queries.verdicts import add_verdicts
from planwhy_collector.rollup.piece import Total

__all__ = ["judged_between", "settle", "settle_heard", "settled_totals"]
REBUILD_DAYS = 1_500
EARLIEST_YEAR = 2000


def settle(database: Database, now_ms: int, employee_id: int | None = None, bounds: Interval | None = None) -> int:
    """Settle the days that ask for it and are over, of one employee or all; return how many.

    With bounds, only days that they touch. Of all employees, what a change of rules left to do is done first.
    """
    adopt_rules(database, now_ms)
    carried = sum(done.days for done in carry_change(database, now_ms)) if employee_id is None else 0
    with database.reading() as session:
        everyone = {one.id: one for one in people(session)}
        asking = rollups.dirty_days(session, employee_id)
    asked = [(everyone[key], day) for key, day in asking if key in everyone]
    due = [(p, day) for p, day in asked if _over(p, day, now_ms) and (bounds is None or _touches(p, day, bounds))]
    return carried + sum(settle_days(database, who, days, now_ms) for who, days in _runs(due))


def settled_totals(
    source: Database | Session, person: Person, first: date, last: date, now_ms: int
) -> tuple[Total, ...]:
    """Second level of the days from first to last, up to now, nothing of it out of date.

    Given a Database, days that need it are settled and stored first; given a Session, they are computed and not
    stored. The day in progress is always computed up to now.
    """
    days = first, min(last, day_of(now_ms, person.zone))
    if isinstance(source, Session):
        return _totals(source, person, days, rules_in_force(source), now_ms)
    with source.reading() as session:
        rules = rules_in_force(session)
        over = [day for day in _needed(session, person, days, rules, now_ms) if _over(person, day, now_ms)]
        if not over:
            return _totals(session, person, days, rules, now_ms)
    _settle_anew(source, person, over, now_ms)
    with source.reading() as session:
        return _totals(session, person, days, rules_in_force(session), now_ms)


def settled_totals_of(
    database: Database, everyone: Sequence[Person], first: date, last: date, now_ms: int
) -> dict[int, list[Total]]:
    """Working time of the days from first to last of several people, up to now, by employee; without cards.

    Days that need it are settled first. Days never heard of are left out: they hold nothing but the calendar. While
    rules change, a day may still hold by the earlier ones, all of it.
    """
    last_of = {one.id: min(last, day_of(now_ms, one.zone)) for one in everyone}
    with database.reading() as session:
        states = rollups.states_of_people(session, sorted(last_of), first, last)
    asking = [(one, s.day) for one in everyone for s in states.get(one.id, ()) if s.day <= last_of[one.id] and _asks(s)]
    due = [(one, day) for one, day in asking if _over(one, day, now_ms)]
    if due:
        adopt_rules(database, now_ms)
    for one, days in _runs(due):
        settle_days(database, one, days, now_ms)
    with database.reading() as session:
        rules = rules_in_force(session)
        found = rollups.working_totals(session, sorted(last_of), first, last)
        for one in everyone:
            heard = [state.day for state in states.get(one.id, ()) if state.day <= last_of[one.id]]
            begun = [day for day in heard if not _over(one, day, now_ms)]
            kept = [total for total in found.get(one.id, ()) if total.day <= last_of[one.id] and total.day not in begun]
            found[one.id] = [*kept, *levels_of(session, one, begun, rules, now_ms).second]
    return found


def settle_heard(database: Database, everyone: Iterable[Person], first: date, last: date, now_ms: int) -> None:
    """Settle the days of some people that were ever heard of, are over and out of date. Other days hold nothing."""
    for one in everyone:
        with database.reading() as session:
            version = rules_in_force(session).version
            states = rollups.day_states(session, one.id, first, last)
        stale = sorted(day for day in states if not _clean(states[day], version) and _over(one, day, now_ms))
        if stale:
            _settle_anew(database, one, stale, now_ms)


def settle_days(database: Database, person: Person, days: Sequence[date], now_ms: int, anew: bool = False) -> int:
    """Settle days of one person that are over, in one transaction, by the rules in force; return how many.

    Days that only ask for new verdicts keep their first level, unless `anew`.
    """
    with database.writing() as session:
        hold_rules(session)
        rules = rules_in_force(session)
        if anew:
            rollups.mark_dirty(session, person.id, days)
        states = rollups.claim_days(session, person.id, days)
        made = levels_of(session, person, days, rules, now_ms)
        intern_contexts(session, made.calls, days[-1].toordinal())
        add_verdicts(session, rules.profile_of(person.position, person.team), made.fresh)
        before, after = stored_levels(session, person, days).by_day(), made.by_day()
        for day in days:
            changed = before[day] != after[day]
            state = _settled(states[day], now_ms, changed, rules.version)
            rollups.replace_day(session, person.id, state, after[day], changed)
    return len(days)


def rebuild(
    database: Database, first: date, last: date, now_ms: int, employee_key: str | None = None
) -> list[Callable[[], int]]:
    """Prepare to settle the days from first to last anew, of one employee or all: steps that return their days.

    Raises InvalidInput for days in the wrong order or too many, NotFound for an unknown employee.
    """
    if last < first or (last - first).days > REBUILD_DAYS or first.year < EARLIEST_YEAR:
        raise InvalidInput(f"{first}..{last}: expected up to {REBUILD_DAYS} days in order, from {EARLIEST_YEAR} on")
    adopt_rules(database, now_ms)
    with database.reading() as session:
        chosen = (person(session, employee_key),) if employee_key else people(session)
    due = [(p, day) for p in chosen for day in days_between(first, last) if _over(p, day, now_ms)]
    return [partial(settle_days, database, who, days, now_ms, anew=True) for who, days in _runs(due)]


def _settled(state: rollups.DayState, now_ms: int, changed: bool, version: str) -> rollups.DayState:
    """The state after settling: a day that had been settled and came out differently says when."""
    if state.settled_ms is None:
        return replace(state, dirty=rollups.CLEAN, settled_ms=now_ms, version=version)
    return replace(state, dirty=rollups.CLEAN, revised_ms=now_ms if changed else state.revised_ms, version=version)


def _totals(
    session: Session, person: Person, days: tuple[date, date], rules: RuleSet, now_ms: int
) -> tuple[Total, ...]:
    """Read the second level of days that have begun, making what is not stored as it should be."""
    needed = _needed(session, person, days, rules, now_ms)
    stored = rollups.totals_of(session, person.id, *days)
    if not needed:
        return stored
    kept = [total for total in stored if total.day not in set(needed)]
    made = levels_of(session, person, needed, rules, now_ms)
    return tuple(sorted((*kept, *made.second), key=lambda total: total.day))


def _settle_anew(database: Database, person: Person, days: Sequence[date], now_ms: int) -> None:
    adopt_rules(database, now_ms)
    for run in consecutive(days):
        settle_days(database, person, run, now_ms)


def _needed(session: Session, person: Person, days: tuple[date, date], rules: RuleSet, now_ms: int) -> list[date]:
    """Days whose stored totals are missing, out of date or, of the day in progress, no use."""
    states = rollups.day_states(session, person.id, *days)
    begun = days_between(*days)
    return [day for day in begun if not _over(person, day, now_ms) or not _clean(states.get(day), rules.version)]


def _clean(state: rollups.DayState | None, version: str) -> bool:
    return (
        state is not None and state.dirty == rollups.CLEAN and state.settled_ms is not None and state.version == version
    )


def _asks(state: rollups.DayState) -> bool:
    return state.dirty != rollups.CLEAN or state.settled_ms is None


def _over(person: Person, day: date, now_ms: int) -> bool:
    return day_bounds(day, person.zone).end_ms <= now_ms


def _touches(person: Person, day: date, bounds: Interval) -> bool:
    return day_bounds(day, person.zone).cut(bounds).ms > 0


def _runs(due: Iterable[tuple[Person, date]]) -> Iterator[tuple[Person, list[date]]]:
    """Put together what one transaction settles: consecutive days of one person."""
    for _, group in groupby(due, key=lambda pair: pair[0].id):
        pairs = list(group)
        for run in consecutive([day for _, day in pairs]):
            yield pairs[0][0], run
