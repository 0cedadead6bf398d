"""Who reads the daily digest, and which mails went out. In: accounts, days. Out: readers, claims. Never: a text.

A mail is claimed before it is sent, and the claim is given back where it was certainly not taken: of several processes
one sends it.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from planwhy_collector.models import SentMail, User
from planwhy_collector.queries.upsert import inserting
from planwhy_collector.queries.users import UserFact, fact

READERS = ("employee", "supervisor", "admin")


def digest_readers(session: Session) -> tuple[UserFact, ...]:
    """Accounts that want the digest and have something to read in it, by e-mail."""
    query = select(User).where(User.disabled_ms.is_(None), User.digest.is_(True), User.role.in_(READERS))
    return tuple(fact(row) for row in session.scalars(query.order_by(User.email)))


def wants_digest(session: Session, user_id: int) -> bool:
    """Whether an account wants the digest."""
    return bool(session.scalar(select(User.digest).where(User.id == user_id)))


def set_digest(session: Session, user_id: int, wanted: bool) -> None:
    """Switch an account's digest on or off."""
    session.execute(update(User).where(User.id == user_id).values(digest=wanted))


def claim_mail(session: Session, kind: str, user_id: int, day: date, now_ms: int) -> bool:
    """Claim a mail of a day for an account; whether nobody had."""
    row = (
        inserting(session, SentMail).values(kind=kind, user_id=user_id, day=day, at_ms=now_ms).on_conflict_do_nothing()
    )
    return session.execute(row.returning(SentMail.user_id)).first() is not None


def give_back(session: Session, kind: str, user_id: int, day: date) -> None:
    """Give a claim back: the mail was not taken and may be sent again."""
    mine = (SentMail.kind == kind) & (SentMail.user_id == user_id) & (SentMail.day == day)
    session.execute(delete(SentMail).where(mine))


def forget_kind(session: Session, kind: str, user_id: int) -> None:
    """Delete an account's rows of a kind, of every day."""
    session.execute(delete(SentMail).where(SentMail.kind == kind, SentMail.user_id == user_id))


def claimed(session: Session, kind: str, days: Iterable[date]) -> set[tuple[int, date]]:
    """Which accounts' mails of these days are claimed."""
    query = select(SentMail.user_id, SentMail.day).where(SentMail.kind == kind, SentMail.day.in_(list(days)))
    return {(row.user_id, row.day) for row in session.execute(query)}


def mails_since(session: Session, kind: str, since_ms: int) -> int:
    """Count the mails of a kind since an instant."""
    query = select(func.count()).where(SentMail.kind == kind, SentMail.at_ms >= since_ms)
    return session.scalar(query) or 0


def forget_mails(session: Session, before_ms: int) -> int:
    """Delete the record of mails before an instant; how many."""
    gone = delete(SentMail).where(SentMail.at_ms < before_ms).returning(SentMail.user_id)
    return len(session.execute(gone).all())
