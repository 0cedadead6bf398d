"""Moves spans that the release before stored as rows into blocks. Query → query; may run twice, also while it writes.

Never: a moment in which a reader finds a span twice or not at all.
"""

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.queries.spans import pack_rows


def pack(database: Database, _settings: Settings, _now_ms: int) -> int:
    """Move all rows there are, a part at a time; how many."""
    moved = 0
    while True:
        with database.writing() as session:
            part = pack_rows(session)
        if not part:
            return moved
        moved += part
