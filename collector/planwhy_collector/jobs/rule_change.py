"""What a change of rules would move, and putting rules in force. In: a text of own rules. Out: hours by label.

Never: a preview that stores anything.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import OWN, builtin_texts, rules_with
from planwhy_collector.db import Database
from planwhy_collector.facts import Context, Label, Person
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.queries import rollups
from planwhy_collector.queries.activity import contexts_by_id
from planwhy_collector.queries.people import people
from planwhy_collector.queries.verdicts import store_rule_set

Moves = Mapping[tuple[Label | None, Label | None], int]


@dataclass(frozen=True, slots=True)
class Preview:
    """Milliseconds by (label in force, label by the new rules), and how many people and days were looked at."""

    moves: Moves
    people: int
    days: int


def preview(database: Database, own: str, first: date, last: date) -> Preview:
    """Judge the settled time of the days from first to last by new rules too. Raises InvalidInput for bad rules."""
    new = rules_with(own)
    moves: Counter[tuple[Label | None, Label | None]] = Counter()
    days: set[tuple[int, date]] = set()
    with database.reading() as session:
        everyone = people(session)
        old = rules_in_force(session)
        for person in everyone:
            days |= _moved(session, person, (first, last), (old, new), moves)
    return Preview(dict(moves), len({key for key, _ in days}), len(days))


def apply(database: Database, own: str, applied_by: str, now_ms: int) -> RuleSet:
    """Put own rules, the product's behind them, in force and ask for new verdicts. Raises InvalidInput for bad ones."""
    rules = rules_with(own)
    with database.writing() as session:
        texts = builtin_texts() | ({OWN: own} if own.strip() else {})
        store_rule_set(session, rules.version, own, texts, applied_by=applied_by, now_ms=now_ms)
        rollups.mark_all_for_judging(session)
    return rules


def _moved(
    session: Session,
    person: Person,
    days: tuple[date, date],
    both: tuple[RuleSet, RuleSet],
    moves: Counter[tuple[Label | None, Label | None]],
) -> set[tuple[int, date]]:
    active = [t for t in rollups.context_totals_of(session, person.id, *days) if t.presence == "active"]
    contexts = contexts_by_id(session, {t.context_id for t in active})
    profiles = [rules.profile_of(person.position) for rules in both]
    for total in active:
        context = contexts.get(total.context_id, Context())
        old, new = (rules.judge(context, profile).label for rules, profile in zip(both, profiles, strict=True))
        moves[old, new] += total.working_ms
    return {(person.id, t.day) for t in active}
