"""What the rules said of contexts, and which rules are in force. In: ids, profiles, versions. Out: verdicts.

Never: a judgement of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import EntityRef
from planwhy_collector.models import ContextRow, RuleSetRow, VerdictRow
from planwhy_collector.queries.upsert import chunks, inserting, upsert


def verdicts_of(session: Session, ids: Iterable[int], profile: str) -> dict[int, Verdict]:
    """Find the stored verdicts on contexts for a profile, by whatever version of the rules."""
    found: dict[int, Verdict] = {}
    for part in chunks(sorted(set(ids))):
        query = select(*VerdictRow.__table__.columns).where(
            VerdictRow.context_id.in_(part), VerdictRow.profile == profile
        )
        found |= {row.context_id: verdict_of(row) for row in session.execute(query)}
    return found


def add_verdicts(session: Session, profile: str, verdicts: Mapping[int, Verdict]) -> None:
    """Store the first verdicts on contexts. Where there is one by earlier rules it stays: only a change turns it."""
    rows = [_columns(key, profile, verdict) for key, verdict in sorted(verdicts.items())]
    for part in chunks(rows):
        session.execute(inserting(session, VerdictRow).on_conflict_do_nothing(), list(part))


def replace_verdicts(session: Session, profile: str, verdicts: Mapping[int, Verdict]) -> None:
    """Store verdicts in place of those by earlier rules."""
    upsert(session, VerdictRow, [_columns(key, profile, verdict) for key, verdict in sorted(verdicts.items())])


HELD = -1
"""The stage of the rules before those in force, where all stored verdicts held under them to the end."""
_IN_FORCE = select(RuleSetRow.version, RuleSetRow.stage).order_by(RuleSetRow.applied_ms.desc()).limit(1)


def all_hold(session: Session, version: str) -> bool:
    """Whether all stored verdicts hold under this version, whichever said so first: only of the one in force."""
    return (session.scalar(select(RuleSetRow.stage).where(RuleSetRow.version == version)) or 0) > 0


@dataclass(frozen=True, slots=True)
class TitledVerdict:
    """What was said of a context that still has its title; empty texts stand for nothing."""

    context_id: int
    title: str
    label: str
    rule: str
    entity_id: str


def titled_verdicts(session: Session, category: str) -> Iterator[TitledVerdict]:
    """Find the stored verdicts of one category, for every profile, on contexts that still have a title."""
    query = (
        select(VerdictRow.context_id, ContextRow.title, VerdictRow.label, VerdictRow.rule, VerdictRow.entity_id)
        .join(ContextRow, ContextRow.id == VerdictRow.context_id)
        .where(VerdictRow.category == category, ContextRow.title.is_not(None))
    )
    rows: Any = session.execute(query)
    return (TitledVerdict(*row) for row in rows)


def forget_verdicts(session: Session, context_ids: Iterable[int]) -> None:
    """Forget what was said of contexts, for every profile: it is said anew when their days are settled."""
    for part in chunks(sorted(context_ids)):
        session.execute(delete(VerdictRow).where(VerdictRow.context_id.in_(part)))


def was_in_force(session: Session, version: str) -> bool:
    """Whether a version holds, or ever held."""
    return session.get(RuleSetRow, version) is not None


def store_rule_set(session: Session, version: str, body: str, *, applied_by: str, now_ms: int) -> None:
    """Put a version in force; `body` is what `rule_versions` wrote of its texts.

    Where it is not the one in force already, the past waits for it from now on.
    """
    last = session.execute(_IN_FORCE).first()
    if last is not None and last.version != version:
        session.execute(update(RuleSetRow).values(stage=0))
        held = update(RuleSetRow).where(RuleSetRow.version == last.version)
        session.execute(held.values(stage=HELD if last.stage > 0 else 0))
    last_ms = session.scalar(select(func.max(RuleSetRow.applied_ms))) or 0
    row = {"version": version, "applied_ms": max(now_ms, last_ms + 1), "applied_by": applied_by, "body": body}
    upsert(session, RuleSetRow, [row])


def verdict_of(row: Any) -> Verdict:
    """Read a verdict from a row with the columns of the table."""
    entity = EntityRef(row.entity_type, row.entity_id) if row.entity_type else None
    label, category, area = row.label or None, row.category or None, row.area or None
    return Verdict(label, category, area, row.rule or None, row.version, entity)


def _columns(key: int, profile: str, verdict: Verdict) -> dict[str, object]:
    return {
        "context_id": key,
        "profile": profile,
        "label": verdict.label or "",
        "category": verdict.category or "",
        "area": verdict.area or "",
        "entity_type": verdict.entity.type if verdict.entity else "",
        "entity_id": verdict.entity.id if verdict.entity else "",
        "rule": verdict.rule or "",
        "version": verdict.version,
    }
