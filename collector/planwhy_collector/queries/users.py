"""People who sign in: accounts, their passwords and one-off links. Only hashes are stored.

In: e-mails, roles, hashes. Out: UserFact. Never: a password.
"""

from dataclasses import dataclass

from planwhy_shared.ids import new_key, new_token, secret_hash
from planwhy_shared.times import HOUR_MS
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.models import SignInLink, User

ROLES = ("employee", "supervisor", "admin", "council")
LOCALES = ("ru", "en")
LINK_HOURS = 24
_EMAIL_CHARS = 254
_SECRET_CHARS = 200


@dataclass(frozen=True, slots=True)
class UserFact:
    """Someone who may sign in. `employee_id` is the database key of the person whose own page this is."""

    id: int
    email: str
    name: str
    role: str
    employee_id: int | None
    locale: str | None


def add_user(
    session: Session,
    email: str,
    name: str,
    role: str,
    employee_id: int | None,
    now_ms: int,
    password_hash: str | None = None,
) -> int:
    """Add an account and return its key. Raises InvalidInput for a taken or malformed e-mail or an unknown role."""
    email = _checked_email(email)
    if role not in ROLES:
        raise InvalidInput(f"role {role!r}: expected one of {', '.join(ROLES)}")
    if role == "employee" and employee_id is None:
        raise InvalidInput("role 'employee' needs the employee whose page it opens")
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise InvalidInput(f"there is a user with the e-mail {email} already")
    user = User(
        id=new_key(), email=email, name=name.strip() or email, role=role, employee_id=employee_id,
        password_hash=password_hash, locale=None, created_ms=now_ms, disabled_ms=None,
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user.id


def user_by_email(session: Session, email: str) -> UserFact:
    """Find an account that is not disabled; case does not matter. Raises NotFound."""
    row = session.scalar(select(User).where(User.email == email.strip().lower(), User.disabled_ms.is_(None)))
    if row is None:
        raise NotFound(f"there is no user {email.strip()!r}")
    return fact(row)


def users(session: Session) -> tuple[UserFact, ...]:
    """List the accounts that are not disabled, by e-mail."""
    rows = session.scalars(select(User).where(User.disabled_ms.is_(None)).order_by(User.email))
    return tuple(fact(row) for row in rows)


def user_names(session: Session) -> dict[int, str]:
    """Name every account, disabled ones too, by key."""
    return {row.id: row.name for row in session.execute(select(User.id, User.name))}


def password_of(session: Session, email: str) -> tuple[UserFact, str] | None:
    """Find the account and password hash of an e-mail; None where there is no such account or no password."""
    row = session.scalar(select(User).where(User.email == email.strip().lower(), User.disabled_ms.is_(None)))
    return None if row is None or row.password_hash is None else (fact(row), row.password_hash)


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """Set or change an account's password."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


def set_locale(session: Session, user_id: int, locale: str) -> None:
    """Remember the language of an account. Raises InvalidInput for one that there is not."""
    if locale not in LOCALES:
        raise InvalidInput(f"language {locale!r}: expected one of {', '.join(LOCALES)}")
    session.execute(update(User).where(User.id == user_id).values(locale=locale))


def sign_in_link(session: Session, user_id: int, now_ms: int, hours: int = LINK_HOURS) -> str:
    """Make the token of a link `/sign-in/TOKEN` that works once within that many hours."""
    token = new_token()
    session.add(SignInLink(token_hash=secret_hash(token), user_id=user_id, expires_ms=now_ms + hours * HOUR_MS))
    session.flush()
    return token


def use_link(session: Session, token: str, now_ms: int) -> UserFact | None:
    """Spend a link and return its account; None where it is unknown, spent or too old. Of two at once one wins."""
    if (key := stored_form(token)) is None:
        return None
    spent = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == key, SignInLink.used_ms.is_(None), SignInLink.expires_ms > now_ms)
        .values(used_ms=now_ms)
        .returning(SignInLink.user_id)
    ).scalar_one_or_none()
    row = None if spent is None else session.scalar(select(User).where(User.id == spent, User.disabled_ms.is_(None)))
    return None if row is None else fact(row)


def stored_form(token: str) -> bytes | None:
    """The hash of a link, cookie or token; None for what none of ours looks like."""
    return secret_hash(token) if 0 < len(token) <= _SECRET_CHARS and token.isascii() else None


def fact(row: User) -> UserFact:
    """Read a row as plain data."""
    return UserFact(row.id, row.email, row.name, row.role, row.employee_id, row.locale)


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    local, at, host = email.partition("@")
    if not (local and at and host) or len(email) > _EMAIL_CHARS or any(c.isspace() or c == "\x00" for c in email):
        raise InvalidInput(f"e-mail {email[:80]!r}: expected such as name@example.com")
    return email
