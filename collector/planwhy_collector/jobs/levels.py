"""Both levels of a person's days: query → pure. In: days and rules. Out: totals, not stored yet. Never: a write.

From the spans where a day asks for it; else the first level stands and only its meaning is made anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from planwhy_shared.times import day_bounds, day_of, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import Context, Person
from planwhy_collector.jobs.judging import find_verdicts, read_stretch
from planwhy_collector.queries import rollups
from planwhy_collector.rollup.piece import ContextTotal, Total
from planwhy_collector.rollup.totals import context_totals, totals

RUN_DAYS = 7
"""Days settled in one transaction: a writer waits for at most that much work."""

DayLevels = tuple[list[ContextTotal], list[Total]]
"""The first and the second level of one day."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Both levels of some days, with what is not stored yet: contexts of talks and verdicts."""

    first: tuple[ContextTotal, ...] = ()
    second: tuple[Total, ...] = ()
    calls: Mapping[int, Context] = field(default_factory=dict)
    fresh: Mapping[int, Verdict] = field(default_factory=dict)

    def by_day(self) -> defaultdict[date, DayLevels]:
        """Both levels of each day, in a fixed order; empty ones for days without any time."""
        days: defaultdict[date, DayLevels] = defaultdict(lambda: ([], []))
        for one in sorted(self.first, key=lambda t: (t.presence, t.context_id)):
            days[one.day][0].append(one)
        for total in sorted(self.second, key=_order):
            days[total.day][1].append(total)
        return days


def levels_of(session: Session, person: Person, days: Sequence[date], rules: RuleSet, now_ms: int) -> Levels:
    """Make both levels of days, in order, up to now."""
    if not days:
        return Levels()
    states = rollups.day_states(session, person.id, days[0], days[-1])
    over = [day for day in days if day_bounds(day, person.zone).end_ms <= now_ms]
    standing = {day for day in over if (state := states.get(day)) and _stands(state)}
    made = [
        _from_spans(session, person, run, rules, now_ms)
        for run in consecutive([day for day in days if day not in standing])
    ]
    if standing:
        made.append(_from_first_level(session, person, standing, rules))
    return Levels(
        tuple(t for levels in made for t in levels.first),
        tuple(t for levels in made for t in levels.second),
        {key: context for levels in made for key, context in levels.calls.items()},
        {key: verdict for levels in made for key, verdict in levels.fresh.items()},
    )


def first_level(
    session: Session, person: Person, first: date, last: date, rules: RuleSet, now_ms: int
) -> tuple[ContextTotal, ...]:
    """The first level of the days from first to last, up to now; what is not settled is computed, and not stored.

    Days never heard of hold nothing.
    """
    states = rollups.day_states(session, person.id, first, min(last, day_of(now_ms, person.zone)))
    over = {day for day in states if day_bounds(day, person.zone).end_ms <= now_ms}
    standing = {day for day in over if _stands(states[day])}
    stored = rollups.context_totals_of(session, person.id, min(standing), max(standing)) if standing else ()
    made = levels_of(session, person, sorted(states.keys() - standing), rules, now_ms)
    return (*(total for total in stored if total.day in standing), *made.first)


def stored_levels(session: Session, person: Person, days: Sequence[date]) -> Levels:
    """Read both levels of days, in order, as stored."""
    first = rollups.context_totals_of(session, person.id, days[0], days[-1])
    return Levels(first, rollups.totals_of(session, person.id, days[0], days[-1]))


def consecutive(days: Sequence[date]) -> Iterator[list[date]]:
    """Cut days, in order, into runs without a hole, each of at most RUN_DAYS."""
    run: list[date] = []
    for day in days:
        if run and (day - run[-1] != timedelta(days=1) or len(run) == RUN_DAYS):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _stands(state: rollups.DayState) -> bool:
    return state.settled_ms is not None and (state.frozen or state.dirty != rollups.READ)


def _from_spans(session: Session, person: Person, days: Sequence[date], rules: RuleSet, now_ms: int) -> Levels:
    stretch = read_stretch(session, person, days_bounds(days[0], days[-1], person.zone), now_ms, rules)
    first = context_totals(stretch.pieces, [(day, day_bounds(day, person.zone)) for day in days])
    verdicts = stretch.verdicts
    return Levels(first, totals(first, verdicts.by_context, verdicts.areas), stretch.calls, verdicts.fresh)


def _from_first_level(session: Session, person: Person, days: set[date], rules: RuleSet) -> Levels:
    stored = rollups.context_totals_of(session, person.id, min(days), max(days))
    first = tuple(total for total in stored if total.day in days)
    ids = {total.context_id for total in first if total.context_id}
    verdicts = find_verdicts(session, ids, {}, rules, rules.profile_of(person.position, person.team))
    return Levels(first, totals(first, verdicts.by_context, verdicts.areas), {}, verdicts.fresh)


def _order(total: Total) -> tuple[str, ...]:
    entity = total.entity
    card = (entity.type, entity.id) if entity else ("", "")
    return (total.presence, total.label or "", total.category or "", total.area or "", *card)
