"""From the text that an administrator applies to what an agent has in force, through a served collector."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running import AgentProgram, CollectorProgram

HEADER = "employee_id,name,email,team,supervisor_email,position,time_zone,working_hours,country"


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProgram]:
    folder = tmp_path / "collector"
    folder.mkdir()
    (folder / "employees.csv").write_text(f"{HEADER}\ne1,Person One,,North,,sales,UTC,,\n", encoding="utf-8")
    program = CollectorProgram(folder)
    program.call("import", str(folder))
    program.start()
    yield program
    program.end()


def applied(collector: CollectorProgram, text: str) -> str:
    path = collector.folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return collector.call("policy", "apply", str(path))


def fetched(agent: AgentProgram) -> dict[str, Any]:
    """Let the agent ask for its policy, and read its status."""
    agent.command_line("spool", "flush")
    found: dict[str, Any] = json.loads(agent.command_line("status", "--json"))
    return found


def test_a_policy_that_keeps_less_holds_at_once_and_one_that_keeps_more_waits_for_the_person(
    collector: CollectorProgram, tmp_path: Path
) -> None:
    agent = AgentProgram(tmp_path / "agent", {})
    agent.folder.mkdir()
    code = collector.json("enrol-code", "create", "--employee", "e1", "--json")["code"]
    agent.command_line("enrol", "--url", collector.url, "--code", code, "--acknowledge-notice")
    before = fetched(agent)
    assert "keeps more" not in applied(
        collector, '[teams.North]\ntitles = "mask"\nmask_patterns = ["[а-яё]{3}-[0-9]+"]\n'
    )
    less = fetched(agent)
    assert "keeps more than before: titles" in applied(collector, 'titles = "keep"\n')
    more = fetched(agent)
    assert [one["notice_acknowledged"] for one in (before, less, more)] == [True, True, False]
    assert len({one["policy_version"] for one in (before, less, more)}) == 3
    assert "Заголовки окон и вкладок сохраняются." in agent.command_line("notice")
    agent.command_line("notice", "--acknowledge")
    assert fetched(agent)["notice_acknowledged"]
    (device,) = collector.json("device", "list", "--json")
    assert device["policy_version"] == more["policy_version"]
    assert more["policy_problem"] == ""
