"""The command `planwhy policy`, as an administrator runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from csv_folder import written
from running import call


class Desk:
    """A folder with a database of one team and a policy file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "policy.toml"
        (folder / "csv").mkdir()
        self("import", str(written(folder / "csv", absences="", tasks="", contacts="")))

    def __call__(self, *arguments: str, code: int = 0) -> str:
        return call(arguments, {"PLANWHY_DATABASE_URL": f"sqlite:///{self.folder / 'p.sqlite3'}"}, code)

    def apply(self, text: str, code: int = 0) -> str:
        self.file.write_text(text, encoding="utf-8")
        return self("policy", "apply", str(self.file), code=code)

    def json(self) -> Any:
        return json.loads(self("policy", "show", "--json"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_example_passes_the_check_and_can_be_applied(desk: Desk) -> None:
    assert "no policy was applied" in desk("policy", "show")
    desk.file.write_text(desk("policy", "example"), encoding="utf-8")
    assert "no problem" in desk("policy", "check", str(desk.file))
    assert "in force" in desk("policy", "apply", str(desk.file))
    assert desk("policy", "show").partition("\n")[2] == desk("policy", "example")


def test_a_wrong_policy_ends_with_exit_code_1_and_changes_nothing(desk: Desk) -> None:
    desk.apply('titles = "mask"\n')
    for wrong in ('[[title_rules]]\nhost = "a.ru"\ntitles = "all"', '[teams.Nobody]\ntitles = "drop"', "titles = ["):
        desk.apply(wrong, code=1)
    desk("policy", "check", str(desk.file), code=1)
    desk("policy", "apply", str(desk.folder / "absent.toml"), code=1)
    assert [one["body"] for one in desk.json()] == ['titles = "mask"\n']


def test_a_policy_that_keeps_more_says_what_and_that_people_are_asked(desk: Desk) -> None:
    assert "keeps more" not in desk.apply('titles = "drop"\n')
    said = desk.apply('titles = "mask"\npath_hosts = ["wiki.example"]\n')
    assert "keeps more than before: titles" in said
    assert "keeps more than before: address_rules: host wiki.example" in said
    assert "acknowledged the new notice" in said
    assert [one["notice_asked_since"][""] is None for one in desk.json()] == [True, False]
