"""Grants: detail opened without a case. In: purpose, typed reason, person, range. Out: facts. Never: who may ask."""

from dataclasses import dataclass

from planwhy_shared.ids import new_key
from planwhy_shared.times import HOUR_MS, Interval
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput
from planwhy_collector.models import Grant

PURPOSES = ("overdue_task", "client_complaint", "support_request", "workload_review", "person_asked", "security")
PERSON_ASKED = "person_asked"
REASON_CHARS = 20
"""The least a typed reason holds."""
LONGEST_REASON = 1_000
GRANT_HOURS = 4
"""The longest time a grant is open."""
RANGE_DAYS = 31
"""The longest range of days one grant opens."""


@dataclass(frozen=True, slots=True)
class GrantFact:
    """Detail of one person, opened to one user for one range (ms) until `expires_ms`."""

    id: int
    user_id: int
    employee_id: int
    purpose: str
    reason: str
    range: Interval
    granted_ms: int
    expires_ms: int


def add_grant(
    session: Session, user_id: int, employee_id: int, purpose: str, reason: str, bounds: Interval, now_ms: int
) -> GrantFact:
    """Write down a grant of four hours. Raises InvalidInput that names the field and its limit."""
    reason = _checked(purpose, reason, bounds)
    row = Grant(
        id=new_key(), user_id=user_id, employee_id=employee_id, purpose=purpose, reason=reason,
        from_ms=bounds.start_ms, to_ms=bounds.end_ms, granted_ms=now_ms, expires_ms=now_ms + GRANT_HOURS * HOUR_MS,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _fact(row)


def grants_open(session: Session, user_id: int, employee_id: int, now_ms: int) -> tuple[GrantFact, ...]:
    """List a user's grants on a person that have not ended, the newest first."""
    query = select(Grant).where(Grant.user_id == user_id, Grant.employee_id == employee_id, Grant.expires_ms > now_ms)
    return tuple(_fact(row) for row in session.scalars(query.order_by(Grant.granted_ms.desc())))


def checked_reason(reason: str) -> str:
    """A typed reason on one line. Raises InvalidInput for one that is too short or too long."""
    reason = " ".join(reason.replace("\x00", "").split())
    if len(reason) < REASON_CHARS:
        raise InvalidInput(f"reason: {len(reason)} characters, at least {REASON_CHARS} are needed")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"reason: longer than {LONGEST_REASON} characters")
    return reason


def _checked(purpose: str, reason: str, bounds: Interval) -> str:
    if purpose not in PURPOSES:
        raise InvalidInput(f"purpose {purpose[:40]!r}: expected one of {', '.join(PURPOSES)}")
    reason = checked_reason(reason)
    if bounds.end_ms <= bounds.start_ms:
        raise InvalidInput("range: ends before it begins")
    if bounds.ms > (RANGE_DAYS * 24 + 1) * HOUR_MS:  # one hour more where summer time ends within
        raise InvalidInput(f"range: longer than {RANGE_DAYS} days")
    return reason


def _fact(row: Grant) -> GrantFact:
    return GrantFact(
        row.id, row.user_id, row.employee_id, row.purpose, row.reason,
        Interval(row.from_ms, row.to_ms), row.granted_ms, row.expires_ms,
    )  # fmt: skip
