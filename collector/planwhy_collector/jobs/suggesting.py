"""Proposes categories for hosts and programs that no rule knows. Query → pure → query; safe to run twice.

Out: the table of suggestions, replaced whole; what the command line shows. Titles are read into memory to learn from
and to ask with, and stay there. Nothing is locked while the model learns. Never: a label.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planwhy_shared.times import HOUR_MS, from_ms
from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.embedding import embedding_of
from planwhy_collector.jobs.judging import by_profile, chats_known, judge_anew, rules_in_force
from planwhy_collector.jobs.learning import Learn, learn_apart, learn_here
from planwhy_collector.queries import suggestions
from planwhy_collector.queries.people import people
from planwhy_collector.queries.rule_changes import active_contexts
from planwhy_collector.queries.suggestions import Suggestion
from planwhy_collector.queries.verdicts import all_hold
from planwhy_collector.suggest.examples import SeenWindow, examples_of
from planwhy_collector.suggest.proposal import Proposal
from planwhy_collector.suggest.quality import Quality, cross_validated
from planwhy_collector.suggest.windows import Windows

AGE_MS = 24 * HOUR_MS
DAYS = 30
MOST = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """What was in front of people in some days, and the rules that it was looked at with."""

    rules: RuleSet
    windows: Windows


def suggest(database: Database, settings: Settings, now_ms: int, learn: Learn = learn_apart) -> int:
    """Make the suggestions anew where they are a day old or the rules are others; how many there are then.

    0 also where they are fresh. Raises ConfigError for an embedding that cannot be read, Unavailable where learning
    came to nothing; what there was stays then.
    """
    with database.reading() as session:
        last = suggestions.last_suggested(session)
        fresh = last is not None and now_ms - last[0] < AGE_MS and last[1] == rules_in_force(session).version
        asked = suggestions.is_anything_unclassified(session)
    if fresh or (last is None and not asked):
        return 0
    seen = seen_windows(database, DAYS, now_ms)
    made = proposed(seen, settings, MOST, learn)
    found = {one.subject: _stored(one, now_ms, seen.rules.version) for one in made}
    with database.writing() as session:
        suggestions.replace_suggestions(session, found)
    return len(found)


def seen_windows(database: Database, days: int, now_ms: int) -> Seen:
    """Read what was in front of people in working hours of the last days, by the rules in force."""
    today = from_ms(now_ms).date()
    windows = Windows()
    with database.reading() as session:
        rules = rules_in_force(session)
        hold = all_hold(session, rules.version)
        for profile, employee_ids in by_profile(people(session), rules).items():
            for one in _judged(session, rules, hold, profile, employee_ids, today - timedelta(days=days), today):
                windows.add(one)
    return Seen(rules, windows)


def proposed(seen: Seen, settings: Settings, most: int, learn: Learn = learn_here) -> tuple[Proposal, ...]:
    """Propose for the hosts and programs without a rule, those with the most time first."""
    asked = seen.windows.unclassified(most)
    return tuple(learn(examples_of(seen.rules, seen.windows.known()), asked, settings)) if asked else ()


def measured(seen: Seen, settings: Settings) -> Quality | None:
    """How good proposals are, by cross-validation on all there is to learn from; None where that is too little."""
    labels = {one.id: one.label for one in seen.rules.categories.values()}
    return cross_validated(examples_of(seen.rules, seen.windows.known()), labels, embedding_of(settings))


def _judged(
    session: Session, rules: RuleSet, hold: bool, profile: str, employee_ids: Sequence[int], first: date, last: date
) -> Iterator[SeenWindow]:
    chats = chats_known(session)
    for _, context, stored, ms in active_contexts(session, employee_ids, profile, first, last):
        holds = stored is not None and (hold or stored.version == rules.version)
        verdict = stored if stored and holds else judge_anew(context, stored, rules, profile, chats)
        yield SeenWindow(context, profile, ms, verdict.category, verdict.rule)


def _stored(one: Proposal, now_ms: int, version: str) -> Suggestion:
    return Suggestion(one.guesses[0].category, one.guesses[0].confidence, now_ms, version)
