"""Putting rules in force. In: what the installation adds to the product's rules, or a release with others. Out: the
row of the rules in force, and what was done in their history.

The past is not judged here: it waits for `carrying`. Never: a day left to be moved that moving would not bring where
judging it anew brings it, or a change of what someone else has changed meanwhile.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import Additions, builtin_texts, rules_beside
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, RulesChanged
from planwhy_collector.jobs.judging import rules_in_force, rules_of
from planwhy_collector.queries import rule_changes, rule_versions
from planwhy_collector.queries.people import people
from planwhy_collector.queries.rule_changes import JUDGING, Change
from planwhy_collector.queries.rule_history import Done, add_event
from planwhy_collector.queries.verdicts import store_rule_set

Edit = Callable[[Additions], Additions]
Also = Callable[[Session], object]
_TRIES = 5


def apply(database: Database, own: str, applied_by: str, now_ms: int) -> RuleSet:
    """Put an own text in force before the product's; packs stay. Raises InvalidInput for a bad one."""
    return change(database, lambda added: replace(added, own=own), Done("applied", applied_by), now_ms)


def change(
    database: Database, edit: Edit, done: Done, now_ms: int, looked_at: str | None = None, also: Also | None = None
) -> RuleSet:
    """Change what the installation adds, from what holds at that moment, and write it into the history.

    `looked_at` is the version that whoever asks has seen; `also` happens in the same transaction. Raises RulesChanged
    where another version holds by now, InvalidInput where the rules would be wrong, and like `also`; then nothing
    changes.
    """
    for _ in range(_TRIES):
        with database.reading() as session:
            before, version = rule_versions.additions(session), rules_in_force(session).version
        if looked_at not in (None, version):
            break
        added = edit(before)
        rules = rules_beside(added)
        with database.writing() as session:
            rule_changes.hold_rules(session, alone=True)
            if rule_versions.additions(session) == before:
                _put_in_force(session, rules, added, done, now_ms)
                if also is not None:
                    also(session)
                return rules
    raise RulesChanged("the rules were changed meanwhile: look at the preview again")


def adopt_rules(database: Database, now_ms: int) -> RuleSet:
    """The rules in force. Where this release brings others than before, they come into force now."""
    with database.reading() as session:
        if _are_in_force(session, rules := rules_in_force(session)):
            return rules
    with database.writing() as session:
        rule_changes.hold_rules(session, alone=True)
        if not _are_in_force(session, rules := rules_in_force(session)):
            _put_in_force(session, rules, rule_versions.additions(session), Done("release", "release"), now_ms)
    return rules


def _are_in_force(session: Session, rules: RuleSet) -> bool:
    change = rule_changes.change_in_force(session)
    return change is not None and change.version == rules.version


def _put_in_force(session: Session, rules: RuleSet, added: Additions, done: Done, now_ms: int) -> None:
    before = rule_changes.change_in_force(session)
    if before is not None and before.version != rules.version:
        _ask_for_whole_days(session, before, rules)
    body = rule_versions.body_of(session, added, builtin_texts() | added.texts())
    store_rule_set(session, rules.version, body, applied_by=done.by, now_ms=now_ms)
    if before is None or before.version != rules.version:
        add_event(session, rules.version, done, now_ms)


def _ask_for_whole_days(session: Session, before: Change, rules: RuleSet) -> None:
    """Days that cannot be moved from what stored verdicts meant to what they will mean are judged whole.

    Those by a version whose verdicts were not all made, those left over from an earlier time of the new version, and
    those of people whose position leads to another profile now.
    """
    unfinished = {before.version} if before.stage == JUDGING else set()
    rule_changes.ask_for_judging(session, versions={rules.version} | unfinished)
    everyone = people(session)
    try:
        earlier = rules_of(before.version, rule_versions.texts_of(session, before.version))
        moved = [
            one
            for one in everyone
            if earlier.profile_of(one.position, one.team) != rules.profile_of(one.position, one.team)
        ]
    except InvalidInput:  # texts that this release cannot read
        moved = list(everyone)
    rule_changes.ask_for_judging(session, employee_ids=(one.id for one in moved))
