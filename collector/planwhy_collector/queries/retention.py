"""What has lived long enough goes. In: instants and days. Out: how many rows went. Never: anything younger."""

from datetime import date
from typing import Any

from sqlalchemy import Delete, Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from planwhy_collector.models import (
    BatchRow,
    Case,
    CaseEvent,
    Comment,
    ContextRow,
    Device,
    ObjectionRow,
    SignInLink,
    SpanBlock,
    SpanRow,
    UserSession,
)


def blank_titles(session: Session, before_day: int) -> int:
    """Blank titles and paths of contexts last seen before a day (proleptic ordinal); verdicts and totals stay."""
    old = update(ContextRow).where(
        ContextRow.seen_day < before_day, or_(ContextRow.title.is_not(None), ContextRow.path.is_not(None))
    )
    return changed(session, old.values(title=None, path=None))


def devices_with_spans(session: Session) -> tuple[int, ...]:
    """All machines, also those revoked."""
    return tuple(session.scalars(select(Device.id).order_by(Device.id)))


def delete_spans(session: Session, device_id: int, before_ms: int) -> int:
    """Delete one machine's spans that began before the beginning of a day (UTC); totals stay. How many went."""
    blocks = (SpanBlock.device_id == device_id, SpanBlock.start_ms < before_ms)
    packed = session.scalar(select(func.coalesce(func.sum(SpanBlock.spans), 0)).where(*blocks)) or 0
    changed(session, delete(SpanBlock).where(*blocks))
    rows = delete(SpanRow).where(SpanRow.device_id == device_id, SpanRow.start_ms < before_ms)
    return int(packed) + changed(session, rows)


def delete_cases(session: Session, before: date) -> int:
    """Delete cases whose period ended before a day, with all that was done and said in them."""
    old = select(Case.id).where(Case.last_day < before)
    said = changed(session, delete(Comment).where(Comment.case_id.in_(old)))
    done = changed(session, delete(CaseEvent).where(CaseEvent.case_id.in_(old)))
    return said + done + changed(session, delete(Case).where(Case.last_day < before))


def delete_comments(session: Session, before_ms: int) -> int:
    """Delete comments on stretches of time that ended before an instant; those in a case stay as long as the case."""
    return changed(session, delete(Comment).where(Comment.case_id.is_(None), Comment.to_ms < before_ms))


def delete_objections(session: Session, before_ms: int) -> int:
    """Delete objections that were decided or taken back before an instant; open ones stay until someone decides."""
    return changed(session, delete(ObjectionRow).where(ObjectionRow.decided_ms < before_ms))


def delete_receipts(session: Session, before_ms: int) -> int:
    """Delete receipts of batches received before an instant; sequence ranges still tell what has arrived."""
    return changed(session, delete(BatchRow).where(BatchRow.received_ms < before_ms))


def delete_sign_ins(session: Session, now_ms: int) -> int:
    """Delete sign-in links and sessions that ran out."""
    links = delete(SignInLink).where(SignInLink.expires_ms <= now_ms)
    return changed(session, links) + changed(session, delete(UserSession).where(UserSession.expires_ms <= now_ms))


def changed(session: Session, statement: Delete | Update) -> int:
    """Run a statement without reading rows back; how many it touched."""
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
