"""`planwhy rules suggest`, as a user runs it: what it proposes, and that ordinary commands do not pay for it."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from activity_rows import hire
from planwhy_collector.db import Database
from planwhy_collector.facts import Context
from running import BIN, run
from suggest_rows import spend

TITLE = "Крути барабаны"


def planwhy(folder: Path, *arguments: str, code: int = 0, **more: str) -> str:
    environment = {"PLANWHY_DATABASE_URL": f"sqlite:///{folder / 'p.sqlite3'}"} | more
    return run([str(BIN / "planwhy"), *arguments], environment, folder, code)


def filled(folder: Path) -> None:
    today: date = datetime.now(UTC).date()
    with Database(f"sqlite:///{folder / 'p.sqlite3'}") as database:
        database.upgrade()
        who = hire(database)
        spend(database, who, today, Context("chrome.exe", "lucky-casino-slots.com", None, TITLE), 90)
        spend(database, who, today, Context("qqzzxx.exe"), 30)


@pytest.mark.slow
def test_a_category_is_proposed_with_its_label_and_the_unsure_say_so(tmp_path: Path) -> None:
    filled(tmp_path)
    told = planwhy(tmp_path, "rules", "suggest", "--json")
    sure, unsure = json.loads(told)
    assert (sure["kind"], sure["name"], sure["hours"]) == ("host", "lucky-casino-slots.com", 1.5)
    assert (sure["suggestion"], sure["guesses"][0]["label"], len(sure["guesses"])) == ("restricted", "non_work", 3)
    assert (unsure["name"], unsure["suggestion"]) == ("qqzzxx", None)
    assert "барабаны" not in told


@pytest.mark.soak
def test_suggestions_are_told_in_words(tmp_path: Path) -> None:
    filled(tmp_path)
    first, second = planwhy(tmp_path, "rules", "suggest").splitlines()
    assert "restricted (non_work)" in first
    assert "no suggestion" in second
    assert "барабаны" not in first


def test_an_empty_database_has_nothing_to_suggest(tmp_path: Path) -> None:
    assert "nothing unclassified" in planwhy(tmp_path, "rules", "suggest")
    assert json.loads(planwhy(tmp_path, "rules", "suggest", "--json")) == []
    planwhy(tmp_path, "rules", "suggest", "--days", "0", code=2)


def test_a_wrong_folder_of_an_embedding_is_one_line(tmp_path: Path) -> None:
    filled(tmp_path)
    planwhy(tmp_path, "rules", "suggest", code=1, PLANWHY_EMBEDDING_MODEL=str(tmp_path))


def test_commands_and_the_server_do_not_load_the_model(tmp_path: Path) -> None:
    modules = "planwhy_collector.cli.rules, planwhy_collector.app, planwhy_collector.scheduler"
    loaded = run([sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"], {}, tmp_path).split()
    assert not {"sklearn", "numpy", "scipy", "model2vec"} & set(loaded)
