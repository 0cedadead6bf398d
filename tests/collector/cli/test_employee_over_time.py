"""`planwhy employee show`, `transfer`, `calendar`: one document on stdout, errors by name, hostile texts made plain."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings

PART = ("--from", "2026-10-15", "--working-hours", "Mon-Fri 09:00-13:00", "--note", "part time")


@pytest.fixture
def planwhy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", f"sqlite:///{tmp_path / 'p.sqlite3'}")
    settings.cache_clear()
    runner = CliRunner()

    def run(*words: str) -> Result:
        return runner.invoke(main, ["employee", *words])

    run("add", "--key", "e1", "--name", "A", "--team", "North")
    run("add", "--key", "e2", "--name", "B")
    yield run
    settings.cache_clear()


def shown(planwhy: Any, key: str = "e1") -> Any:
    return json.loads(planwhy("show", key, "--json").stdout)


def test_the_sheet_holds_record_teams_calendar_and_hours(planwhy: Any) -> None:
    assert planwhy("transfer", "e1", "--team", "South", "--since", "2026-03-01").exit_code == 0
    assert planwhy("calendar", "e1", *PART).exit_code == 0
    found = shown(planwhy)
    assert found["employee"]["team"] == "South"
    assert found["teams"] == [{"since": None, "team": "North"}, {"since": "2026-03-01", "team": "South"}]
    assert found["calendar"] == [
        {"from": "2026-10-15", "to": None, "working_hours": "Mon-Fri 09:00-13:00", "note": "part time",
         "everybody": False}
    ]  # fmt: skip
    assert [0 < line["hours"] < 100 for line in found["expected_hours"]] == [True, True]


def test_who_was_never_transferred_has_the_team_of_the_record(planwhy: Any) -> None:
    assert shown(planwhy)["teams"] == [{"since": None, "team": "North"}]
    assert shown(planwhy, "e2")["teams"] == [{"since": None, "team": None}]
    assert "team       …  North" in planwhy("show", "e1").stdout


def test_a_transfer_to_come_is_in_the_history_and_not_yet_in_the_list(planwhy: Any) -> None:
    planwhy("transfer", "e1", "--no-team", "--since", f"{date.max.replace(year=2099)}")
    assert [one["team"] for one in shown(planwhy)["teams"]] == ["North", None]
    assert json.loads(planwhy("list", "--json").stdout)[-1]["team"] == "North"


def test_an_exception_of_everybody_is_everybodys_and_can_be_taken_back(planwhy: Any) -> None:
    day = ("--everybody", "--from", "2026-11-14")
    planwhy("calendar", *day, "--to", "2026-11-14", "--working-hours", "Sat 10:00-14:00")
    assert [shown(planwhy, key)["calendar"][0]["everybody"] for key in ("e1", "e2")] == [True, True]
    assert planwhy("calendar", *day, "--remove").exit_code == 0
    assert shown(planwhy)["calendar"] == []
    assert "begins on 2026-11-14" in planwhy("calendar", *day, "--remove").stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "e9"), 1, "there is no employee 'e9'"),
        (("transfer", "e9", "--team", "X", "--since", "2026-01-01"), 1, "there is no employee 'e9'"),
        (("transfer", "e1", "--since", "2026-01-01"), 2, "--no-team"),
        (("transfer", "e1", "--team", "X", "--since", "soon"), 2, "'--since': 'soon' is not a date"),
        (("transfer", "e1", "--team", " ", "--since", "2026-01-01"), 2, "'--team': empty"),
        (("calendar", "e1", "--from", "2026-10-15", "--working-hours", ""), 2, "'--working-hours': empty"),
        (("calendar", "e9", *PART), 1, "there is no employee 'e9'"),
        (("calendar", *PART), 2, "--everybody"),
        (("calendar", "e1", "--everybody", *PART), 2, "--everybody"),
        (("calendar", "e1", *PART, "--to", "2026-10-14"), 1, "to: earlier than from"),
        (("calendar", "e1", "--from", "2026-10-15", "--working-hours", "Moo 1-2"), 1, "working_hours: "),
        (("calendar", "e1", "--from", "2026-10-15", "--remove"), 1, "no exception of 'e1' begins on 2026-10-15"),
    ],
)
def test_what_is_wrong_is_named(planwhy: Any, words: tuple[str, ...], code: int, said: str) -> None:
    done = planwhy(*words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_control_characters_do_not_reach_the_terminal(planwhy: Any) -> None:
    assert planwhy("transfer", "e1", "--team", "X\x1b[2J", "--since", "2026-01-01").exit_code == 2
    planwhy("transfer", "e1", "--team", "two\nlines\u202e", "--since", "2026-01-01")
    assert "two lines" in planwhy("show", "e1").stdout and "\u202e" not in planwhy("show", "e1").stdout
