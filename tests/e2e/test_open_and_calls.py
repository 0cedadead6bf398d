"""The whole way of what is not in front: real windows, a real microphone, a killed agent, and the person's timeline."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desktop import Desk, virtual_desk
from running import AgentProgram, CollectorProgram
from sound import record, sound_server

pytestmark = [pytest.mark.desktop, pytest.mark.soak, pytest.mark.timeout(300)]  # it waits for a minute's look
OWN = "own@example.test"


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProgram]:
    folder = tmp_path / "collector"
    folder.mkdir()
    program = CollectorProgram(folder)
    program.start()
    hours = ("--working-hours", "Mon-Sun 00:00-24:00", "--time-zone", "UTC")
    program.call("employee", "add", "--key", "e1", "--name", "Employee One", *hours)
    program.call("user", "add", "--email", OWN, "--name", "Own", "--role", "employee", "--employee", "e1")
    yield program
    program.end()


@pytest.fixture
def agent(collector: CollectorProgram, tmp_path: Path) -> Iterator[tuple[AgentProgram, Desk, dict[str, str]]]:
    """An enrolled agent for which five seconds without input are idle, on a desk with sound."""
    folder, runtime = tmp_path / "agent", tmp_path / "runtime"
    folder.mkdir()
    runtime.mkdir(mode=0o700)
    with virtual_desk() as desk, sound_server(runtime) as sound:
        more = {"PLANWHY_AGENT_UPLOAD_INTERVAL_S": "2", "PLANWHY_AGENT_IDLE_AFTER_S": "5"}
        program = AgentProgram(folder, desk.environment | more | {"XDG_RUNTIME_DIR": str(runtime)})
        code = collector.json("enrol-code", "create", "--employee", "e1", "--json")["code"]
        program.command_line("enrol", "--url", collector.url, "--code", code, "--acknowledge-notice")
        yield program, desk, sound
        program.end()


def told_of(collector: CollectorProgram, *more: str) -> str:
    """The person's timeline around now, whatever day it is."""
    first, last = (f"{datetime.now(UTC) + timedelta(days=n):%Y-%m-%d}" for n in (-1, 1))
    return collector.call("timeline", "e1", first, last, "--as", OWN, *more)


def test_what_was_open_and_a_call_reach_the_timeline_of_a_person_whose_agent_was_killed(
    collector: CollectorProgram, agent: tuple[AgentProgram, Desk, dict[str, str]], tmp_path: Path
) -> None:
    program, desk, sound = agent
    desk.focus(desk.terminal("Not to be told"))
    for title in ("Offer 17", "Price list"):
        desk.focus(desk.window(title))
    call = record(tmp_path, sound, "linphone")
    program.start()
    time.sleep(70)
    program.kill()
    call.kill()
    call.wait()
    time.sleep(2)
    program.start()
    time.sleep(14)
    assert program.stop() == 0
    program.command_line("spool", "flush")
    found = json.loads(told_of(collector, "--json"))
    opened = {one["app"]: one["count"] for one in found["open"]}
    assert opened.pop("xterm") == 1
    assert list(opened.values()) == [2]
    lasted = [_seconds(one["from"], one["to"]) for one in found["open"]]
    assert all(55 < one < 70 for one in lasted)
    [told] = found["calls"]
    assert told["signal"] == "microphone"
    assert 50 < _seconds(told["from"], told["to"]) < 70
    assert [one["presence"] for one in found["entries"] if one["presence"] in ("active", "off", "idle")][-1] == "idle"
    assert "Not to be told" not in json.dumps(found["open"])
    assert "  2 windows" in told_of(collector) and "  microphone" in told_of(collector)


def _seconds(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
