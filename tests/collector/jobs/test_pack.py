"""Spans stored by the release before are read as they are, and after they were moved into blocks."""

import pytest
from activity_rows import at, enrol, hire
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.pack import pack
from planwhy_collector.models import SpanRow
from planwhy_collector.queries import spans
from planwhy_collector.queries.activity import spans_of
from planwhy_shared.times import Interval
from sqlalchemy import func, select

DAY = Interval(at("2026-10-05 00:00"), at("2026-10-06 00:00"))


@pytest.fixture
def anna(either: Database) -> Person:
    return hire(either)


def store_rows(database: Database, device: int, epoch_no: int) -> None:
    with database.writing() as session:
        for n in range(150):
            start = at("2026-10-05 09:00") + n * 60_000
            session.add(
                SpanRow(
                    device_id=device, start_ms=start, epoch_no=epoch_no, seq=n, end_ms=start + 60_000,
                    context_id=n % 7, state=n % 3, track=int(n % 5 == 0), source=0, mark=0,
                )
            )  # fmt: skip


def seen(database: Database, who: Person) -> list[object]:
    with database.reading() as session:
        return [spans_of(session, who.id, DAY, track) for track in ("focus", "open")]


def test_moving_rows_changes_nothing_that_anyone_reads(
    either: Database, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "PACKED_ROWS", 40)
    for epoch_no in (0, 1):
        store_rows(either, enrol(either, anna), epoch_no)
    before = seen(either, anna)
    assert pack(either, Settings(secret_key="tests"), 0) == 300
    assert seen(either, anna) == before
    assert len(before[0]) == 240
    with either.reading() as session:
        assert session.scalar(select(func.count()).select_from(SpanRow)) == 0
    assert pack(either, Settings(secret_key="tests"), 0) == 0
