"""A case's one history: what was done in it and what people said, in order of time. In: events, comments. Out: entries.

Never: a look at detail; looks have a log of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planwhy_collector.queries.case_events import EventFact
from planwhy_collector.queries.cases import CommentFact


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `by` None: by rule. `kind` is an event's, or `comment`; `stretch` is what a comment is about, ms."""

    at_ms: int
    id: int
    by: int | None
    kind: str
    what: str = ""
    text: str = ""
    values: tuple[float, float] | None = None
    stretch: tuple[int, int] | None = None


def history(events: Iterable[EventFact], comments: Iterable[CommentFact]) -> tuple[Entry, ...]:
    """Merge events and comments, the oldest first."""
    both = [*map(_event, events), *map(_comment, comments)]
    return tuple(sorted(both, key=lambda entry: (entry.at_ms, entry.id)))


def _event(one: EventFact) -> Entry:
    known = one.old_value is not None and one.new_value is not None
    values = (one.old_value or 0.0, one.new_value or 0.0) if known else None
    return Entry(one.at_ms, one.id, one.user_id, one.kind, one.what, one.text, values)


def _comment(one: CommentFact) -> Entry:
    about = (one.from_ms, one.to_ms) if one.from_ms is not None and one.to_ms is not None else None
    return Entry(one.at_ms, one.id, one.user_id, "comment", text=one.text, stretch=about)
