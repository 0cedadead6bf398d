"""The same batches leave the same rows and receipts on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingesting import NOW_MS, Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import ContextRow, SeqRange, Word
from postgres_server import PostgresServer
from sqlalchemy import select
from stored_spans import seqs


def active(seq: int, **more: object) -> dict[str, object]:
    return span(seq, state="active", app="chrome.exe", source="browser") | more


def rows(database: Database, column: object) -> list[object]:
    with database.reading() as session:
        return sorted(session.scalars(select(column)))


def test_a_batch_leaves_its_rows_once(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    spans = [active(n, title=f"Сделка {n % 3}", mark="clock_jump") for n in range(9)]
    receipts = [agents.send(token, batch("b1", spans)).get_json() for _ in range(2)]
    assert receipts[1] == receipts[0] | {"duplicate": True}
    assert receipts[0]["durable_through"] == 8
    assert seqs(either) == list(range(9))
    assert rows(either, ContextRow.title) == ["Сделка 0", "Сделка 1", "Сделка 2"]
    assert rows(either, Word.word) == ["browser", "clock_jump"]


def test_the_same_batch_over_eight_connections_leaves_one_copy(either: Database) -> None:
    agents = Agents(either)
    token, body = agents.token(), batch("b1", [active(n) for n in range(50)])
    with ThreadPoolExecutor(8) as pool:
        answers = [a.get_json() for a in pool.map(lambda _: agents.send(token, body), range(100))]
    assert {a["accepted"] for a in answers} == {50}
    assert sum(not a.get("duplicate", False) for a in answers) == 1
    assert seqs(either) == list(range(50))


def test_devices_that_send_the_same_contexts_at_once_do_not_block_each_other(either: Database) -> None:
    agents = Agents(either)
    tokens = [agents.enrol(agents.code(), instance_id=f"i{n}").get_json()["token"] for n in range(6)]

    def send(n: int) -> int:
        order = range(40) if n % 2 else reversed(range(40))
        spans = [active(i, title=f"t{k}", source=f"s{k % 7}") for i, k in enumerate(order)]
        return agents.send(tokens[n % 6], batch(f"b{n}", spans, epoch=f"e{n}")).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(24))) == {200}
    assert len(seqs(either)) == 24 * 40


def test_overlapping_batches_and_gaps_leave_one_run(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    gap = {"from_ms": 1, "to_ms": 2, "count": 5, "reason": "evicted", "first_seq": 10, "last_seq": 14}
    agents.send(token, batch("b1", [active(n) for n in range(20, 30)]))
    agents.send(token, batch("b2", [active(n) for n in range(5, 25) if not 10 <= n <= 14], gaps=[gap]))
    last = agents.send(token, batch("b3", [active(n) for n in range(12)])).get_json()
    assert (last["accepted"], last["duplicates"], last["durable_through"]) == (5, 7, 29)
    assert rows(either, SeqRange.last_seq) == [29]


texts = st.text(st.characters(codec=None, exclude_categories=["Cs"]), max_size=60)


@pytest.fixture
def hostile(either: Database) -> Agents:
    return Agents(either, now_ms=NOW_MS)


@given(st.lists(st.tuples(texts, texts, st.sampled_from(["http://", "https://a\x00b/", "https://[", ""])), max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_in_a_span_breaks_a_batch(hostile: Agents, told: list[tuple[str, str, str]]) -> None:
    tokens: list[str] = hostile.app.extensions.setdefault("tokens", [])
    if not tokens:
        tokens.append(hostile.token())
    number = hostile.app.extensions["sent"] = hostile.app.extensions.get("sent", 0) + 1
    spans = [
        active(n, app=app, title=title, url=head + title, source=title[:9] or "s")
        for n, (app, title, head) in enumerate(told)
    ]
    answer = hostile.send(tokens[0], batch(f"b{number}", spans, epoch=f"e{number}"))
    body = answer.get_json()
    assert (answer.status_code, body["accepted"] + len(body["rejected"])) == (200, len(spans))


def test_a_database_that_went_away_is_a_reason_to_wait(postgres: PostgresServer) -> None:
    database = Database(postgres.copy())
    agents = Agents(database)
    token = agents.token()
    postgres.drop(database.url)
    answer = agents.send(token, batch("b1", [active(1)]))
    database.close()
    assert (answer.status_code, answer.get_json()["retryable"]) == (503, True)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_writer_that_takes_too_long_is_a_reason_to_wait(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(database)
    token = agents.token()
    monkeypatch.setattr("planwhy_collector.db.BUSY_MS", 50)
    with database.writing():
        answer = agents.send(token, batch("b1", [active(1)]))
    assert (answer.status_code, answer.get_json()["error"]) == (503, "unavailable")
    assert agents.send(token, batch("b1", [active(1)])).get_json()["accepted"] == 1
