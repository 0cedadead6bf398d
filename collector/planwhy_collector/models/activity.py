"""What agents sent: contexts, spans, the ledger that counts each exactly once, and declared gaps.

No foreign keys: every row of a device lives on one shard, and nothing here points at a table that may live
elsewhere. Every hot query starts with the device.
"""

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class ContextRow(Base):
    """A distinct (program, host, path, title), interned under a 64-bit keyed hash that needs no look-up.

    `titled_until` is the last day (ordinal) on which the context was seen; titles are blanked by retention.
    """

    __tablename__ = "contexts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app: Mapped[str | None] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    seen_day: Mapped[int] = mapped_column(Integer, index=True)

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  SQLAlchemy's own way to say it


class Epoch(Base):
    """One spool file of one device, under a number that is small enough for a block of spans.

    `first_ms` is when it was first heard of; `from_ms` and `until_ms` bound what it recorded with the focus.
    """

    __tablename__ = "epochs"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    epoch: Mapped[str] = mapped_column(Text)
    first_ms: Mapped[int] = mapped_column(BigInteger)
    from_ms: Mapped[int | None] = mapped_column(BigInteger)
    until_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("uq_epochs_device_id_epoch", "device_id", "epoch", unique=True),)


class SeqRange(Base):
    """A run of sequence numbers received or declared lost: the exact answer to "is this span new?"."""

    __tablename__ = "seq_ranges"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    first_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)


class BatchRow(Base):
    """The ledger of batches: the digest of what came and the receipt that was given for it."""

    __tablename__ = "batches"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    received_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)


class SpanBlock(Base):
    """Spans of one device, track and epoch that begin on one day (UTC), packed; see `queries.blocks`.

    Clustered by device, track and time. On PostgreSQL a month is a partition of its own.
    """

    __tablename__ = "span_blocks"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    track: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    first_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    spans: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = {  # noqa: RUF012  SQLAlchemy's own way to say it
        "sqlite_with_rowid": False,
        "postgresql_partition_by": "RANGE (start_ms)",  # the months themselves: queries/months.py
    }


class SpanRow(Base):
    """A span as the release before stored it, one a row. Read beside the blocks until it is moved there."""

    __tablename__ = "spans"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    start_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    epoch_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    context_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[int] = mapped_column(SmallInteger)
    track: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[int] = mapped_column(SmallInteger)
    mark: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  SQLAlchemy's own way to say it


class GapRow(Base):
    """Spans that a device declared lost, with the reason: shown wherever the time is shown."""

    __tablename__ = "gaps"

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    from_ms: Mapped[int] = mapped_column(BigInteger)
    to_ms: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)


class Word(Base):
    """Short words that span rows name by number: the sources and marks that agents use."""

    __tablename__ = "words"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(Text, unique=True)
