"""What a model proposes for hosts and programs that no rule knows. In: sessions, proposals. Out: what is stored.

Never: a title, a path or a person; a proposal that labels anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import delete, exists, func, insert, select, text
from sqlalchemy.orm import Session

from planwhy_collector.classify.subject import Subject, SubjectKind
from planwhy_collector.models import SuggestionRow, VerdictRow
from planwhy_collector.queries.upsert import chunks
from planwhy_collector.suggest.guess import UNSURE

_KINDS: Mapping[str, SubjectKind] = {kind: kind for kind in get_args(SubjectKind)}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed category: how likely it is (0–1), when it was made (ms), and under which rules."""

    category: str
    confidence: float
    made_ms: int
    version: str

    @property
    def sure(self) -> bool:
        """Whether it is worth showing."""
        return self.confidence >= UNSURE


def suggestions_by_subject(session: Session) -> dict[Subject, Suggestion]:
    """All suggestions there are."""
    rows = session.scalars(select(SuggestionRow))
    return {
        Subject(_KINDS[row.kind], row.subject): Suggestion(row.category, row.confidence, row.made_ms, row.version)
        for row in rows
    }


def replace_suggestions(session: Session, suggestions: Mapping[Subject, Suggestion]) -> None:
    """Put these in place of all that there are. Whoever does it at the same time waits, and then replaces them."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's writers take turns anyway
        session.execute(text("LOCK TABLE suggestions IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(delete(SuggestionRow))
    rows = [
        {
            "kind": subject.kind,
            "subject": subject.name,
            "category": one.category,
            "confidence": one.confidence,
            "made_ms": one.made_ms,
            "version": one.version,
        }
        for subject, one in sorted(suggestions.items())
    ]
    for part in chunks(rows):
        session.execute(insert(SuggestionRow), list(part))


def last_suggested(session: Session) -> tuple[int, str] | None:
    """When the suggestions were made (ms) and under which rules; None where there are none."""
    query = select(func.max(SuggestionRow.made_ms), func.max(SuggestionRow.version))
    made_ms, version = session.execute(query).one()
    return None if made_ms is None else (made_ms, version)


def is_anything_unclassified(session: Session) -> bool:
    """Whether a stored verdict says that no rule knows a context."""
    return bool(session.scalar(select(exists().where(VerdictRow.rule == ""))))
