"""What a change of rules would move: query → pure. In: what an installation would add to the product's rules. Out:
hours by label, and for how many people and teams.

Never: anything stored, a person's name, or the name of a team of which fewer than five people are touched.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from planwhy_collector.classify.difference import Difference, difference
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import Additions, rules_beside
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.db import Database
from planwhy_collector.facts import Area, Context, Label, Person
from planwhy_collector.jobs.judging import Chats, chats_known, judge_anew, rules_in_force
from planwhy_collector.queries import rollups, rule_changes
from planwhy_collector.queries.people import people
from planwhy_collector.queries.verdicts import all_hold

NAMED = 5
"""Groups with fewer people are never named or counted exactly."""
Meaning = tuple[Label | None, Area | None]
Moves = Mapping[tuple[Meaning, Meaning], int]


@dataclass(frozen=True, slots=True)
class Touched:
    """How many people have time that would move, by team: `teams` has those of NAMED people or more.

    `others` are teams with fewer; `people` may be fewer than NAMED, and whoever shows it says only that.
    """

    people: int = 0
    teams: tuple[tuple[str, int], ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """Milliseconds by what they count for (now, then), both with the area of work; the people and days looked at.

    `moves` holds what stays as well. `version` is that of the rules in force.
    """

    version: str
    moves: Moves
    touched: Touched
    people: int
    days: int

    @property
    def moved_ms(self) -> int:
        """What would count for something else."""
        return sum(ms for (old, new), ms in self.moves.items() if old != new)


def preview(database: Database, added: Additions, first: date, last: date) -> Preview:
    """Judge the settled time of the days from first to last by new rules too. Raises InvalidInput for bad rules.

    Each context is judged once for all who saw it and have the same profile, and only where a changed rule may meet it.
    """
    new = rules_beside(added)
    moves: Counter[tuple[Meaning, Meaning]] = Counter()
    moved: Counter[int] = Counter()
    with database.reading() as session:
        old = rules_in_force(session)
        judging = _Judging(old, new, difference(old, new), all_hold(session, old.version), chats_known(session))
        everyone = people(session)
        for (was, will), members in _by_profiles(everyone, old, new).items():
            turned = set()
            seen = rule_changes.active_contexts(session, members, was, first, last)
            for key, context, stored, ms in seen:
                step = judging.step(context, stored, was, will)
                moves[step] += ms
                if step[0] != step[1]:
                    turned.add(key)
            moved += rule_changes.time_in(session, members, turned, first, last)
        counted = rollups.count_active_days(session, first, last)
    return Preview(old.version, dict(moves), _touched(everyone, moved), *counted)


@dataclass(frozen=True, slots=True)
class _Judging:
    old: RuleSet
    new: RuleSet
    known: Difference | None
    hold: bool
    chats: Chats

    def step(self, context: Context, stored: Verdict | None, was: str, will: str) -> tuple[Meaning, Meaning]:
        """What a context counts for now, and what it would count for."""
        holds = stored is not None and (self.hold or stored.version == self.old.version)
        before = stored if holds and stored else judge_anew(context, stored, self.old, was, self.chats)
        same = was == will and self.known is not None and not self.known.may_turn(context, before.rule)
        after = before if same else judge_anew(context, before, self.new, will, self.chats)
        return (before.label, before.area), (after.label, after.area)


def _touched(everyone: tuple[Person, ...], moved: Mapping[int, int]) -> Touched:
    teams = Counter(one.team or "" for one in everyone if moved.get(one.id))
    named = sorted(((team, n) for team, n in teams.items() if team and n >= NAMED), key=lambda one: (-one[1], one[0]))
    return Touched(sum(teams.values()), tuple(named), len([team for team in teams if team]) - len(named))


def _by_profiles(everyone: tuple[Person, ...], old: RuleSet, new: RuleSet) -> dict[tuple[str, str], list[int]]:
    """The employees by their profile under both rules."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in everyone:
        found.setdefault((old.profile_of(one.position, one.team), new.profile_of(one.position, one.team)), []).append(
            one.id
        )
    return found
