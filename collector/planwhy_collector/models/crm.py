"""What the CRM knows: clients, deals, tasks, contacts, absences. Keys are the ids that the CRM or the import gave."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base, Money


class Client(Base):
    """A client in someone's care from `since` to `until` (both days included)."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    employee_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    since: Mapped[date | None] = mapped_column()
    until: Mapped[date | None] = mapped_column()
    monthly_payment: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger)


class Deal(Base):
    """A deal. Won deals of the kinds `new` and `upsell` are the contracts of the plan; `recurring` is service."""

    __tablename__ = "deals"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    client_id: Mapped[str | None] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str | None] = mapped_column(String(3))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    closed_ms: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(8))
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_deals_employee_id_closed_ms", "employee_id", "closed_ms"),)


class Task(Base):
    """A task. A date-only deadline is stored as the end of that day in the person's zone and says so."""

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    deadline_ms: Mapped[int | None] = mapped_column(BigInteger)
    deadline_is_day: Mapped[bool] = mapped_column(Boolean, default=False)
    closed_ms: Mapped[int | None] = mapped_column(BigInteger)
    entity_type: Mapped[str] = mapped_column(String(16), default="")
    entity_id: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(Text, default="")
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_tasks_employee_id_deadline_ms", "employee_id", "deadline_ms"),
        Index("ix_tasks_entity_id_entity_type", "entity_id", "entity_type"),
    )


class TaskChange(Base):
    """What happened to a task: `field` is deadline, owner, closed, reopened or deleted. Rows are only added.

    A change of deadline holds both instants, a change of owner both people; None stands for "none". `seen_ms` says
    when this installation learned of it, `at_ms` when it happened. They stay as long as the task does: a past month is
    explained by what its tasks were then.
    """

    __tablename__ = "task_changes"

    task_id: Mapped[str] = mapped_column(Text, primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    field: Mapped[str] = mapped_column(String(8), primary_key=True)
    old_ms: Mapped[int | None] = mapped_column(BigInteger)
    new_ms: Mapped[int | None] = mapped_column(BigInteger)
    old_owner: Mapped[int | None] = mapped_column(BigInteger, index=True)
    new_owner: Mapped[int | None] = mapped_column(BigInteger)
    seen_ms: Mapped[int] = mapped_column(BigInteger)


class Contact(Base):
    """A completed call, meeting, letter or message."""

    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(8))
    duration_s: Mapped[int] = mapped_column(BigInteger, default=0)
    deal_id: Mapped[str | None] = mapped_column(Text, index=True)
    client_id: Mapped[str | None] = mapped_column(Text, index=True)
    task_id: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_contacts_employee_id_at_ms", "employee_id", "at_ms"),)


class Absence(Base):
    """Days on which a person was away, first and last included."""

    __tablename__ = "absences"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    last_day: Mapped[date] = mapped_column()
    approved: Mapped[bool] = mapped_column(Boolean)
