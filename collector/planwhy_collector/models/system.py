"""What the collector keeps for itself: its keys, and which process runs which tick of a job."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class Secret(Base):
    """A key made once and kept with the data: contexts are hashed with it, cookies signed with it."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class RecordingRow(Base):
    """What agents record, declared as text, from the moment on that it was applied, until the next such row.

    `asked` is JSON: for each team ("" for everybody) since when its people are asked to acknowledge the notice. Rows
    stay: they tell what was recorded when.
    """

    __tablename__ = "recording_policies"

    applied_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    applied_by: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)


class JobRun(Base):
    """A claim on one tick of one job: whoever inserts it runs it; a lease that ran out may be taken over."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(Text, primary_key=True)
    slot_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    lease_until_ms: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(8))  # running, done, failed
    error: Mapped[str | None] = mapped_column(Text)
