"""Whatever happens between them: the agent's ledger is the server's ledger and the declared gaps, each number once.

A random walk over a real spool, the real uploader and the real application. Longer walks: `make soak`.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from ingesting import Agents, batch, span
from ledgers import FATES, RECORDED, Machine, Network, server_ledger
from planwhy_agent import batches, spool
from planwhy_collector.backup.making import make_backup
from planwhy_collector.backup.restoring import restore
from planwhy_collector.db import Database
from postgres_server import PostgresServer

FAST_DISK = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
"""Thousands of walks wait for nothing but the disk otherwise; what survives a power cut is tested elsewhere."""
WALK = {
    "stateful_step_count": 50,
    "deadline": None,
    "phases": (Phase.explicit, Phase.generate),
    "derandomize": True,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
}


states = st.lists(st.sampled_from(RECORDED), min_size=1, max_size=6)


class Ledgers(RuleBasedStateMachine):
    """One agent, one network, one collector. `fresh` gives each walk an empty database."""

    fresh: Callable[[], Database]
    small: dict[object, tuple[str, int]] = {batches: ("BATCH_SPANS", 4), spool: ("EVICT_SPANS", 3)}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.usual = {(module, name): getattr(module, name) for module, (name, _) in self.small.items()}
        for module, (name, value) in self.small.items():
            setattr(module, name, value)
        self.folder = Path(tempfile.mkdtemp(dir=FAST_DISK))
        self.database = type(self).fresh()
        self.backup: Path | None = None

    @initialize()
    def begin(self) -> None:
        agents = Agents(self.database)
        self.network = Network(agents, agents.token())
        self.machine = Machine(self.network, self.folder / "agent")

    @rule(states=states, leave_open=st.booleans())
    def record(self, states: list[str], leave_open: bool) -> None:
        self.machine.record(states, leave_open)

    @rule(lost=st.integers(1, 9))
    def lose_before_the_spool(self, lost: int) -> None:
        self.machine.record([], leave_open=True, lost=lost)

    @rule(states=states, fates=st.lists(st.sampled_from(FATES), max_size=5))
    def record_and_send(self, states: list[str], fates: list[str]) -> None:
        self.machine.record(states, leave_open=False)
        self.network.fates = fates
        self.machine.send()

    @rule(states=states, fate=st.sampled_from(FATES))
    def one_request_has_a_fate(self, states: list[str], fate: str) -> None:
        self.record_and_send(states, [fate])

    @precondition(lambda self: self.network.late)
    @rule(which=st.integers(0, 9))
    def an_old_request_arrives(self, which: int) -> None:
        late = self.network.late
        self.network.deliver(late[which % len(late)])

    @rule()
    def kill_the_agent(self) -> None:
        self.machine.kill()
        self.machine.start()

    @rule()
    def evict(self) -> None:
        self.machine.evict()
        self.backup = None  # what was acknowledged goes first, so that nothing refills an old state

    @rule(which=st.integers(0, 9))
    def spoil(self, which: int) -> None:
        self.machine.spoil(which)

    @rule()
    def begin_an_epoch(self) -> None:
        self.machine.begin_epoch()
        self.backup = None  # an epoch that has ended is not asked about again

    @rule()
    def reinstall(self) -> None:
        self.machine.reinstall()
        self.backup = None

    @precondition(lambda self: self.database.embedded and self.machine.arrived_of_epoch())
    @rule()
    def back_the_server_up(self) -> None:
        self.backup = self.folder / f"{uuid4()}.sqlite3"
        make_backup(self.database, self.backup)

    @precondition(lambda self: self.backup)
    @rule(states=states, fate=st.sampled_from(FATES))
    def restore_the_server(self, states: list[str], fate: str) -> None:
        self.record_and_send(states, [fate])
        assert self.backup
        restore(self.database, self.backup, lambda _session: 0)
        self.machine.record(["active"], leave_open=False)
        self.machine.drain()

    def teardown(self) -> None:
        try:
            if hasattr(self, "machine"):
                self.settle()
        finally:
            for (module, name), value in self.usual.items():
                setattr(module, name, value)
            if hasattr(self, "machine"):
                self.machine.kill()
            self.database.close()
            shutil.rmtree(self.folder)

    def settle(self) -> None:
        """The network is well again, old requests arrive, and the books are closed."""
        self.machine.drain()
        for request in self.network.late:
            self.network.deliver(request)
        self.machine.record(["active"], leave_open=False)
        self.machine.drain()
        self.books_agree()

    def books_agree(self) -> None:
        """The agent's ledger = spans of the server + numbers declared lost, without a number in both or twice."""
        server, ledger = server_ledger(self.database, self.network.token), self.machine.ledger
        assert len(server.rows) == len(server.numbers) == server.accepted
        assert server.numbers | server.declared == set(ledger)
        for epoch, seq, start_ms, end_ms in server.rows:
            assert (ledger[epoch, seq].start_ms, ledger[epoch, seq].end_ms) == (start_ms, end_ms)
        assert server.gaps["queue_full"] == self.machine.declared["queue_full"]
        assert server.gaps.total() - server.gaps["queue_full"] == len(server.declared)


def walk(fresh: Callable[[], Database], walks: int) -> None:
    """Walk so many times; a failing walk is shown as it was drawn, because making it shorter takes minutes."""
    machine = type("Walk", (Ledgers,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(machine, settings=settings(max_examples=walks, **WALK))


@pytest.fixture
def embedded(upgraded_sqlite: Path) -> Iterator[Callable[[], Database]]:
    folder, number = Path(tempfile.mkdtemp(dir=FAST_DISK)), count()

    def fresh() -> Database:
        path = folder / f"{next(number)}.sqlite3"
        shutil.copyfile(upgraded_sqlite, path)
        return Database(f"sqlite:///{path}")

    yield fresh
    shutil.rmtree(folder)


@pytest.mark.slow
def test_the_books_agree_on_sqlite(embedded: Callable[[], Database]) -> None:
    walk(embedded, 12)


@pytest.mark.slow
def test_the_books_agree_on_postgresql(postgres: PostgresServer) -> None:
    walk(lambda: Database(postgres.copy()), 4)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_books_agree_for_thousands_of_walks(embedded: Callable[[], Database]) -> None:
    walk(embedded, int(os.environ.get("WALKS", "2000")))


GAP = {"from_ms": 1, "to_ms": 2, "count": 4, "reason": "evicted", "first_seq": 1, "last_seq": 4}


def test_a_gap_that_comes_again_in_another_batch_counts_once(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    for name in ("b1", "b2"):
        agents.send(
            token, batch(name, [], gaps=[GAP, GAP | {"reason": "queue_full", "first_seq": None, "last_seq": None}])
        )
    assert server_ledger(either, token).gaps == {"evicted": 4, "queue_full": 4}


def test_a_gap_of_what_has_arrived_is_no_loss(either: Database) -> None:
    agents = Agents(either)
    token = agents.token()
    agents.send(token, batch("b1", [span(n) for n in (1, 2, 3)]))
    agents.send(token, batch("b2", [], gaps=[GAP]))
    assert server_ledger(either, token).gaps == {"evicted": 1}
