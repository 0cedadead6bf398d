"""Pay schemes. In: a day, a text already checked. Out: schemes as stored. Never: what anybody did."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.models import PayScheme
from planwhy_collector.queries.upsert import upsert


@dataclass(frozen=True, slots=True)
class SchemeFact:
    """A scheme's text, in force for the months that begin on `since` or later, until the next one."""

    since: date
    body: str
    applied_ms: int
    applied_by: str


def scheme_on(session: Session, day: date) -> SchemeFact | None:
    """Find the scheme in force on a day."""
    query = select(PayScheme).where(PayScheme.since <= day).order_by(PayScheme.since.desc()).limit(1)
    found = session.scalar(query)
    return _fact(found) if found else None


def pay_schemes(session: Session) -> tuple[SchemeFact, ...]:
    """List all schemes, the earliest first."""
    return tuple(_fact(row) for row in session.scalars(select(PayScheme).order_by(PayScheme.since)))


def store_scheme(session: Session, scheme: SchemeFact) -> None:
    """Add a scheme, or replace the one since the same day."""
    row = {"since": scheme.since, "body": scheme.body, "applied_ms": scheme.applied_ms, "applied_by": scheme.applied_by}
    upsert(session, PayScheme, [row])


def _fact(row: PayScheme) -> SchemeFact:
    return SchemeFact(row.since, row.body, row.applied_ms, row.applied_by)
