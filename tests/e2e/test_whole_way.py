"""The whole way: real windows and a real browser, an agent and a collector that are killed, and in the end an account
of every second, and an explanation made from it."""

import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from desktop import Desk, needs_browser, virtual_desk
from planwhy_collector.db import Database
from running import AgentProgram, CollectorProgram, eventually
from stored_spans import focus

pytestmark = [pytest.mark.desktop, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
HOLE_MS = 8_000
"""A killed agent may leave so much between its last checkpoint and its next start."""


def noon_zone(now: datetime) -> str:
    """A zone in which it is about noon, so that the test never meets midnight. POSIX signs are turned round."""
    offset = 12 - now.hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProgram]:
    folder = tmp_path / "collector"
    folder.mkdir()
    program = CollectorProgram(folder)
    program.start()
    yield program
    program.end()


@pytest.fixture
def desk() -> Iterator[Desk]:
    needs_browser()
    with virtual_desk() as desk:
        yield desk


def team(folder: Path, now: datetime) -> Path:
    """One employee whose working hours began just now."""
    zone = noon_zone(now)
    local = now + timedelta(hours=12 - now.hour)
    hours = f"Mon-Sun {local:%H:%M}-{local + timedelta(minutes=20):%H:%M}"
    folder.mkdir()
    header = "employee_id,name,email,team,supervisor_email,position,time_zone,working_hours,country"
    row = f'e1,Employee One,e1@example.org,Team,boss@example.org,sales,{zone},"{hours}",'
    (folder / "employees.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    return folder


def outcome(folder: Path, now: datetime) -> Path:
    """A plan of 300 contracts for a day of twenty minutes, one signed, and a task that is overdue."""
    folder.mkdir()
    day, at = f"{now + timedelta(hours=12 - now.hour):%Y-%m-%d}", now.isoformat(timespec="seconds")
    early = (now - timedelta(seconds=50)).isoformat(timespec="seconds")
    files = {
        "plans": f"employee_id,period,metric,target\ne1,{day}..{day},contracts,300\n",
        "deals": "deal_id,employee_id,kind,title,amount,currency,created_at,closed_at,outcome\n"
        f"5121,e1,new,Deal,100,RUB,{early},{at},won\n",
        "tasks": "task_id,employee_id,title,created_at,deadline,closed_at,entity_type,entity_id,kind\n"
        f"t1,e1,Call back,{early},{early},,deal,5121,call\n",
        "contacts": f"contact_id,employee_id,at,kind,direction,duration_s,deal_id\nc1,e1,{at},email,out,0,5121\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def enrolled(collector: CollectorProgram, folder: Path, desk: Desk) -> AgentProgram:
    folder.mkdir()
    agent = AgentProgram(folder, desk.environment | {"PLANWHY_AGENT_UPLOAD_INTERVAL_S": "2"})
    code = collector.json("enrol-code", "create", "--employee", "e1", "--json")["code"]
    agent.command_line("enrol", "--url", collector.url, "--code", code, "--acknowledge-notice")
    return agent


def contexts(database: Path) -> set[tuple[str | None, str | None, str | None]]:
    with sqlite3.connect(database) as db:
        return set(db.execute("SELECT host, path, title FROM contexts").fetchall())


def work(desk: Desk, agent: AgentProgram, collector: CollectorProgram) -> None:
    """Windows, pages, a killed agent, a killed collector."""
    first, second = desk.window("Offer 17"), desk.window("Price list")
    desk.focus(first)
    time.sleep(3)
    desk.focus(second)
    time.sleep(3)
    with desk.chromium(agent.folder, agent.environment) as browser, desk.site() as site:
        browser.open(f"{site}/crm/deal/details/5121/?secret=never")
        eventually(lambda: "127.0.0.1" in agent.command_line("spool", "show"), within_s=30)
        agent.kill()
        time.sleep(2)
        agent.start()
        time.sleep(5)
        collector.kill()
        desk.focus(first)
        time.sleep(4)
        collector.start()
    desk.focus(second)
    time.sleep(5)


def test_every_second_of_a_run_is_accounted_for_exactly_once(
    collector: CollectorProgram, desk: Desk, tmp_path: Path
) -> None:
    began = datetime.now(UTC).replace(second=0, microsecond=0)
    collector.command_line("import", str(team(tmp_path / "team", began)))
    agent = enrolled(collector, tmp_path / "agent", desk)
    started_ms = time.time_ns() // 1_000_000
    agent.start()
    try:
        work(desk, agent, collector)
        assert agent.stop() == 0
    finally:
        agent.end()
    stopped_ms = time.time_ns() // 1_000_000
    agent.command_line("spool", "flush")
    with Database(collector.database_url) as database:
        spans = focus(database)
    assert all(left[1] == right[0] for left, right in pairwise(spans))
    assert abs(spans[0][0] - started_ms) < 5_000
    assert abs(spans[-1][1] - stopped_ms) < 5_000
    off = sum(end - start for start, end, state in spans if state == 5)
    assert 1_000 < off < HOLE_MS
    seen = contexts(collector.folder / "planwhy.sqlite3")
    assert {title for _, _, title in seen} >= {"Offer 17", "Price list"}
    assert ("127.0.0.1", None) in {(host, path) for host, path, _ in seen}
    assert "never" not in json.dumps(sorted(map(str, seen)))
    explained(collector, tmp_path, began)


def explained(collector: CollectorProgram, tmp_path: Path, began: datetime) -> None:
    """The same seconds, as an explanation of a missed plan."""
    now = datetime.now(UTC)
    collector.command_line("import", str(outcome(tmp_path / "outcome", now)))
    day = f"{began + timedelta(hours=12 - began.hour):%Y-%m-%d}"
    why = collector.json("explain", "e1", f"{day}..{day}", "--as-of", now.isoformat(), "--json")
    assert why["plan"]["actual"] == 1
    assert why["plan"]["missed"]
    assert why["coverage"]["recorded_hours"] > 0
    assert sum(f["contribution"] for f in why["factors"]) == pytest.approx(why["plan"]["shortfall"], rel=1e-9)
    assert [task["task_id"] for task in why["overdue"]] == ["t1"]
    assert why["summary"]
