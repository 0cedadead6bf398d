"""What has lived long enough goes. In: instants and days. Out: how many rows went. Never: anything younger."""

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from planwhy_collector.models import BatchRow, ContextRow, SignInLink, SpanRow, UserSession


def blank_titles(session: Session, before_day: int) -> int:
    """Blank titles and paths of contexts last seen before a day (proleptic ordinal); verdicts and totals stay."""
    old = update(ContextRow).where(
        ContextRow.seen_day < before_day, or_(ContextRow.title.is_not(None), ContextRow.path.is_not(None))
    )
    return len(session.execute(old.values(title=None, path=None).returning(ContextRow.id)).all())


def delete_spans(session: Session, before_ms: int) -> int:
    """Delete spans that started before an instant; totals stay."""
    gone = session.execute(delete(SpanRow).where(SpanRow.start_ms < before_ms).returning(SpanRow.seq))
    return len(gone.all())


def delete_receipts(session: Session, before_ms: int) -> int:
    """Delete receipts of batches received before an instant; sequence ranges still tell what has arrived."""
    gone = session.execute(delete(BatchRow).where(BatchRow.received_ms < before_ms).returning(BatchRow.batch_id))
    return len(gone.all())


def delete_sign_ins(session: Session, now_ms: int) -> int:
    """Delete sign-in links and sessions that ran out."""
    links = session.execute(delete(SignInLink).where(SignInLink.expires_ms <= now_ms).returning(SignInLink.user_id))
    signed = session.execute(delete(UserSession).where(UserSession.expires_ms <= now_ms).returning(UserSession.user_id))
    return len(links.all()) + len(signed.all())
