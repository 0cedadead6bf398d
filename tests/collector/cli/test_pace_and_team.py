"""`planwhy pace` and `planwhy team` as a person at a terminal uses them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from activity_rows import hire
from click.testing import CliRunner, Result
from crm_rows import plan
from planwhy_collector.cli import context, main
from planwhy_collector.db import Database

TODAY = datetime.now(UTC).date()
PERIOD = f"{TODAY - timedelta(days=100)}..{TODAY + timedelta(days=100)}"


@pytest.fixture(autouse=True)
def environment(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    context.settings.cache_clear()
    plan(database, hire(database, team="North"), PERIOD, 120.0)
    hire(database, "e2", team="North")
    hire(database, "e3", team="\x1b[31mSouth\n")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_the_pace_of_one_person_is_one_document() -> None:
    found = json.loads(run("pace", "e1", PERIOD, "--json").stdout)
    assert found["employee_id"] == "e1" and found["target"] == 120.0 and found["actual"] == 0.0
    told = found["forecast"]
    assert told["low"] <= told["value"] <= told["high"] and told["level"] == 0.9


def test_the_pace_of_a_team_leaves_out_who_has_no_plan() -> None:
    found = json.loads(run("pace", "--team", "North", PERIOD, "--json").stdout)
    assert found["team"] == "North" and [one["employee_id"] for one in found["people"]] == ["e1"]
    assert "of 120" in run("pace", "--team", "North", PERIOD, "--lang", "en").stdout
    assert "из 120" in run("pace", "e1", PERIOD, "--lang", "ru").stdout
    assert run("pace", "e1").stdout.count(" … ") == 2  # the days of this month, and the interval


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2), (("e1", "October"), 2), (("e1", PERIOD, "--team", "North"), 2), (("--team", "North", "October"), 2),
        (("nobody",), 1), (("e2", PERIOD), 1), (("--team", "Nowhere"), 1),
    ],
)  # fmt: skip
def test_refusals_have_their_exit_code_and_no_traceback(words: tuple[str, ...], code: int) -> None:
    found = run("pace", *words)
    assert found.exit_code == code and not found.stdout and "Traceback" not in found.stderr


def test_thresholds_of_a_team_are_set_shown_and_reset() -> None:
    assert run("team", "set", "North", "--miss-share", "0.2", "--overdue-tasks", "5").exit_code == 0
    assert run("team", "set", "North", "--pace-after", "0.5").exit_code == 0
    found = json.loads(run("team", "show", "North", "--json").stdout)
    assert found["own"] == ["miss_share", "miss_overdue_tasks", "pace_after"]
    assert found["thresholds"]["miss_share"] == 0.2 and found["thresholds"]["pace_share"] == 0.7
    assert run("team", "reset", "North").exit_code == 0
    assert json.loads(run("team", "show", "North", "--json").stdout)["own"] == []


def test_teams_are_listed_without_escape_sequences() -> None:
    assert [one["team"] for one in json.loads(run("team", "list", "--json").stdout)] == ["\x1b[31mSouth\n", "North"]
    told = run("team", "list").stdout
    assert "\x1b" not in told and len(told.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("set", "North"), 2), (("set", "North", "--miss-share", "2"), 1), (("set", "No", "--miss-share", "0.2"), 1),
        (("show", "Nowhere"), 1), (("reset", "Nowhere"), 1), (("set", "North", "--overdue-tasks", "0"), 1),
        (("set", "North", "--pace-share", "nan"), 1), (("set", "North", "--overdue-tasks", "few"), 2),
    ],
)  # fmt: skip
def test_wrong_thresholds_are_refused_in_one_line(words: tuple[str, ...], code: int) -> None:
    found = run("team", *words)
    assert found.exit_code == code and not found.stdout and "Traceback" not in found.stderr
