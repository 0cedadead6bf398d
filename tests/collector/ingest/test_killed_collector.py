"""kill -9 of the collector and of PostgreSQL, again and again: what was acknowledged is there, nothing is there twice.

The short versions run with the other tests, hundreds of kills with `make soak`.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from ingesting import batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import BatchRow
from postgres_server import PostgresServer
from raw_http import RawCollector, request
from running import CollectorProgram, eventually
from senders import enrolled, nothing_lost_nothing_doubled, sending
from sqlalchemy import select
from stored_spans import seqs

SENDERS = 3
SIZES = (7, 1_000)
SOAK = [pytest.mark.soak, pytest.mark.timeout(7200)]
MANY = int(os.environ.get("KILLS", "200"))


@pytest.fixture
def collector(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CollectorProgram]:
    """A collector on `sqlite`, or on `postgresql` with so many processes."""
    kind, workers = request.param
    url = request.getfixturevalue("durable_postgres").copy() if kind == "postgresql" else None
    program = CollectorProgram(tmp_path, url)
    program.environment |= {"PLANWHY_WORKERS": str(workers)}
    program.start()
    yield program
    program.end()


ON = pytest.mark.parametrize(
    "collector", [("sqlite", 1), ("postgresql", 2)], indirect=True, ids=lambda p: f"{p[0]}-{p[1]}"
)


def kill_and_start(collector: CollectorProgram, chance: random.Random) -> None:
    """Kill the whole collector, or one of its server processes, which the others outlive."""
    assert collector.process
    servers = psutil.Process(collector.process.pid).children()
    if len(servers) > 1 and chance.random() < 0.5:
        os.kill(chance.choice(servers).pid, signal.SIGKILL)
        return
    collector.kill()
    collector.start()


@ON
@pytest.mark.slow
@pytest.mark.parametrize("kills", [2, pytest.param(MANY, marks=SOAK)])
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(collector: CollectorProgram, kills: int) -> None:
    chance = random.Random(kills)
    with sending(collector.port, enrolled(collector, SENDERS)) as senders:
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 0.9))
            kill_and_start(collector, chance)
        time.sleep(0.5)
    collector.stop()
    nothing_lost_nothing_doubled(collector.database_url, senders)
    assert sum(sender.seen["cut"] for sender in senders) > 0


def committed(database: Database, name: str) -> bool:
    """Whether the ledger shows a batch to whoever looks from outside."""
    with database.reading() as session:
        return session.scalar(select(BatchRow.batch_id).where(BatchRow.batch_id == name)) is not None


@ON
@pytest.mark.slow
@pytest.mark.parametrize("sizes", [SIZES, pytest.param((1, 7, 60, 500, 1_000) * (MANY // 5), marks=SOAK)], ids=len)
def test_a_batch_that_was_committed_and_not_answered_is_there_once(
    collector: CollectorProgram, sizes: tuple[int, ...]
) -> None:
    (token,), raw = enrolled(collector, 1), RawCollector(collector, "")
    with Database(collector.database_url) as database:
        for round_, size in enumerate(sizes):
            name = f"round-{round_}"
            body = json.dumps(batch(name, [span(n) for n in range(size)], epoch=name)).encode()
            with raw.connect() as opened:
                opened.sendall(request(token, body))
                eventually(lambda name=name: committed(database, name), every_s=0)
                collector.kill()
            collector.start()
            again = raw.ask(request(token, body)).json
            assert (again["accepted"], again["duplicate"]) == (size, True)
        assert len(seqs(database)) == sum(sizes)


@pytest.mark.slow
@pytest.mark.parametrize("collector", [("postgresql", 2)], indirect=True, ids=["two processes"])
@pytest.mark.parametrize("kills", [2, pytest.param(MANY, marks=SOAK)])
def test_a_killed_postgresql_loses_and_doubles_nothing(
    collector: CollectorProgram, durable_postgres: PostgresServer, kills: int
) -> None:
    chance = random.Random(kills)
    with sending(collector.port, enrolled(collector, SENDERS)) as senders:
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 1.2))
            durable_postgres.kill()
            time.sleep(chance.uniform(0.0, 0.6))
            durable_postgres.start()
        eventually(caught_up(senders))
    nothing_lost_nothing_doubled(collector.database_url, senders)
    seen = {status for sender in senders for status in sender.seen}
    assert seen - {"cut"} == {200, 503}
    assert sum(sender.rude for sender in senders) == 0


def caught_up(senders: list[object]) -> Callable[[], bool]:
    """Whether each sender has had something acknowledged since now."""
    before = [sender.acknowledged for sender in senders]  # type: ignore[attr-defined]
    return lambda: all(s.acknowledged > b for s, b in zip(senders, before, strict=True))  # type: ignore[attr-defined]
