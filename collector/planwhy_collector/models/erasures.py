"""Erasures of people: what makes them provable, and lasting across a restore. Nothing here names anyone."""

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class ErasureRow(Base):
    """One person erased: a salted hash of the public id, when, by which account (None: command line), rows by table.

    Rows stay for good: a backup may be restored at any time, and a file may be imported again.
    """

    __tablename__ = "erasures"

    person: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    erased_ms: Mapped[int] = mapped_column(BigInteger)
    erased_by: Mapped[int | None] = mapped_column(BigInteger)
    counts: Mapped[str] = mapped_column(Text)
