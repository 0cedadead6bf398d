"""Eight machines that meet the same new windows at once neither deadlock nor store any of them twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from ingesting import Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import ContextRow
from sqlalchemy import func, select, text

WRITERS, ROUNDS, WINDOWS = 8, 12, 120


def test_eight_writers_of_the_same_new_contexts_do_not_deadlock(either: Database) -> None:
    agents = Agents(either)
    tokens = [agents.enrol(agents.code(), instance_id=f"i{n}").get_json()["token"] for n in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    def send(writer: int) -> set[int]:
        answers = set()
        for turn in range(ROUNDS):
            together.wait(timeout=60)
            answers.add(agents.send(tokens[writer], batch(f"b{turn}", windows(writer, turn))).status_code)
        return answers

    with ThreadPoolExecutor(WRITERS) as pool:
        assert set.union(*pool.map(send, range(WRITERS))) == {200}
    with either.reading() as session:
        assert session.scalar(select(func.count()).select_from(ContextRow)) == ROUNDS * WINDOWS
    assert deadlocks(either) == 0


def windows(writer: int, turn: int) -> list[dict[str, Any]]:
    """The same windows for every writer, in an order of its own."""
    order = Random(writer).sample(range(WINDOWS), WINDOWS)
    first = turn * WINDOWS
    return [span(first + n, state="active", app="x", title=f"window {turn}/{w}") for n, w in enumerate(order)]


def deadlocks(database: Database) -> int:
    """Deadlocks that PostgreSQL has broken in this database; SQLite has one writer and so none."""
    if database.embedded:
        return 0
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        return int(
            connection.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")) or 0
        )
