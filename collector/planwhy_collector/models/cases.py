"""Cases of missed plans, what people say in them, who was let in, and who looked."""

from datetime import date

from sqlalchemy import BigInteger, Float, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class Case(Base):
    """A missed plan under discussion. It opens a person's detail for its period until `detail_until_ms`."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    employee_id: Mapped[int] = mapped_column(BigInteger)
    first_day: Mapped[date] = mapped_column()
    last_day: Mapped[date] = mapped_column()
    period: Mapped[str] = mapped_column(Text)
    opened_ms: Mapped[int] = mapped_column(BigInteger)
    opened_by: Mapped[int | None] = mapped_column(BigInteger)  # None: by rule
    reason: Mapped[str] = mapped_column(Text)
    detail_until_ms: Mapped[int] = mapped_column(BigInteger)
    conclusion: Mapped[str | None] = mapped_column(String(32))
    conclusion_text: Mapped[str | None] = mapped_column(Text)
    concluded_by: Mapped[int | None] = mapped_column(BigInteger)
    concluded_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("uq_cases_employee_id_first_day_last_day", "employee_id", "first_day", "last_day", unique=True),
    )


class CaseEvent(Base):
    """What was done in a case, kept for its history. Rows are only added.

    `kind`: opened, recognised, withdrawn, adjusted, concluded, reopened, extended. `what` is a circumstance or a
    conclusion; an adjustment holds the target before and after.
    """

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(32), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    old_value: Mapped[float | None] = mapped_column(Float)
    new_value: Mapped[float | None] = mapped_column(Float)


class Comment(Base):
    """What a person says of a case or of a stretch of time, before anyone concludes."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    employee_id: Mapped[int] = mapped_column(BigInteger, index=True)
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    from_ms: Mapped[int | None] = mapped_column(BigInteger)
    to_ms: Mapped[int | None] = mapped_column(BigInteger)


class Grant(Base):
    """Detail opened without a case: purpose, typed reason, person, range, at most four hours."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger)
    employee_id: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    from_ms: Mapped[int] = mapped_column(BigInteger)
    to_ms: Mapped[int] = mapped_column(BigInteger)
    granted_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_grants_user_id_employee_id", "user_id", "employee_id"),)


class Look(Base):
    """One look at a person's detail. Rows are only ever added; each carries the hash of the one before it."""

    __tablename__ = "looks"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    employee_id: Mapped[int] = mapped_column(BigInteger, index=True)
    what: Mapped[str] = mapped_column(String(32))
    via: Mapped[str] = mapped_column(String(16))
    from_ms: Mapped[int] = mapped_column(BigInteger)
    to_ms: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
