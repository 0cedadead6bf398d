"""Months of spans on PostgreSQL are there before they are needed, refuse nothing, and go as a whole."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from activity_rows import at, enrol, hire
from ingesting import NOW_MS, Agents, batch, span
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.months import make_months
from planwhy_collector.jobs.prune import prune
from planwhy_collector.jobs.settle import settle
from planwhy_collector.models import DayTotal, SpanBlock
from planwhy_collector.queries import months
from planwhy_collector.queries.activity import spans_of
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_shared.times import Interval
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

DAY_MS = 86_400_000
SETTINGS = Settings(secret_key="tests", span_months=13)


def tables(database: Database) -> list[str]:
    with database.reading() as session:
        return [part.table.removeprefix("span_blocks_") for part in months.parts(session)]


def places(database: Database) -> dict[int, str]:
    """Where each span lies, by its number; they are a block each."""
    with database.reading() as session:
        rows = session.execute(text("SELECT first_seq, tableoid::regclass::text FROM span_blocks ORDER BY first_seq"))
        return {seq: table.removeprefix("span_blocks_") for seq, table in rows}


def send(database: Database, *days: int) -> Agents:
    """A machine that sends one span for each number of days ago; its number is that of the span."""
    agents = Agents(database)
    spans = [span(seq, NOW_MS - ago * DAY_MS, 60_000, state="active", app="xterm") for seq, ago in enumerate(days)]
    assert agents.send(agents.token(), batch("b1", spans)).get_json()["accepted"] == len(days)
    return agents


def test_months_reach_from_the_oldest_that_is_kept_to_two_ahead(on_postgres: Database) -> None:
    made = tables(on_postgres)
    assert (made[0], made[-3:]) == (
        "2025_10",
        ["2026_11", "2026_12", "2027_01"],
    )
    assert len(made) == 16
    assert make_months(on_postgres, SETTINGS, NOW_MS) == 0
    assert make_months(on_postgres, SETTINGS, at("2026-12-01 12:00")) == 1
    assert tables(on_postgres)[-1] == "2027_02"


def test_a_month_begins_and_ends_at_midnight_utc(on_postgres: Database) -> None:
    with on_postgres.reading() as session:
        november = next(part for part in months.parts(session) if part.table.endswith("2026_11"))
    assert (november.from_ms, november.to_ms) == (at("2026-11-01 03:00"), at("2026-12-01 03:00"))


def test_spans_of_any_time_are_stored_and_found(on_postgres: Database) -> None:
    agents = send(on_postgres, 0, 20, 200, 3_000)
    assert list(places(on_postgres).values()) == [
        "2026_11",
        "2026_10",
        "2026_05",
        "default",
    ]
    with on_postgres.reading() as session:
        for ago in (0, 20, 200, 3_000):
            start = NOW_MS - ago * DAY_MS
            assert len(spans_of(session, agents.employee_id, Interval(start, start + 1_000))) == 1


def test_what_waited_in_the_default_moves_when_its_month_is_made(on_postgres: Database) -> None:
    send(on_postgres, 3_000, 420)
    assert set(places(on_postgres).values()) == {"default"}
    assert make_months(on_postgres, Settings(secret_key="tests", span_months=14), NOW_MS) == 1
    assert places(on_postgres) == {0: "default", 1: "2025_09"}


def test_two_that_make_and_drop_months_at_once_do_each_once(on_postgres: Database) -> None:
    send(on_postgres, 390, 0)
    later = NOW_MS + 60 * DAY_MS

    def run(number: int) -> int:
        with Database(on_postgres.url) as own:
            return make_months(own, SETTINGS, later) if number % 2 else prune(own, SETTINGS, later)

    with ThreadPoolExecutor(6) as pool:
        did = list(pool.map(run, range(6)))
    assert sum(did[1::2]) == 2
    assert tables(on_postgres)[::15] == ["2025_12", "2027_03"]
    assert list(places(on_postgres)) == [1]


def totals(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        query = select(DayTotal.day, DayTotal.presence, DayTotal.working_ms, DayTotal.other_ms)
        return sorted(tuple(row) for row in session.execute(query))


def test_old_months_go_as_a_whole_and_the_totals_of_their_days_stay(on_postgres: Database) -> None:
    agents, later = send(on_postgres, 380, 370, 350, 3_000, 1), NOW_MS + 40 * DAY_MS
    settle(on_postgres, later)
    before = totals(on_postgres)
    assert prune(on_postgres, SETTINGS, later) >= 3
    assert tables(on_postgres)[0] == "2025_11"
    assert set(places(on_postgres)) == {2, 4}
    with on_postgres.writing() as session:
        mark_dirty(session, agents.employee_id, [day for day, *_ in before])
    assert settle(on_postgres, later) == 5
    assert totals(on_postgres) == before


def test_months_that_cannot_be_had_now_hold_up_nobody(on_postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planwhy_collector.queries.months.LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr("planwhy_collector.jobs.months.PAUSES_S", (0.1,))
    later = NOW_MS + 60 * DAY_MS
    with on_postgres.reading() as reader:
        reader.execute(select(func.count()).select_from(SpanBlock))
        for work in (make_months, prune):
            with pytest.raises(OperationalError, match="lock timeout"):
                work(on_postgres, SETTINGS, later)
        send(on_postgres, 0)
    assert make_months(on_postgres, SETTINGS, later) == 2


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """The plans of all reads of spans within the block."""
    asked: list[tuple[str, object]] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, r, sql, values, *_: asked.append((sql, values)))
    found: list[str] = []
    yield found
    with database.engine.connect() as connection:
        for sql, values in [one for one in asked if "FROM span_blocks" in one[0]]:
            found.append("\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", values).scalars()))


def test_reading_a_day_touches_no_month_that_it_cannot_lie_in(on_postgres: Database) -> None:
    person = hire(on_postgres)
    enrol(on_postgres, person)
    day = Interval(at("2026-11-10 00:00"), at("2026-11-11 00:00"))
    with plans(on_postgres) as found, on_postgres.reading() as session:
        spans_of(session, person.id, day)
    touched = [set(re.findall(r"on span_blocks_(\w+)", plan)) for plan in found]
    assert touched == [{"2026_10", "2026_11"}, {"2026_11"}]
    assert not any("Seq Scan" in plan for plan in found)
