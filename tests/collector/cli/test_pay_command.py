"""The command `planwhy pay`, as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from csv_folder import written
from pay_rows import PLAIN, STEPS
from running import BIN, call, run


class Desk:
    """A folder with a database, a scheme file and one person with one contract of 500 and one client of 100."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheme.toml"
        self.file.write_text(PLAIN, encoding="utf-8")
        (folder / "csv").mkdir()
        self("import", str(written(folder / "csv", absences="", tasks="", contacts="")))

    @property
    def environment(self) -> dict[str, str]:
        return {"PLANWHY_DATABASE_URL": f"sqlite:///{self.folder / 'p.sqlite3'}", "PLANWHY_DEFAULT_LOCALE": "en"}

    def __call__(self, *arguments: str, code: int = 0) -> str:
        return call(arguments, self.environment, code)

    def json(self, *arguments: str) -> Any:
        return json.loads(self("pay", *arguments, "--json"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk with the scheme in force, for all tests of this file that change none of its facts."""
    found = Desk(tmp_path_factory.mktemp("desk"))
    found("pay", "apply", str(found.file), "--since", "2026-10-01", "--correct")
    return found


def test_the_example_passes_the_check(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.file.write_text(run([str(BIN / "planwhy"), "pay", "example"], {}, tmp_path), encoding="utf-8")
    assert "no problem" in desk("pay", "check", str(desk.file))
    desk.file.write_text(desk("pay", "example") + "\n[fines]\nlate = 5\n", encoding="utf-8")
    desk("pay", "check", str(desk.file), code=1)
    desk("pay", "apply", str(desk.file), "--since", "2031-01-01", code=1)
    assert desk.json("schemes") == []


def test_past_months_are_guarded_and_schemes_are_listed(desk: Desk) -> None:
    desk("pay", "apply", str(desk.file), "--since", "2026-09-01", code=1)
    desk("pay", "apply", str(desk.file), "--since", "soon", code=2)
    later = ("pay", "apply", str(desk.file), "--since", "2031-01-01")
    assert "instead" not in desk(*later) and "instead of the one applied" in desk(*later)
    assert [one["since"] for one in desk.json("schemes")] == ["2026-10-01", "2031-01-01"]
    assert [line.split()[:2] for line in desk("pay", "schemes").splitlines()] == [
        ["2026-10-01", "RUB"], ["2031-01-01", "RUB"]
    ]  # fmt: skip


def test_a_month_is_shown_as_a_table_and_as_one_document(desk: Desk) -> None:
    text = desk("pay", "show", "e1", "2026-10")
    assert "50.00 RUB" in text and "51.00 RUB" in text and "October 2026" in text
    assert "Новый договор" in desk("pay", "show", "e1", "2026-10", "--lang", "ru")
    found = desk.json("show", "e1", "2026-10")
    assert (found["total"], found["currency"], found["scheme_since"]) == ("51.00", "RUB", "2026-10-01")
    assert [(one["part"], one["on"], one["share"], one["amount"]) for one in found["lines"]] == [
        ("sale", "500.00", "0.1", "50.00"), ("service", "100.00", "0.01", "1.00")
    ]  # fmt: skip


def test_what_if_tells_the_difference_line_by_line(desk: Desk) -> None:
    more = ("--new", "100", "--new", "200", "--upsell", "100", "--client", "100")
    found = desk.json("what-if", "e1", "2026-10", *more)
    assert (found["before"]["total"], found["after"]["total"], found["difference"]) == ("51.00", "87.00", "36.00")
    assert [one["difference"] for one in found["changes"] if one["assumed"]] == ["10.00", "20.00", "5.00", "1.00"]
    assert "+36.00 RUB" in desk("pay", "what-if", "e1", "2026-10", *more)


def test_what_if_takes_another_scheme_and_another_plan(desk: Desk) -> None:
    stepped = desk.folder / "stepped.toml"
    stepped.write_text(PLAIN + STEPS, encoding="utf-8")
    other = ("what-if", "e1", "2026-10", "--scheme", str(stepped))
    assert desk.json(*other)["difference"] == "-25.00"
    assert desk.json(*other, "--target", "1")["difference"] == "0.00"
    assert "Plan reached: 8.33%" in desk("pay", *other)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "nobody", "2026-10"), 1),
        (("show", "e1", "2026-09"), 1),
        (("show", "e1", "2026-W43"), 1),
        (("show", "e1", "October"), 2),
        (("what-if", "e1", "2026-10", "--new", "a lot"), 1),
        (("what-if", "e1", "2026-10", "--target", "-1"), 1),
        (("what-if", "e1", "2026-10", "--scheme", "nothing.toml"), 1),
        (("check", "nothing.toml"), 1),
    ],
)
def test_what_is_wrong_ends_with_one_line(desk: Desk, arguments: tuple[str, ...], code: int) -> None:
    assert desk("pay", *arguments, code=code) == ""
