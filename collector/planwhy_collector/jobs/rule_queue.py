"""What no rule knows, by the time spent on it: query → pure. In: days. Out: hosts and programs that wait.

Never: who it was, a title, a path. People are counted, exactly only from five on.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from planwhy_collector.classify.rule import BROWSER
from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.db import Database
from planwhy_collector.facts import Context
from planwhy_collector.jobs.judging import by_profile, rules_in_force
from planwhy_collector.queries import rollups
from planwhy_collector.queries.people import people
from planwhy_collector.queries.unclassified import Spent, unclassified_time

LEAST_MS = 60_000
"""What took less than a minute of everybody's time in all these days is not asked about."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A subject that nobody has decided, the working milliseconds spent on it, and by how many people and teams."""

    subject: Subject
    ms: int
    people: int
    teams: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, the longest first; and in milliseconds: all of it, what was left on purpose, what browsers showed
    without an address, and all active working time of the days.
    """

    waiting: tuple[Waiting, ...]
    unclassified_ms: int
    left_ms: int
    unaddressed_ms: int
    active_ms: int


def queue(database: Database, first: date, last: date) -> Queue:
    """Find what no rule in force knows in the settled time of the days from first to last."""
    with database.reading() as session:
        rules = rules_in_force(session)
        everyone = {one.id: one for one in people(session)}
        members = by_profile(everyone.values(), rules)
        spent = [s for name, ids in members.items() for s in unclassified_time(session, ids, name, first, last)]
        active_ms = rollups.active_time(session, first, last)
    found = _by_subject(spent)
    left = sum(sum(by.values()) for subject, by in found.items() if subject in rules.left)
    waiting = [
        Waiting(subject, sum(by.values()), len(by), len({everyone[key].team for key in by}))
        for subject, by in found.items()
        if subject is not None and subject not in rules.left and sum(by.values()) >= LEAST_MS
    ]
    waiting.sort(key=lambda one: (-one.ms, one.subject))
    unaddressed = sum(found.get(None, Counter()).values())
    return Queue(tuple(waiting), sum(s.ms for s in spent), left, unaddressed, active_ms)


def _by_subject(spent: list[Spent]) -> dict[Subject | None, Counter[int]]:
    """Milliseconds by person of each subject; None: a browser that showed no address, or nothing known at all."""
    found: dict[Subject | None, Counter[int]] = defaultdict(Counter)
    for one in spent:
        bare = one.host is None and one.category == BROWSER
        subject = None if bare else subject_of(Context(one.app, one.host, None, None))
        found[subject][one.employee_id] += one.ms
    return found
