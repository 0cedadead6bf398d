"""Missing next steps in words and as JSON: for pages, mails, the command line and the API.

In: findings, people, a language. Out: lines. Never: a word about whose fault it is; whoever shows a title in
HTML escapes it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from planwhy_shared.times import day_of, rfc3339

from planwhy_collector.explain.next_steps import KINDS, Finding, Kind
from planwhy_collector.facts import Person
from planwhy_collector.report.cards import card_address
from planwhy_collector.report.language import N_, Language
from planwhy_collector.report.plain import one_line

UTC = ZoneInfo("UTC")
TITLE = 160
"""Characters of a title that are shown."""
STEP_KINDS: Mapping[Kind, str] = {
    "step_in_past": N_("Next contact in the past"),
    "client_without_step": N_("Client without a next step"),
    "deal_without_step": N_("Deal without a next step"),
    "client_without_owner": N_("Client without an owner"),
    "deal_without_owner": N_("Deal without an owner"),
    "task_without_owner": N_("Task without an owner"),
    "deadline_moved_often": N_("Deadline moved later again and again"),
    "task_without_deadline": N_("Task without a deadline"),
}
ENTITIES: Mapping[str, str] = {"client": N_("Client"), "deal": N_("Deal"), "task": N_("Task"), "lead": N_("Lead")}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A finding in words, its title on one line. `address`: its card in the CRM; `since`: a day, `began` says it."""

    kind: Kind
    what: str
    entity: str
    title: str
    address: str | None
    since: str
    began: str
    details: tuple[str, ...]

    @property
    def notes(self) -> str:
        """Since when, and the details, in one line."""
        return "; ".join(filter(None, (self.began, *self.details)))


def step_line(one: Finding, say: Language, people: Mapping[int, Person], crm_url: str) -> StepLine:
    """Say a finding in a language; days are those of its owner's zone, UTC where it is nobody's."""
    zone = _zone(one, people)
    since = say.day(day_of(one.since_ms, zone)) if one.since_ms else ""
    began = say.say("since %(day)s", day=since) if since else ""
    title = one_line(one.title, TITLE) or one_line(one.entity.id)
    return StepLine(
        one.kind, say.say(STEP_KINDS[one.kind]), say.say(ENTITIES[one.entity.type]), title,
        card_address(crm_url, one.entity), since, began, tuple(_details(one, say, zone, people)),
    )  # fmt: skip


def counted(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many there are of each kind, in the order of urgency, without those of which there are none."""
    counts = Counter(one.kind for one in findings)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def step_document(one: Finding, people: Mapping[int, Person], crm_url: str) -> dict[str, Any]:
    """A finding as JSON; people by public id, null for nobody."""
    zone = _zone(one, people)

    def instant(ms: int | None) -> str | None:
        return None if ms is None else rfc3339(ms, zone)

    return {
        "kind": one.kind, "entity": {"type": one.entity.type, "id": one.entity.id}, "title": one.title,
        "employee_id": _key(people, one.owner), "near": [_key(people, near) for near in one.near],
        "former_employee_id": _key(people, one.former), "since": instant(one.since_ms),
        "last_contact_at": instant(one.last_contact_ms), "overdue_hours": one.overdue_hours, "moves": one.moves,
        "first_deadline": instant(one.first_deadline_ms), "url": card_address(crm_url, one.entity),
    }  # fmt: skip


def _details(one: Finding, say: Language, zone: ZoneInfo, people: Mapping[int, Person]) -> Iterable[str]:
    if one.overdue_hours is not None:
        yield say.say("working time since then: %(hours)s", hours=say.hours(one.overdue_hours))
    if one.moves is not None:
        yield say.say("moved later: %(count)s", count=say.number(one.moves))
    if one.first_deadline_ms is not None:
        yield say.say("first deadline: %(day)s", day=say.deadline(rfc3339(one.first_deadline_ms, zone)))
    if one.former is not None:
        yield say.say("formerly with %(name)s, who has left", name=people[one.former].name)
    if one.last_contact_ms is not None:
        yield say.say("last contact: %(day)s", day=say.day(day_of(one.last_contact_ms, zone)))
    elif one.entity.type != "task":
        yield say.say("no contact on record")


def _zone(one: Finding, people: Mapping[int, Person]) -> ZoneInfo:
    owner = people.get(one.owner or 0)
    return owner.zone if owner else UTC


def _key(people: Mapping[int, Person], person: int | None) -> str | None:
    found = people.get(person or 0)
    return found.key if found else None
