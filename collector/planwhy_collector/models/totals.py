"""Verdicts on contexts, and the two levels of day totals. All of it can be made again from spans and rules."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base

CLUSTERED = {"sqlite_with_rowid": False}
"""On SQLite the rows lie in the tree of their key, which would otherwise repeat all of it."""


class RuleSetRow(Base):
    """A version of the classification rules: its text digest, when it last came into force, who put it there.

    `body` is JSON: `own` is the installation's own text; `digests` names the product's texts and the packs that lie in
    `rule_texts`. Rows of earlier releases hold them as `texts`.

    `stage` says how far its change of the past has come: 0 verdicts are being made anew, 1 all stored verdicts hold
    under it and days are being added up, 2 done; -1 says of the rules before those in force that it had come that far.
    """

    __tablename__ = "rule_sets"

    version: Mapped[str] = mapped_column(Text, primary_key=True)
    applied_ms: Mapped[int] = mapped_column(BigInteger)
    applied_by: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    stage: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class RuleTextRow(Base):
    """A text of rules, compressed, under the digest of what it says: versions share it."""

    __tablename__ = "rule_texts"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class RuleEvent(Base):
    """What was done to the rules, kept for their history. Rows are only added.

    `kind`: applied, decided, left, pack, restored, release. `note` says what was done, in words of the rules.
    """

    __tablename__ = "rule_events"

    at_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)


class SuggestionRow(Base):
    """What a model proposes for a host or program that no rule knows. Replaced whole each time it is asked."""

    __tablename__ = "suggestions"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Float)
    made_ms: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(Text)


class ObjectionRow(Base):
    """A person's objection to what a host or program counts for, until someone decides it, and then with the answer.

    `label`, `category`, `area`, `rule` are what was said when the person objected.
    """

    __tablename__ = "objections"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    employee_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(String(8))
    rule: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    decided_ms: Mapped[int | None] = mapped_column(BigInteger)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    accepted: Mapped[bool | None] = mapped_column(Boolean)
    answer: Mapped[str] = mapped_column(Text, default="")


class VerdictRow(Base):
    """What the rules say of a context for a profile. Empty text stands for "not classified".

    `version` is the one that said so first; later ones whose stage is past 0 say the same.
    """

    __tablename__ = "verdicts"

    context_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    profile: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(String(8))
    entity_type: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)

    __table_args__ = CLUSTERED


class RejudgedRow(Base):
    """A verdict whose meaning turned with a change of rules, kept until all days hold the new one.

    `step_ms` is the instant of the change; `old` and `new` are the two verdicts as JSON.
    """

    __tablename__ = "rejudged"

    context_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    profile: Mapped[str] = mapped_column(Text, primary_key=True)
    step_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)

    __table_args__ = CLUSTERED


class Day(Base):
    """Whether a person's day is settled: `revised_ms` says it came out differently later.

    `dirty` asks for more: 0 nothing, 1 new verdicts on the first level, 2 all of it from the spans. A `frozen` day's
    spans are gone by retention: its first level stands whatever `dirty` asks.
    """

    __tablename__ = "days"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    dirty: Mapped[int] = mapped_column(SmallInteger, index=True)
    frozen: Mapped[bool] = mapped_column(Boolean, default=False)
    settled_ms: Mapped[int | None] = mapped_column(BigInteger)
    revised_ms: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(Text, default="")


class DayContext(Base):
    """First level, from spans: milliseconds of a day by presence and context, within and outside working hours."""

    __tablename__ = "day_contexts"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    presence: Mapped[str] = mapped_column(String(8), primary_key=True)
    context_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    working_ms: Mapped[int] = mapped_column(Integer)
    other_ms: Mapped[int] = mapped_column(Integer)

    __table_args__ = CLUSTERED


class DayTotal(Base):
    """Second level, from the first and the verdicts: what pages and explanations add up."""

    __tablename__ = "day_totals"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    presence: Mapped[str] = mapped_column(String(8), primary_key=True)
    label: Mapped[str] = mapped_column(String(8), primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    area: Mapped[str] = mapped_column(String(8), primary_key=True)
    entity_type: Mapped[str] = mapped_column(String(16), primary_key=True)
    entity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    working_ms: Mapped[int] = mapped_column(Integer)
    other_ms: Mapped[int] = mapped_column(Integer)

    __table_args__ = CLUSTERED
