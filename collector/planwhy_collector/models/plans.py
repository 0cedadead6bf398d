"""Plans with the assumptions they were made from. Assumptions, once filled, never change."""

from datetime import date

from sqlalchemy import BigInteger, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class Plan(Base):
    """A target of one person for one period. Shares are 0–1, rates per sales hour, hours are hours.

    `sources` says of each assumption where it came from: `given`, `own`, `team`, or `none` (JSON object). A plan made
    from workload also keeps `clients` in care and `hours_per_client` of the whole period.
    """

    __tablename__ = "plans"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(16), primary_key=True)
    period: Mapped[str] = mapped_column(Text)
    target: Mapped[float] = mapped_column(Float)
    currency: Mapped[str | None] = mapped_column(String(3))
    expected_hours: Mapped[float | None] = mapped_column(Float)
    attendance: Mapped[float | None] = mapped_column(Float)
    focus: Mapped[float | None] = mapped_column(Float)
    sales_share: Mapped[float | None] = mapped_column(Float)
    contact_rate: Mapped[float | None] = mapped_column(Float)
    late_share: Mapped[float | None] = mapped_column(Float)
    conversion_on_time: Mapped[float | None] = mapped_column(Float)
    conversion_late: Mapped[float | None] = mapped_column(Float)
    deal_value: Mapped[float | None] = mapped_column(Float)
    sources: Mapped[str] = mapped_column(Text, default="{}")
    made_ms: Mapped[int] = mapped_column(BigInteger)
    filled_ms: Mapped[int | None] = mapped_column(BigInteger)
    clients: Mapped[float | None] = mapped_column(Float)
    hours_per_client: Mapped[float | None] = mapped_column(Float)
    made_by: Mapped[str] = mapped_column(Text, default="", server_default="")


class PlanChange(Base):
    """A target that was changed after it was set: by an import, by hand, or in a case.

    Rows are only added, and stay as long as plans do: a target without its history could not be trusted.
    """

    __tablename__ = "plan_changes"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(16), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    old_target: Mapped[float] = mapped_column(Float)
    new_target: Mapped[float] = mapped_column(Float)
    changed_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(BigInteger)


class PayScheme(Base):
    """What a month brings, declared as text, from a day on, until the next such row.

    Rows stay: what a past month brought is computed from the scheme that was in force on its first day.
    """

    __tablename__ = "pay_schemes"

    since: Mapped[date] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    applied_ms: Mapped[int] = mapped_column(BigInteger)
    applied_by: Mapped[str] = mapped_column(Text)
