"""What the agent costs the PC it runs on: a real agent on a virtual display whose window is switched every 5 s.

In: nothing. Out: a table, or JSON, and exit code 1 where a goal is missed. Beside it, in the same minutes, runs the
plain way to do the same (`polling_watcher`), so that a slow machine does not pass for a heavy agent. Then the agent
is started with a spool full of unsent spans. Run it as `make bench-footprint`; it takes about four minutes.
"""

import contextlib
import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import polling_watcher
from agent_parts import NOON_MS, stretches
from desktop import Desk
from ingest_stub import IngestStub, ingest_stub
from planwhy_agent.config import load_settings
from planwhy_agent.sender import open_spool
from planwhy_agent.virtual import virtual_display
from process_costs import Costs, costs, peak_rss_mib, pss_mib
from running import AgentProgram, Program, eventually

GOALS = {"cpu_s": 0.3, "pss_mib": 30.0, "backlog_rss_mib": 150.0, "backlog_first_s": 10.0}
"""CPU seconds are for 120 s of the scene; the backlog is 500 MB."""
SCENE_S = 120.0
SETTLE_S = 10.0
"""The first seconds of a process are its start, which comes once a day."""
TITLE = "Сделка 5121 — переговоры об условиях поставки оборудования, второй этап" * 3


@dataclass(frozen=True)
class Footprint:
    """What a program cost in a scene. Bytes are per hour; `sent` is the bodies and headers of its requests."""

    cpu_s: float
    pss_mib: float
    wakeups_per_s: float
    written_per_h: float
    to_disk_per_h: float
    sent_per_h: float


@dataclass(frozen=True)
class Backlog:
    """The start with a full spool: its size, the most memory, and how long until the first batch was stored."""

    mib: float
    spans: int
    peak_rss_mib: float
    first_s: float
    spans_per_s: float


def scene(folder: Path, seconds: float, every_s: float) -> dict[str, Footprint]:
    """Measure the agent and the plain watcher while windows change; both see the same."""
    with virtual_display() as name, ingest_stub() as (stub, url), _sink() as (sink, heartbeats):
        desk = Desk(name)
        agent = AgentProgram(folder / "agent", desk.environment)
        agent.folder.mkdir()
        agent.command_line("enrol", "--url", url, "--code", "CODE", "--acknowledge-notice")
        watcher = Program([sys.executable, polling_watcher.__file__, sink], desk.environment, folder / "watcher.log")
        agent.start()
        watcher.start()
        try:
            windows = [desk.terminal("notes"), desk.window("Сделка 5121"), desk.window("Отчёт", name="soffice")]
            _switch(desk, windows, SETTLE_S, every_s)
            measured = (_Measured.from_now(agent, lambda: stub.bytes), _Measured.from_now(watcher, heartbeats))
            began = time.monotonic()
            _switch(desk, windows, seconds, every_s)
            took = time.monotonic() - began
            return {name: one.after(took) for name, one in zip(("agent", "watcher"), measured, strict=True)}
        finally:
            agent.end()
            watcher.end()
            desk.close()


@dataclass(frozen=True)
class _Measured:
    """A process between two readings: what it had cost and sent when measuring began."""

    pid: int
    sent: Callable[[], int]
    costs_then: Costs
    sent_then: int

    @classmethod
    def from_now(cls, program: Program, sent: Callable[[], int]) -> "_Measured":
        assert program.process
        return cls(program.process.pid, sent, costs(program.process.pid), sent())

    def after(self, took: float) -> Footprint:
        spent, hours = costs(self.pid).since(self.costs_then), took / 3600
        return Footprint(
            spent.cpu_s * SCENE_S / took,
            pss_mib(self.pid),
            spent.wakeups / took,
            spent.written / hours,
            spent.to_disk / hours,
            (self.sent() - self.sent_then) / hours,
        )


def _switch(desk: Desk, windows: list[int], seconds: float, every_s: float) -> None:
    """Bring the windows to the front in turn, with a key pressed in each."""
    end = time.monotonic() + seconds
    for window in itertools.cycle(windows):
        if time.monotonic() >= end:
            return
        desk.focus(window)
        desk.type()
        time.sleep(min(every_s, max(0.0, end - time.monotonic())))


def backlog(folder: Path, mib: int, watch_s: float = 20.0) -> Backlog:
    """Start an agent whose spool holds so many MiB of spans that were never sent."""
    with virtual_display() as name, ingest_stub() as (stub, url):
        desk = Desk(name)
        own = desk.environment | {"PLANWHY_AGENT_QUOTA_MB": str(2 * mib)}
        agent = AgentProgram(folder / "backlog", own)
        agent.folder.mkdir()
        agent.command_line("enrol", "--url", url, "--code", "CODE", "--acknowledge-notice")
        spans = _fill(agent, mib)
        size = sum(path.stat().st_size for path in (agent.folder / "data").iterdir()) / (1 << 20)
        began = time.monotonic()
        agent.start()
        try:
            return _drained(stub, agent, size, spans, began, watch_s)
        finally:
            agent.end()
            desk.close()


def _fill(agent: AgentProgram, mib: int) -> int:
    """Write spans into the agent's spool, as the recorder does."""
    spool = open_spool(load_settings({k: v for k, v in agent.environment.items() if k.startswith("PLANWHY_AGENT_")}))
    count = 0
    while spool.bytes_used() < mib << 20:
        spool.write(stretches(2_000, NOON_MS + count * 1_000, title=TITLE), None)
        count += 2_000
    spool.close()
    return count


def _drained(stub: IngestStub, agent: AgentProgram, size: float, spans: int, began: float, watch_s: float) -> Backlog:
    """Wait for the first batch, then watch memory for a while."""
    assert agent.process
    eventually(lambda: stub.spans, within_s=120, every_s=0.02)
    first_s, at_first, since = time.monotonic() - began, len(stub.spans), time.monotonic()
    time.sleep(watch_s)
    rate = (len(stub.spans) - at_first) / (time.monotonic() - since)
    return Backlog(size, spans, peak_rss_mib(agent.process.pid), first_s, rate)


@contextlib.contextmanager
def _sink() -> Iterator[tuple[str, Callable[[], int]]]:
    """Where the plain watcher's heartbeats go; its address, and how many bytes came."""
    received = [0]

    class Heartbeats(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received[0] += length + len(self.requestline) + 2 + len(bytes(self.headers))
            self.rfile.read(length)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Heartbeats)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.5})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", lambda: received[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lines(found: dict[str, Footprint], full: Backlog | None) -> Iterator[str]:
    """The table."""
    agent, plain = found["agent"], found["watcher"]
    yield f"{'':34}{'agent':>12}{'plain watcher':>15}{'ratio':>8}  goal"
    rows = (
        ("processor, s per 120 s", "cpu_s", 1, "≤ 0.3"),
        ("memory, PSS of all processes, MB", "pss_mib", 1, "≤ 30"),
        ("wakeups a second", "wakeups_per_s", 1, ""),
        ("written to files, kB an hour", "written_per_h", 1_000, ""),
        ("brought to the disk, kB an hour", "to_disk_per_h", 1_000, ""),
        ("sent, kB an hour", "sent_per_h", 1_000, ""),
    )
    for text, name, unit, goal in rows:
        one, other = getattr(agent, name) / unit, getattr(plain, name) / unit
        ratio = f"{one / other:8.2f}" if other else f"{'':8}"
        missed = " MISSED" if name in GOALS and one > GOALS[name] else ""
        yield f"{text:34}{one:12.2f}{other:15.2f}{ratio}  {goal}{missed}"
    if full is not None:
        yield ""
        yield f"a spool of {full.mib:.0f} MB with {full.spans:,} unsent spans"
        slow = " MISSED" if full.first_s > GOALS["backlog_first_s"] else ""
        heavy = " MISSED" if full.peak_rss_mib > GOALS["backlog_rss_mib"] else ""
        yield f"  first batch stored after {full.first_s:.1f} s (goal ≤ 10){slow}"
        yield f"  most memory, RSS {full.peak_rss_mib:.1f} MB (goal ≤ 150){heavy}; {full.spans_per_s:,.0f} spans/s sent"


def met(found: dict[str, Footprint], full: Backlog | None) -> bool:
    """Whether all goals are met."""
    agent = found["agent"]
    light = agent.cpu_s <= GOALS["cpu_s"] and agent.pss_mib <= GOALS["pss_mib"]
    if full is None:
        return light
    return light and full.peak_rss_mib <= GOALS["backlog_rss_mib"] and full.first_s <= GOALS["backlog_first_s"]


@click.command()
@click.option("--seconds", default=SCENE_S, help="Length of the scene.")
@click.option("--every", default=5.0, help="Seconds between switches of the window.")
@click.option("--backlog-mb", default=500, help="Size of the unsent spool; 0 leaves that part out.")
@click.option("--json", "as_json", is_flag=True)
def main(seconds: float, every: float, backlog_mb: int, as_json: bool) -> None:
    """Measure what the agent costs."""
    with tempfile.TemporaryDirectory() as folder:
        found = scene(Path(folder), seconds, every)
        full = backlog(Path(folder), backlog_mb) if backlog_mb else None
    if as_json:
        told = {name: asdict(one) for name, one in found.items()} | {"backlog": asdict(full) if full else None}
        click.echo(json.dumps({**told, "goals": GOALS, "met": met(found, full)}))
    else:
        click.echo("\n".join(lines(found, full)))
    sys.exit(0 if met(found, full) else 1)


if __name__ == "__main__":
    main()
