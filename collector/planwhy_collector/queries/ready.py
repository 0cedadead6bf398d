"""Whether the database answers at this release's schema."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.models import Secret


def answers(session: Session) -> bool:
    """Ask the smallest question. Raises SQLAlchemyError where the database is away or has another schema."""
    session.execute(select(Secret.name).limit(1)).all()
    return True
