"""Decisions on rules by people: query → pure → query. In: what was decided and by whom. Out: the rules in force.

One decision holds for the past and the future, is written into the history and can be taken back. Never: a decision by
a model.
"""

from dataclasses import replace

from planwhy_collector.classify.decision import Decision, with_decision, with_left, written
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.exchange import with_pack, without_pack
from planwhy_collector.classify.load import Additions
from planwhy_collector.classify.match import program_key
from planwhy_collector.classify.rule import CRM, DEFAULT_PROFILE
from planwhy_collector.classify.subject import Subject, bare_host
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Area, Label
from planwhy_collector.jobs.rule_change import Edit, change
from planwhy_collector.queries import rule_versions
from planwhy_collector.queries.rule_history import Done
from planwhy_collector.queries.verdicts import was_in_force


def decision(
    rules: RuleSet, subject: Subject, category: str, *, label: Label | None, area: Area | None, profile: str, why: str
) -> Decision:
    """Fill in what a decision leaves open: the category's label, and the area of work. Raises InvalidInput."""
    known = rules.categories.get(category)
    if known is None:
        raise InvalidInput(f"category: {category[:40]!r} is not one of {', '.join(rules.categories)}")
    if profile and profile not in profiles(rules):
        raise InvalidInput(f"profile: {profile[:40]!r} is not one of {', '.join(profiles(rules))}")
    chosen = label or known.label
    if area and chosen != "work":
        raise InvalidInput(f"area: only work has one, not {chosen}")
    place = (area or ("sales" if category == CRM else "general")) if chosen == "work" else None
    return Decision(named(subject), category, chosen, place, profile, why)


def named(subject: Subject) -> Subject:
    """The subject as the rules write it. Raises InvalidInput where they cannot."""
    host = subject.kind == "host"
    name = bare_host(subject.name.strip().lower().rstrip(".")) if host else program_key(subject.name)
    written(Subject(subject.kind, name))
    return Subject(subject.kind, name)


def profiles(rules: RuleSet) -> tuple[str, ...]:
    """The profiles that positions and teams lead to."""
    return tuple(sorted({DEFAULT_PROFILE} | {one.profile for one in rules.positions}))


def deciding(made: Decision) -> Edit:
    """What a decision does to what the installation adds."""
    return lambda added: replace(added, own=with_decision(added.own, made))


def leaving(subject: Subject) -> Edit:
    """What leaving a subject unclassified does."""
    return lambda added: replace(added, own=with_left(added.own, subject))


def decided(made: Decision, by: str) -> Done:
    """How the history tells of a decision."""
    return Done("decided", by, f"{made.subject.kind} {made.subject.name}: {made.head.strip('[]')}")


def left(subject: Subject, by: str) -> Done:
    """How the history tells that a subject was left unclassified."""
    return Done("left", by, f"{subject.kind} {subject.name}")


def decide(database: Database, made: Decision, by: str, now_ms: int) -> RuleSet:
    """Put a decision in force."""
    return change(database, deciding(made), decided(made, by), now_ms)


def leave(database: Database, subject: Subject, by: str, now_ms: int) -> RuleSet:
    """Leave a subject unclassified on purpose: nobody is asked again, and nothing counts otherwise."""
    known = named(subject)
    return change(database, leaving(known), left(known, by), now_ms)


def replace_all(database: Database, added: Additions, by: str, now_ms: int, looked_at: str | None = None) -> RuleSet:
    """Put all that an installation adds in force in place of what it added before."""
    return change(database, lambda _: added, Done("applied", by, _told(added)), now_ms, looked_at)


def restored(database: Database, version: str) -> Additions:
    """What the installation added by an earlier version. Raises NotFound where it never held."""
    with database.reading() as session:
        if not was_in_force(session, version):
            raise NotFound(f"there is no version {version[:40]!r} of the rules")
        return rule_versions.additions_of(session, version)


def restore(database: Database, version: str, by: str, now_ms: int) -> RuleSet:
    """Put in force what the installation added by an earlier version, beside the product's rules of today."""
    added = restored(database, version)
    return change(database, lambda _: added, Done("restored", by, version), now_ms)


def add_pack(database: Database, name: str, text: str, by: str, now_ms: int) -> RuleSet:
    """Put a pack behind the product's rules, in place of an earlier one of that name."""
    return change(database, lambda added: with_pack(added, name, text), Done("pack", by, f"+ {name}"), now_ms)


def remove_pack(database: Database, name: str, by: str, now_ms: int) -> RuleSet:
    """Take a pack away. Raises InvalidInput where there is none of that name."""
    return change(database, lambda added: without_pack(added, name), Done("pack", by, f"- {name}"), now_ms)


def _told(added: Additions) -> str:
    return ", ".join(name for name, _ in added.packs)
