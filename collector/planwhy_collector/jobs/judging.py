"""A stretch of a person's time, read, cut and judged: query → pure → query. In: a session, a person, days.

Out: pieces with everything that gives them meaning. Never: a total that is stored (that is `settle`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from planwhy_shared.times import Interval, day_of
from sqlalchemy.orm import Session

from planwhy_collector.classify.chats import KnownChats, is_chat, with_client
from planwhy_collector.classify.contexts import context_id
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import additions_in, rule_set, rules_beside
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import CALL_APP, Area, ContactFact, Context, EntityRef, Person
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import activity, crm, rule_versions
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.verdicts import all_hold, verdicts_of
from planwhy_collector.rollup.judge import areas_of, judged
from planwhy_collector.rollup.partition import Talk, partition
from planwhy_collector.rollup.piece import Judged, Piece

BY_TEXT = ("R-", "S-")
"""The codes of rules that decide by a path or a title."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts by context, the areas of the cards they name, and those verdicts that are not stored yet."""

    by_context: Mapping[int, Verdict]
    areas: Mapping[EntityRef, Area]
    fresh: Mapping[int, Verdict]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pieces of a person's time, what their contexts mean, and the contexts that stand for talks."""

    pieces: tuple[Piece, ...]
    verdicts: Verdicts
    calls: Mapping[int, Context]


def rules_in_force(session: Session) -> RuleSet:
    """The product's rules with all that the installation adds."""
    return rules_beside(rule_versions.additions(session))


def personal_categories(session: Session) -> frozenset[str]:
    """Categories that others see only as "personal"."""
    return frozenset(c.id for c in rules_in_force(session).categories.values() if c.personal)


def rules_of(version: str, texts: Mapping[str, str]) -> RuleSet:
    """Rules that were in force, from their texts. Raises InvalidInput where this release cannot read them."""
    same_release = rules_beside(additions_in(texts))
    return same_release if same_release.version == version else rule_set(texts)


def judged_between(session: Session, person: Person, bounds: Interval, now_ms: int) -> tuple[Judged, ...]:
    """Partition and judge the time between two instants, calls included, up to now. Nothing is stored."""
    found = read_stretch(session, person, bounds, now_ms, rules_in_force(session))
    return judged(found.pieces, found.verdicts.by_context, found.verdicts.areas)


def read_stretch(session: Session, person: Person, bounds: Interval, now_ms: int, rules: RuleSet) -> Stretch:
    """Read, cut and judge a person's time between two instants; what lies after now does not exist yet."""
    until = Interval(bounds.start_ms, max(bounds.start_ms, min(bounds.end_ms, now_ms)))
    calendar = WorkCalendar(person)
    talks, calls = _talks(session, person, until)
    pieces = partition(
        activity.spans_of(session, person.id, until),
        talks,
        calendar.within(until),
        calendar.absent(crm.absences_of(session, person.id, *_days(person, until)), until),
        until,
    )
    seen = {piece.context_id for piece in pieces if piece.context_id}
    found = find_verdicts(session, seen, calls, rules, rules.profile_of(person.position, person.team))
    return Stretch(pieces, found, calls)


def find_verdicts(
    session: Session, ids: set[int], calls: Mapping[int, Context], rules: RuleSet, profile: str
) -> Verdicts:
    """Find or make the verdicts on contexts, `calls` among them, by these rules."""
    hold = all_hold(session, rules.version)  # asked first: what holds now still does when it is read
    stored = verdicts_of(session, ids, profile)
    known = {key: verdict for key, verdict in stored.items() if hold or verdict.version == rules.version}
    chats = chats_known(session)
    contexts = {**activity.contexts_by_id(session, ids - known.keys()), **calls}
    fresh = {
        key: judge_anew(contexts[key], stored.get(key), rules, profile, chats)
        for key in ids - known.keys()
        if key in contexts
    }
    verdicts = known | fresh
    return Verdicts(verdicts, entity_areas(session, (v.entity for v in verdicts.values())), fresh)


def by_profile(everyone: Iterable[Person], rules: RuleSet) -> dict[str, list[int]]:
    """The keys of people by the profile that the rules give their team or position."""
    found: dict[str, list[int]] = {}
    for one in everyone:
        found.setdefault(rules.profile_of(one.position, one.team), []).append(one.id)
    return found


Chats = Callable[[], KnownChats]
"""The clients that chats may be with, read when a chat is first judged."""


def chats_known(session: Session) -> Chats:
    """The clients of the CRM that a chat may be with."""
    return cache(lambda: _chats_with(crm.client_names(session)))


@lru_cache(maxsize=2)  # every day that is settled asks, and clients seldom change
def _chats_with(clients: tuple[tuple[str, str], ...]) -> KnownChats:
    return KnownChats(clients)


def judge(context: Context, rules: RuleSet, profile: str, chats: Chats) -> Verdict:
    """Judge a context by these rules, a messenger's also by whom the CRM knows."""
    verdict = rules.judge(context, profile)
    return with_client(context, verdict, chats()) if is_chat(context, verdict) else verdict


def judge_anew(context: Context, earlier: Verdict | None, rules: RuleSet, profile: str, chats: Chats) -> Verdict:
    """Judge a context by these rules, unless it keeps what was said of it earlier."""
    if earlier and keeps(context, earlier, rules):
        return replace(earlier, version=rules.version)
    return judge(context, rules, profile, chats)


def keeps(context: Context, earlier: Verdict, rules: RuleSet) -> bool:
    """Whether a context whose title and path retention has blanked keeps a verdict that rested on them."""
    blanked = context.title is None and context.path is None
    return blanked and earlier.rule is not None and earlier.rule.startswith(BY_TEXT) and rules.has(earlier.rule)


def entity_areas(session: Session, named: Iterable[EntityRef | None]) -> dict[EntityRef, Area]:
    """Find the areas of CRM cards."""
    entities = {entity for entity in named if entity}
    tasks = crm.tasks_by_id(session, {e.id for e in entities if e.type == "task"})
    of_tasks = {t.entity_id for t in tasks.values() if t.entity_type == "deal"}
    deals = crm.deals_by_id(session, of_tasks | {e.id for e in entities if e.type == "deal"})
    return areas_of(entities, {key: deal.kind for key, deal in deals.items()}, tasks)


def call_context(contact: ContactFact) -> Context:
    """The context that stands for a call or meeting: the deal where it names one, else the client, else the task."""
    named = (("deal", contact.deal_id), ("client", contact.client_id), ("task", contact.task_id))
    path = next((f"/{kind}/{key}" for kind, key in named if key), None)
    return Context(app=CALL_APP, path=path)


def _talks(session: Session, person: Person, bounds: Interval) -> tuple[list[Talk], dict[int, Context]]:
    timed = [(time, call_context(c)) for c in crm.contacts_of(session, person.id, bounds) if (time := c.talk)]
    key = secret(session, "context") if timed else b""
    talks = [Talk(time.start_ms, time.end_ms, context_id(key, context)) for time, context in timed]
    return talks, {context_id(key, context): context for _, context in timed}


def _days(person: Person, bounds: Interval) -> tuple[date, date]:
    return day_of(bounds.start_ms, person.zone), day_of(bounds.end_ms, person.zone)
