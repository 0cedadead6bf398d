"""The pieces a person's time is cut into. They partition it: no overlap, no hole.

In: nothing. Out: the types between partition, judgement and totals. There are millions of them, so they are structs
that the garbage collector does not follow: they hold plain values only.
"""

from datetime import date

from msgspec import Struct

from planwhy_collector.facts import Area, EntityRef, Label, Presence


class Piece(Struct, frozen=True, gc=False):
    """A stretch with one presence and one context (0: none). `working` says if it lies in working hours."""

    start_ms: int
    end_ms: int
    presence: Presence
    context_id: int
    working: bool

    @property
    def ms(self) -> int:
        """Its length."""
        return self.end_ms - self.start_ms


class Judged(Struct, frozen=True, gc=False):
    """A piece with its verdict. `label` is None for unclassified contexts and for all but active and call."""

    start_ms: int
    end_ms: int
    presence: Presence
    context_id: int
    working: bool
    label: Label | None
    category: str | None
    area: Area | None
    entity: EntityRef | None

    @property
    def ms(self) -> int:
        """Its length."""
        return self.end_ms - self.start_ms


class ContextTotal(Struct, frozen=True, gc=False):
    """First level: a day's time by presence and context."""

    day: date
    presence: Presence
    context_id: int
    working_ms: int
    other_ms: int


class Total(Struct, frozen=True, gc=False):
    """Second level: a day's time by presence, label, category, area and CRM card."""

    day: date
    presence: Presence
    label: Label | None
    category: str | None
    area: Area | None
    entity: EntityRef | None
    working_ms: int
    other_ms: int
