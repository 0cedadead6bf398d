"""What agents record, as declared. In: texts already checked. Out: texts as stored. Never: one changed later."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.models import RecordingRow, Team
from planwhy_collector.queries.upsert import upsert


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A text, when and by whom it was put in force, and since when each team's people are asked for its notice."""

    applied_ms: int
    body: str
    applied_by: str
    asked: tuple[tuple[str, int], ...]


def recording_in_force(session: Session) -> StoredRecording | None:
    """Find the text in force; None where none was ever applied."""
    found = session.scalar(select(RecordingRow).order_by(RecordingRow.applied_ms.desc()).limit(1))
    return _stored(found) if found else None


def recordings(session: Session) -> tuple[StoredRecording, ...]:
    """List all texts that were in force, the earliest first."""
    return tuple(_stored(row) for row in session.scalars(select(RecordingRow).order_by(RecordingRow.applied_ms)))


def store_recording(session: Session, at_ms: int, body: str, by: str, asked: Mapping[str, int]) -> None:
    """Put a text in force from now on."""
    told = msgspec.json.encode(dict(sorted(asked.items()))).decode()
    upsert(session, RecordingRow, [{"applied_ms": at_ms, "body": body, "applied_by": by, "asked": told}])


def team_names(session: Session) -> frozenset[str]:
    """The names of all teams."""
    return frozenset(session.scalars(select(Team.name)))


def _stored(row: RecordingRow) -> StoredRecording:
    asked = msgspec.json.decode(row.asked, type=dict[str, int])
    return StoredRecording(row.applied_ms, row.body, row.applied_by, tuple(sorted(asked.items())))
