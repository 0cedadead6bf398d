"""Ways to stay signed in: browser sessions and personal API tokens. Only hashes are stored.

In: secrets as browsers and scripts send them. Out: the account behind a secret, or None. Never: the secret again.
"""

from dataclasses import dataclass

from planwhy_shared.ids import new_token, secret_hash
from planwhy_shared.times import HOUR_MS
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from planwhy_collector.models import ApiToken, User, UserSession
from planwhy_collector.queries.users import UserFact, fact, stored_form

SESSION_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class TokenFact:
    """A personal API token as its owner sees it; `hash_hex` names it, the token itself is not kept."""

    hash_hex: str
    label: str
    created_ms: int
    expires_ms: int | None


def open_session(session: Session, user_id: int, now_ms: int) -> str:
    """Sign a browser in and return its cookie's value. Sessions that ended are swept on the way."""
    session.execute(delete(UserSession).where(UserSession.expires_ms <= now_ms))
    token = new_token()
    ends = now_ms + SESSION_HOURS * HOUR_MS
    row = UserSession(
        token_hash=secret_hash(token), user_id=user_id, created_ms=now_ms, seen_ms=now_ms, expires_ms=ends
    )
    session.add(row)
    session.flush()
    return token


def user_of_session(session: Session, token: str, now_ms: int) -> UserFact | None:
    """Find the account of a browser's cookie; None where it is unknown or has ended."""
    if (key := stored_form(token)) is None:
        return None
    owner = select(UserSession.user_id).where(UserSession.token_hash == key, UserSession.expires_ms > now_ms)
    return _account(session, User.id == owner.scalar_subquery())


def end_session(session: Session, token: str) -> None:
    """Sign a browser out."""
    session.execute(delete(UserSession).where(UserSession.token_hash == stored_form(token)))


def end_sessions_of(session: Session, user_id: int) -> None:
    """Sign an account out everywhere."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))


def add_api_token(session: Session, user_id: int, label: str, now_ms: int, days: int | None = 90) -> str:
    """Make a personal token for the reading API; None days: without an end."""
    token = new_token()
    expires = None if days is None else now_ms + days * 24 * HOUR_MS
    row = ApiToken(
        token_hash=secret_hash(token), user_id=user_id, label=label[:80], created_ms=now_ms, expires_ms=expires
    )
    session.add(row)
    session.flush()
    return token


def api_tokens_of(session: Session, user_id: int) -> tuple[TokenFact, ...]:
    """List an account's tokens, the oldest first."""
    rows = session.scalars(select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.created_ms))
    return tuple(TokenFact(row.token_hash.hex(), row.label, row.created_ms, row.expires_ms) for row in rows)


def drop_api_token(session: Session, user_id: int, hash_hex: str) -> bool:
    """Withdraw one of an account's own tokens; False where it has no such token."""
    try:
        key = bytes.fromhex(hash_hex)
    except ValueError:
        return False
    gone = delete(ApiToken).where(ApiToken.user_id == user_id, ApiToken.token_hash == key).returning(ApiToken.user_id)
    return session.execute(gone).first() is not None


def user_of_api_token(session: Session, token: str, now_ms: int) -> UserFact | None:
    """Find the account of a bearer token; None where it is unknown or has ended."""
    if (key := stored_form(token)) is None:
        return None
    alive = or_(ApiToken.expires_ms.is_(None), ApiToken.expires_ms > now_ms)
    owner = select(ApiToken.user_id).where(ApiToken.token_hash == key, alive)
    return _account(session, User.id == owner.scalar_subquery())


def _account(session: Session, condition: ColumnElement[bool]) -> UserFact | None:
    row = session.scalar(select(User).where(condition, User.disabled_ms.is_(None)))
    return None if row is None else fact(row)
