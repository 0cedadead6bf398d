"""Two machines that send with one token: everything is kept, and the device is flagged. Reinstalling flags nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from ingesting import NOW_MS, Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.queries.devices import devices
from stored_spans import seqs

HOUR_MS = 3_600_000


@pytest.fixture
def agents(either: Database) -> Iterator[Agents]:
    yield Agents(either)


def flagged(agents: Agents) -> bool:
    with agents.database.reading() as session:
        (device,) = devices(session)
    return device.cloned_ms is not None


def minutes(first: int, count: int, start_ms: int, shift_ms: int = 0) -> list[dict[str, Any]]:
    return [span(first + n, start_ms + n * 60_000 + shift_ms, 60_000, state="active", app="x") for n in range(count)]


def test_two_spools_that_record_at_once_are_both_kept_and_flagged(agents: Agents) -> None:
    token = agents.token()
    for n, epoch in enumerate(("one", "two")):
        answer = agents.send(token, batch(f"b{n}", minutes(1, 10, NOW_MS - HOUR_MS, n), epoch=epoch)).get_json()
        assert (answer["accepted"], answer["durable_through"]) == (10, 10)
    assert len(seqs(agents.database)) == 20
    assert flagged(agents)


def test_a_spool_after_another_is_a_reinstallation(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", minutes(1, 10, NOW_MS - 2 * HOUR_MS), epoch="one"))
    agents.send(token, batch("b2", minutes(1, 10, NOW_MS - HOUR_MS), epoch="two"))
    assert seqs(agents.database) == sorted([*range(1, 11)] * 2)
    assert not flagged(agents)


def test_a_copied_spool_keeps_what_both_machines_record_under_the_same_numbers(agents: Agents) -> None:
    token = agents.token()
    agents.send(token, batch("b1", minutes(1, 5, NOW_MS - 3 * HOUR_MS)))
    first = minutes(6, 5, NOW_MS - 2 * HOUR_MS)
    second = minutes(6, 5, NOW_MS - HOUR_MS, 7)
    assert agents.send(token, batch("b2", first)).get_json()["accepted"] == 5
    told = agents.send(token, batch("b3", second)).get_json()
    assert (told["accepted"], told["duplicates"], told["durable_through"]) == (5, 0, 10)
    assert len(seqs(agents.database)) == 15
    assert flagged(agents)


def test_what_a_copy_sends_again_in_other_batches_is_counted_once(agents: Agents) -> None:
    token = agents.token()
    first, second = minutes(1, 6, NOW_MS - 2 * HOUR_MS), minutes(1, 6, NOW_MS - HOUR_MS, 3)
    for n, spans in enumerate((first[:3], second, first, second[2:], first[4:] + second[:1])):
        agents.send(token, batch(f"b{n}", sorted(spans, key=lambda one: one["start_ms"])))
    assert len(seqs(agents.database)) == 12


def test_a_span_declared_lost_that_comes_all_the_same_is_no_clone(agents: Agents) -> None:
    token = agents.token()
    gap = {"from_ms": 1, "to_ms": 2, "count": 3, "reason": "evicted", "first_seq": 1, "last_seq": 3}
    agents.send(token, batch("b1", minutes(4, 3, NOW_MS - HOUR_MS), gaps=[gap]))
    late = agents.send(token, batch("b2", minutes(1, 3, NOW_MS - 2 * HOUR_MS))).get_json()
    assert (late["accepted"], late["duplicates"]) == (0, 3)
    assert not flagged(agents)


def test_too_many_copies_are_refused_with_what_to_do(agents: Agents) -> None:
    token = agents.token()
    answers = [agents.send(token, batch(f"b{n}", minutes(1, 1, NOW_MS - HOUR_MS, n * 5))) for n in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 9 + [422] * 2
    assert "enrol each" in answers[-1].get_json()["detail"]
    assert len(seqs(agents.database)) == 9
