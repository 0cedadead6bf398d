"""Short words that stored spans name by number: the sources and marks that agents use.

In: words. Out: their numbers, 1 and up; 0: none. Never: a number that two words share, or a list without end.
"""

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from planwhy_collector.models import Word
from planwhy_collector.queries.upsert import inserting

MOST = 1000
"""More sources and marks than agents have; words after that are stored as none."""
_seen: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()
"""Words that some transaction found committed. A number never changes."""


def word_ids(session: Session, words: set[str]) -> dict[str, int]:
    """Find the numbers of words; new ones get the next numbers, also while others add theirs."""
    seen = _seen.setdefault(_engine(session), {})
    if words <= seen.keys():
        return seen
    known = words_by_name(session)
    seen.update(known)
    while (new := sorted(words - known.keys())) and len(known) < MOST:
        one = {"id": max(known.values(), default=0) + 1, "word": new[0]}
        session.execute(inserting(session, Word).values(one).on_conflict_do_nothing())
        known = words_by_name(session)
    return known


def words_by_name(session: Session) -> dict[str, int]:
    """All words with their numbers."""
    return {row.word: row.id for row in session.execute(select(Word.word, Word.id))}


def _engine(session: Session) -> Engine:
    return session.get_bind().engine
