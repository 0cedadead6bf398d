"""Ingest: exactly once, with a receipt, and refusals in the contract's words."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingesting import NOW_MS, Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import BatchRow, ContextRow, GapRow
from planwhy_collector.queries.ingest import _days
from planwhy_collector.queries.sequences import durable_through, joined, missing
from planwhy_shared.times import day_of
from planwhy_shared.wire import Span
from sqlalchemy import func, select
from stored_spans import seqs as stored

ZONES = ("Europe/Moscow", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "Africa/Monrovia")


@pytest.fixture
def agents(database: Database) -> Agents:
    return Agents(database)


def test_a_batch_is_stored_and_receipted(agents: Agents) -> None:
    active = span(42, state="active", app="chrome.exe", title="Сделка 5121", url="https://acme.bitrix24.ru/crm/")
    answer = agents.send(agents.token(), batch("b1", [span(41), active]))
    body = answer.get_json()
    assert answer.status_code == 200
    assert (body["accepted"], body["duplicates"], body["rejected"], body["durable_through"]) == (2, 0, [], 42)
    assert stored(agents.database) == [41, 42]


def test_the_same_batch_gets_the_same_answer_marked_as_duplicate(agents: Agents) -> None:
    token = agents.token()
    first = agents.send(token, batch("b1", [span(1), span(2)])).get_json()
    again = agents.send(token, batch("b1", [span(1), span(2)])).get_json()
    assert again == first | {"duplicate": True}
    assert stored(agents.database) == [1, 2]


def test_the_same_batch_over_eight_connections_leaves_one_copy(agents: Agents) -> None:
    token = agents.token()
    body = batch("b1", [span(n) for n in range(1, 50)])
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: agents.send(token, body).status_code, range(100)))
    assert set(codes) == {200}
    assert stored(agents.database) == list(range(1, 50))


def test_the_same_id_with_other_content_is_a_conflict(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", [span(1)]))
    answer = agents.send(token, batch("b1", [span(2)]))
    assert (answer.status_code, answer.get_json()["error"]) == (409, "batch_conflict")
    assert stored(agents.database) == [1]


def test_a_repacked_batch_counts_each_span_once(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", [span(n) for n in range(1, 11)]))
    body = agents.send(token, batch("b2", [span(n) for n in range(6, 16)])).get_json()
    assert (body["accepted"], body["duplicates"], body["durable_through"]) == (5, 5, 15)


def test_batches_in_reverse_order_fill_the_hole(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b2", [span(3), span(4)]))
    middle = agents.send(token, batch("b1", [span(1)])).get_json()
    last = agents.send(token, batch("b3", [span(2)])).get_json()
    assert (middle["durable_through"], last["durable_through"]) == (1, 4)


def test_a_declared_gap_is_kept_and_no_longer_awaited(agents: Agents) -> None:
    gap = {"from_ms": 1, "to_ms": 2, "count": 2, "reason": "evicted", "first_seq": 2, "last_seq": 3}
    body = agents.send(agents.token(), batch("b1", [span(1), span(4)], gaps=[gap])).get_json()
    with agents.database.reading() as session:
        assert session.scalar(select(GapRow.reason)) == "evicted"
    assert body["durable_through"] == 4


@pytest.mark.parametrize(
    "bad",
    [
        {"seq": 2, "start_ms": 5, "end_ms": 1, "state": "idle"},
        {"seq": 2, "start_ms": "5", "end_ms": 6, "state": "idle"},
        {"seq": 2, "start_ms": NOW_MS, "end_ms": NOW_MS + 3 * 86_400_000, "state": "idle"},
        {"seq": 2, "start_ms": NOW_MS, "end_ms": NOW_MS, "state": "asleep?"},
        {"seq": 2, "start_ms": NOW_MS, "end_ms": NOW_MS, "state": "idle", "title": "x" * 2000},
        {"seq": 2, "start_ms": True, "end_ms": 1.5, "state": None},
        {"seq": -2, "start_ms": 0, "end_ms": 0, "state": "idle"},
        {"seq": 2, "start_ms": 0, "end_ms": 32 * 86_400_000, "state": "idle"},
        {"seq": 2, "start_ms": 0, "end_ms": 0, "state": "idle", "source": "\x00"},
        {"seq": 2, "start_ms": 0, "end_ms": 0, "state": "idle", "junk": "x" * 20_000},
        {"seq": 2},
        [1, 2],
        None,
        "span",
    ],
)
def test_a_bad_span_is_named_and_its_neighbours_are_stored(agents: Agents, bad: object) -> None:
    answer = agents.send(agents.token(), batch("b1", [span(1), bad, span(3)]))
    body = answer.get_json()
    assert (answer.status_code, body["accepted"], len(body["rejected"])) == (200, 2, 1)
    assert body["rejected"][0]["detail"]
    assert stored(agents.database) == [1, 3]


def test_a_span_twice_in_a_batch_counts_once_and_never_replaces(agents: Agents) -> None:
    spans = [span(1), span(1), span(1, state="active"), span(2)]
    body = agents.send(agents.token(), batch("b1", spans)).get_json()
    assert (body["accepted"], body["duplicates"]) == (2, 1)
    assert [(r["seq"], r["error"]) for r in body["rejected"]] == [(1, "repeated_seq")]


def test_a_batch_sent_again_later_is_still_the_same(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", [span(1)]))
    again = agents.send(token, batch("b1", [span(1)], sent_ms=NOW_MS + 5))
    assert (again.status_code, again.get_json()["duplicate"]) == (200, True)


def test_an_empty_batch_is_received_and_nothing_is_durable(agents: Agents) -> None:
    body = agents.send(agents.token(), batch("b1", [])).get_json()
    assert (body["accepted"], body["durable_through"]) == (0, -1)


def test_a_refused_span_may_come_again_corrected(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", [span(1), span(2, state="?")]))
    assert agents.send(token, batch("b2", [span(2)])).get_json()["accepted"] == 1


def test_unknown_fields_are_ignored_and_counted(agents: Agents) -> None:
    body = agents.send(agents.token(), batch("b1", [span(1, colour="red")], shoe_size=43)).get_json()
    assert (body["accepted"], body["ignored_fields"]) == (1, 2)


HEAD = b'{"schema":1,"batch_id":"b","epoch":"e","sent_ms":1,"spans":'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"NaN", 400),
        (HEAD + b"[]", 400),
        (HEAD + b"{}}", 422),
        (HEAD + b"[NaN]}", 400),
        (HEAD + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"schema":2,"batch_id":"b","epoch":"e","sent_ms":1,"spans":[]}', 422),
        (b'{"schema":1,"batch_id":"","epoch":"e","sent_ms":1,"spans":[]}', 422),
        (b'{"schema":1,"batch_id":"\\u0000","epoch":"e","sent_ms":1,"spans":[]}', 422),
        (b'{"schema":1,"batch_id":"b","epoch":"e","sent_ms":1e999,"spans":[]}', 422),
        (HEAD + b"[" + b",".join([b"{}"] * 1001) + b"]}", 413),
        (HEAD + b'[],"gaps":[{"from_ms":5,"to_ms":1,"count":0,"reason":"r"}]}', 422),
    ],
)
def test_a_wrong_body_is_refused_and_nothing_is_stored(agents: Agents, body: bytes, status: int) -> None:
    answer = agents.send(agents.token(), body)
    refusal = answer.get_json()
    assert answer.status_code == status
    assert set(refusal) == {"error", "detail", "retryable", "request_id"}
    assert refusal["retryable"] is False
    with agents.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(BatchRow)) == 0


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        (r"\ud800", None),
        (r"a\udc00\ud83d", None),
        (r"\\\udfff", None),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\ud800", r"\ud800"),
        (r"a\u0000b", "ab"),
        (r"\u202ea", "a"),
        ("<script>", "<script>"),
    ],
)
def test_a_hostile_title_is_cleaned_or_refuses_its_span_and_never_its_neighbours(
    agents: Agents, title: str, kept: str | None
) -> None:
    head = f'"start_ms":{NOW_MS - 1000},"end_ms":{NOW_MS - 500},"state":"active"'
    spans = f'[{{"seq":1,{head},"title":"{title}"}},{{"seq":2,{head},"title":"neighbour"}}]'
    body = agents.send(agents.token(), HEAD + f"{spans}}}".encode()).get_json()
    assert (body["accepted"], [r["seq"] for r in body["rejected"]]) == ((1, [1]) if kept is None else (2, []))
    with agents.database.reading() as session:
        titles = set(session.scalars(select(ContextRow.title)))
    assert titles == {"neighbour"} | ({kept} if kept else set())


def test_compressed_batches_are_understood(agents: Agents) -> None:
    token = agents.token()
    plain = json.dumps(batch("b1", [span(1)])).encode()
    other = json.dumps(batch("b2", [span(2)])).encode()
    assert agents.send(token, gzip.compress(plain), Content_Encoding="gzip").get_json()["accepted"] == 1
    assert agents.send(token, zstandard.compress(other), Content_Encoding="zstd").get_json()["accepted"] == 1


BOMB = b"[" + b" " * (64 << 20)


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(BOMB), 413),
        ("zstd", zstandard.compress(BOMB), 413),
        ("gzip", gzip.compress(b"{}")[:-4], 400),
        ("zstd", zstandard.compress(b"{}")[:-2], 400),
        ("gzip", gzip.compress(b"{}") + b"more", 400),
        ("zstd", zstandard.compress(b"{}") + b"more", 400),
        ("gzip", b"not gzip", 400),
        ("br", b"{}", 415),
    ],
)
def test_bad_compression_is_refused(agents: Agents, encoding: str, body: bytes, status: int) -> None:
    assert agents.send(agents.token(), body, Content_Encoding=encoding).status_code == status


def test_too_many_bytes_are_refused_before_they_are_read(agents: Agents) -> None:
    answer = agents.send(agents.token(), b" " * ((1 << 20) + 1))
    assert (answer.status_code, answer.get_json()["error"]) == (413, "too_large")


def test_a_body_without_its_length_is_refused(agents: Agents) -> None:
    headers = {"Authorization": f"Bearer {agents.token()}", "Content-Type": "application/json"}
    answer = agents.client.post("/api/v1/spans", headers=headers)
    assert answer.status_code in (400, 411)


def test_other_content_types_and_methods_are_refused_in_json(agents: Agents) -> None:
    token = agents.token()
    assert agents.send(token, b"a=1", Content_Type="text/plain").status_code == 415
    assert agents.client.get("/api/v1/spans").get_json()["error"] == "method_not_allowed"
    assert agents.client.get("/api/v1/nothing").get_json()["error"] == "not_found"


def test_an_unknown_token_is_refused(agents: Agents) -> None:
    assert agents.send("nonsense", batch("b1", [span(1)])).get_json()["error"] == "unauthorised"
    assert agents.client.post("/api/v1/spans", data=b"{}").status_code == 401


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=10))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_runs_of_numbers_agree_with_sets(pairs: list[tuple[int, int]]) -> None:
    runs = [(first, first + more) for first, more in pairs]
    found = joined((), runs)
    assert {n for a, b in found for n in range(a, b + 1)} == {n for a, b in runs for n in range(a, b + 1)}
    assert all(a[1] + 1 < b[0] for a, b in pairwise(found))
    held = {n for a, b in runs for n in range(a, b + 1)}
    assert missing(found, range(50)) == set(range(50)) - held
    assert durable_through(found) == (found[0][1] if held else -1)


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 31 * 86_400_000)), max_size=5), st.sampled_from(ZONES))
def test_every_day_that_a_span_touches_is_settled_anew(told: list[tuple[int, int]], zone: str) -> None:
    spans = [Span(n, start, start + length, "idle") for n, (start, length) in enumerate(told)]
    days = set(_days(spans, ZoneInfo(zone)))
    for one in spans:
        moments = {one.start_ms, max(one.start_ms, one.end_ms - 1), (one.start_ms + one.end_ms) // 2}
        assert {day_of(at, ZoneInfo(zone)) for at in moments if at < one.end_ms or at == one.start_ms} <= days
