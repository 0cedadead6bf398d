"""Stage 8b: pieces get their meaning. In: pieces, verdicts by context, areas of CRM cards. Out: judged pieces.

Never: a label for anything but active and call, an area for anything but work. The kind of the deal decides whether
time on its card is sales or service; a task belongs where its deal or client belongs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import SALES_KINDS, Area, EntityRef, Label, Presence, TaskFact
from planwhy_collector.rollup.piece import Judged, Piece

Verdicts = Mapping[int, Verdict]
Areas = Mapping[EntityRef, Area]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a stretch of time counts as."""

    label: Label | None = None
    category: str | None = None
    area: Area | None = None
    entity: EntityRef | None = None


NOTHING = Meaning()
_PLAIN: Mapping[str, Area] = {"lead": "sales", "client": "service"}


def meaning(presence: Presence, context_id: int, verdicts: Verdicts, areas: Areas) -> Meaning:
    """Say what a presence in a context counts as; unclassified where no verdict on the context is known."""
    return meaning_of(presence, verdicts.get(context_id), areas)


def meaning_of(presence: Presence, verdict: Verdict | None, areas: Areas) -> Meaning:
    """Say what a presence counts as under a verdict."""
    if verdict is None or presence not in ("active", "call"):
        return NOTHING
    area = verdict.area if verdict.label == "work" else None
    if area and verdict.entity:
        area = areas.get(verdict.entity, area)
    return Meaning(verdict.label, verdict.category, area, verdict.entity)


def judged(pieces: Iterable[Piece], verdicts: Verdicts, areas: Areas) -> tuple[Judged, ...]:
    """Give each piece its meaning."""
    return tuple(_judged(p, meaning(p.presence, p.context_id, verdicts, areas)) for p in pieces)


def areas_of(
    entities: Iterable[EntityRef], deal_kinds: Mapping[str, str], tasks: Mapping[str, TaskFact]
) -> dict[EntityRef, Area]:
    """Find the area of CRM cards: sales for leads and for deals of new business, service for clients and the rest.

    A deal that nobody knows is sales. A task has the area of its entity, general where it has none.
    """
    return {entity: _area(entity, deal_kinds, tasks) for entity in entities}


def _area(entity: EntityRef, deal_kinds: Mapping[str, str], tasks: Mapping[str, TaskFact]) -> Area:
    kind, key = entity.type, entity.id
    if kind == "task":
        task = tasks.get(key)
        return _area_of_card(task.entity_type, task.entity_id, deal_kinds) if task else "general"
    return _area_of_card(kind, key, deal_kinds)


def _area_of_card(kind: str, key: str, deal_kinds: Mapping[str, str]) -> Area:
    if kind == "deal":
        return "sales" if deal_kinds.get(key, "new") in SALES_KINDS else "service"
    return _PLAIN.get(kind, "general")


def _judged(p: Piece, m: Meaning) -> Judged:
    return Judged(p.start_ms, p.end_ms, p.presence, p.context_id, p.working, m.label, m.category, m.area, m.entity)
