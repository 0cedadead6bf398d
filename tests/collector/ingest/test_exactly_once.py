"""Exactly once: the same batch again, other batches of the same spans in any order, late spans, new epochs."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from activity_rows import at
from crm_rows import plan
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingesting import Agents, batch, span
from ledgers import server_ledger
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.reporting import weekly_report
from planwhy_collector.models import Base
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.people import person
from planwhy_collector.report.html import weekly_html
from raw_http import RawCollector, replies, request
from sqlalchemy import select

CONNECTIONS, TIMES = 8, 1_000
WEEK = parse_period("2026-W46")
HOUR_MS = 3_600_000


def test_a_batch_sent_a_thousand_times_over_eight_connections_is_there_once(shipped: RawCollector) -> None:
    tokens = [shipped.device() for _ in range(2)]
    sent = [request(token, json.dumps(batch("b1", [span(n) for n in range(50)])).encode()) for token in tokens]
    before = shipped.stored()

    def send(turn: int) -> list[dict[str, object]]:
        with shipped.connect(60) as opened:
            answers = replies(opened)
            told = []
            for n in range(TIMES // CONNECTIONS):
                opened.sendall(sent[(turn + n) % 2])
                told.append(next(answers))
        assert {answer.status for answer in told} == {200}
        return [answer.json for answer in told]

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        receipts = [receipt for told in pool.map(send, range(CONNECTIONS)) for receipt in told]
    after = shipped.stored()
    assert [r["accepted"] for r in receipts] == [50] * TIMES
    assert sum("duplicate" not in r for r in receipts) == 2
    assert {t: after[t] - before[t] for t in ("spans", "batches", "epochs", "seq_ranges")} == {
        "spans": 100, "batches": 2, "epochs": 2, "seq_ranges": 2,
    }  # fmt: skip


@pytest.fixture
def packing(either: Database) -> Iterator[tuple[Agents, str, "count[int]"]]:
    agents = Agents(either)
    yield agents, agents.token(), count()


packs = st.lists(st.lists(st.integers(0, 12), max_size=8, unique=True), min_size=1, max_size=7)


@given(packs)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_spans_packed_in_any_way_and_order_count_once(
    packing: tuple[Agents, str, "count[int]"], packs: list[list[int]]
) -> None:
    agents, token, numbers = packing
    epoch, held = f"e{next(numbers)}", set[int]()
    for n, seqs in enumerate(packs):
        told = agents.send(token, batch(f"{epoch}-{n}", [span(s) for s in seqs], epoch=epoch)).get_json()
        assert (told["accepted"], told["duplicates"]) == (len(set(seqs) - held), len(set(seqs) & held))
        held |= set(seqs)
        through = next((s for s in range(min(held), 99) if s + 1 not in held), 0) if held else -1
        assert told["durable_through"] == through
    stored = server_ledger(agents.database, token)
    assert sorted(seq for one, seq, _, _ in stored.rows if one == epoch) == sorted(held)


def everything(database: Database) -> dict[str, list[object]]:
    with database.reading() as session:
        return {
            table.name: sorted(session.execute(select(table)).all(), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name != "devices"  # when it was last seen
        }


@pytest.mark.parametrize(
    "other",
    [
        batch("b1", [span(2)]),
        batch("b1", []),
        batch("b1", [span(1)], epoch="e2"),
        batch("b1", [span(1), span(1)]),
        batch("b1", [span(1, state="active")]),
        batch("b1", [span(1)], gaps=[{"from_ms": 1, "to_ms": 2, "count": 1, "reason": "evicted"}]),
    ],
)
def test_a_conflict_leaves_everything_as_it_was(either: Database, other: dict[str, object]) -> None:
    agents = Agents(either)
    token = agents.token()
    first = agents.send(token, batch("b1", [span(1)])).get_json()
    before = everything(either)
    refused = agents.send(token, other)
    assert (refused.status_code, refused.get_json()["error"]) == (409, "batch_conflict")
    assert everything(either) == before
    assert agents.send(token, batch("b1", [span(1)])).get_json() == first | {"duplicate": True}


def test_a_reinstalled_agent_counts_from_one_again_and_both_are_kept(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    for epoch in ("before", "after"):
        spans = [span(n, span(n + 50)["start_ms"] if epoch == "after" else None) for n in range(1, 6)]
        told = agents.send(token, batch(epoch, spans, epoch=epoch)).get_json()
        assert (told["accepted"], told["duplicates"], told["durable_through"]) == (5, 0, 5)
    assert len(server_ledger(either, token).numbers) == 10


def test_the_same_time_in_a_new_epoch_is_kept_too(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    for epoch in ("before", "after"):
        agents.send(token, batch(epoch, [span(1)], epoch=epoch))
    assert len(server_ledger(either, token).rows) == 2


def test_late_spans_of_last_week_revise_its_totals_and_the_report_says_so(either: Database) -> None:
    agents = Agents(either)
    token, start = agents.token(), at("2026-11-10 09:00")
    with either.reading() as session:
        who = person(session, "e1")
    plan(either, who, "2026-W46", 4.0)
    agents.send(token, batch("b1", [span(1, start, HOUR_MS)]))
    first = weekly_report(either, WEEK, None, agents.now_ms).people[0]
    agents.send(token, batch("b2", [span(2, start + HOUR_MS, HOUR_MS)]))
    later = weekly_report(either, WEEK, None, agents.now_ms + HOUR_MS)
    found = explain(either, "e1", WEEK, agents.now_ms + HOUR_MS, Settings(), "en")
    assert (first.coverage, first.revised) == (pytest.approx(1 / 40), ())
    assert later.people[0].coverage == pytest.approx(2 / 40)
    assert [(one.day, one.at[:10]) for one in later.people[0].revised] == [("2026-11-10", "2026-11-18")]
    assert (found.revised, found.coverage.recorded_hours) == (later.people[0].revised, pytest.approx(2.0))
    for locale, word in (("en", "Revised after the day was settled"), ("ru", "Пересчитано после закрытия дня")):
        assert word in weekly_html(later, locale)
