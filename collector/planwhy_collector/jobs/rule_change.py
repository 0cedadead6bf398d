"""What a change of rules would move, and putting rules in force. In: a text of own rules, or a release with others.
Out: hours by label; the row of the rules in force.

The past is not judged here: it waits for `carrying`. Never: a preview that stores anything, or a day left to be
moved that moving would not bring where judging it anew brings it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import OWN, builtin_texts, rules_with
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Label
from planwhy_collector.jobs.judging import judge_anew, rules_in_force, rules_of
from planwhy_collector.queries import rollups, rule_changes
from planwhy_collector.queries.people import people
from planwhy_collector.queries.rule_changes import JUDGING, Change
from planwhy_collector.queries.verdicts import all_hold, own_rules, store_rule_set

Moves = Mapping[tuple[Label | None, Label | None], int]


@dataclass(frozen=True, slots=True)
class Preview:
    """Milliseconds by (label in force, label by the new rules), and how many people and days were looked at."""

    moves: Moves
    people: int
    days: int


def preview(database: Database, own: str, first: date, last: date) -> Preview:
    """Judge the settled time of the days from first to last by new rules too. Raises InvalidInput for bad rules.

    Each context is judged once for all who saw it and have the same profile.
    """
    new = rules_with(own)
    moves: Counter[tuple[Label | None, Label | None]] = Counter()
    with database.reading() as session:
        old = rules_in_force(session)
        hold = all_hold(session, old.version)
        for profiles, employee_ids in _by_profiles(session, old, new).items():
            seen = rule_changes.active_contexts(session, employee_ids, profiles[0], first, last)
            for context, stored, ms in seen:
                known = stored is not None and (hold or stored.version == old.version)
                before = stored if known and stored else judge_anew(context, stored, old, profiles[0])
                moves[before.label, judge_anew(context, before, new, profiles[1]).label] += ms
        counted = rollups.count_active_days(session, first, last)
    return Preview(dict(moves), *counted)


def apply(database: Database, own: str, applied_by: str, now_ms: int) -> RuleSet:
    """Put own rules, the product's behind them, in force. Raises InvalidInput for bad ones."""
    rules = rules_with(own)
    with database.writing() as session:
        rule_changes.hold_rules(session, alone=True)
        _put_in_force(session, rules, own, applied_by, now_ms)
    return rules


def adopt_rules(database: Database, now_ms: int) -> RuleSet:
    """The rules in force. Where this release brings others than before, they come into force now."""
    with database.reading() as session:
        if _are_in_force(session, rules := rules_in_force(session)):
            return rules
    with database.writing() as session:
        rule_changes.hold_rules(session, alone=True)
        if not _are_in_force(session, rules := rules_in_force(session)):
            _put_in_force(session, rules, own_rules(session), "release", now_ms)
    return rules


def _are_in_force(session: Session, rules: RuleSet) -> bool:
    change = rule_changes.change_in_force(session)
    return change is not None and change.version == rules.version


def _put_in_force(session: Session, rules: RuleSet, own: str, applied_by: str, now_ms: int) -> None:
    before = rule_changes.change_in_force(session)
    if before is not None and before.version != rules.version:
        _ask_for_whole_days(session, before, rules)
    texts = builtin_texts() | ({OWN: own} if own.strip() else {})
    store_rule_set(session, rules.version, own, texts, applied_by=applied_by, now_ms=now_ms)


def _ask_for_whole_days(session: Session, before: Change, rules: RuleSet) -> None:
    """Days that cannot be moved from what stored verdicts meant to what they will mean are judged whole.

    Those by a version whose verdicts were not all made, those left over from an earlier time of the new version, and
    those of people whose position leads to another profile now.
    """
    unfinished = {before.version} if before.stage == JUDGING else set()
    rule_changes.ask_for_judging(session, versions={rules.version} | unfinished)
    everyone = people(session)
    try:
        earlier = rules_of(before.version, rule_changes.texts_of(session, before.version))
        moved = [
            one
            for one in everyone
            if earlier.profile_of(one.position, one.team) != rules.profile_of(one.position, one.team)
        ]
    except InvalidInput:  # texts that this release cannot read
        moved = list(everyone)
    rule_changes.ask_for_judging(session, employee_ids=(one.id for one in moved))


def _by_profiles(session: Session, old: RuleSet, new: RuleSet) -> dict[tuple[str, str], list[int]]:
    """The employees by their profile under both rules."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in people(session):
        found.setdefault((old.profile_of(one.position, one.team), new.profile_of(one.position, one.team)), []).append(
            one.id
        )
    return found
