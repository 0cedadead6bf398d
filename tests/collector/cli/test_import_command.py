"""`planwhy import` and `planwhy employee`: exit codes, JSON alone on stdout, errors with their places."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from csv_folder import GOOD, written
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", f"sqlite:///{tmp_path / 'p.sqlite3'}")
    settings.cache_clear()
    yield CliRunner()
    settings.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return written(tmp_path / "in")


def test_a_good_import_ends_with_0_and_one_document(runner: CliRunner, folder: Path) -> None:
    done = runner.invoke(main, ["import", str(folder), "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["stored"], len(told["files"])) == (0, True, 7)


def test_a_bad_import_ends_with_1_and_names_each_place(runner: CliRunner, folder: Path) -> None:
    written(folder, plans=GOOD["plans.csv"] + "e1,2026-11,contracts,-3,\ne1,2026-99,contracts,3,\n")
    done = runner.invoke(main, ["import", str(folder)])
    assert done.exit_code == 1
    assert "plans.csv:3: target: " in done.stderr
    assert "plans.csv:4: period: " in done.stderr


def test_a_folder_that_is_not_there_is_wrong_usage(runner: CliRunner, tmp_path: Path) -> None:
    assert runner.invoke(main, ["import", str(tmp_path / "nowhere")]).exit_code == 2


def test_employees_are_added_and_listed(runner: CliRunner) -> None:
    assert runner.invoke(main, ["employee", "add", "--key", "e1", "--name", "A", "--country", "ru"]).exit_code == 0
    assert runner.invoke(main, ["employee", "add", "--key", "e1", "--name", "A"]).exit_code == 1
    assert runner.invoke(main, ["employee", "add", "--key", "e2", "--name", "A", "--time-zone", "X"]).exit_code == 2
    listed = json.loads(runner.invoke(main, ["employee", "list", "--json"]).stdout)
    assert [(r["key"], r["country"]) for r in listed] == [("e1", "RU")]


def test_what_was_noticed_of_tasks_is_said_with_the_way_to_say_it_better(runner: CliRunner, folder: Path) -> None:
    runner.invoke(main, ["import", str(folder)])
    written(folder, tasks=GOOD["tasks.csv"].replace("2026-10-02,", "2026-10-09,"))
    tried = runner.invoke(main, ["import", str(folder), "--dry-run"]).stdout
    assert "deadlines moved 1, reassigned 0, reopened 0" in tried and "--correct" in tried
    fixed = json.loads(runner.invoke(main, ["import", str(folder), "--correct", "--json"]).stdout)
    assert fixed["history"] == {"moved": 1, "reassigned": 0, "reopened": 0, "recorded": False}
    assert "known tasks" not in runner.invoke(main, ["import", str(folder)]).stdout
