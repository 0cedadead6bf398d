"""`planwhy user`, `timeline` and `report` as a person at a terminal uses them."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from planwhy_collector.cli import context, main
from planwhy_collector.db import Database
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.queries.users import user_by_email
from signed_in import LEAD, OTHER, OWN, Site, site

REASON = "The client complained about late answers"


@pytest.fixture
def place(database: Database, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    context.settings.cache_clear()
    return site(database)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_an_account_is_added_once_and_gets_a_link(place: Site, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse battery\n")
    words = ("user", "add", "--email", "New@Example.test", "--name", "N", "--role", "council")
    assert run(*words, "--password-file", str(secret)).exit_code == 0
    assert run(*words).exit_code == 1
    with place.database.reading() as session:
        assert user_by_email(session, "new@example.test").role == "council"
    assert "/sign-in/" in run("user", "link", "new@example.test").stdout
    assert run("user", "link", "nobody@example.test").exit_code == 1


def test_a_timeline_needs_an_account_a_right_and_is_written_down(place: Site) -> None:
    look = ("timeline", "e1", "2026-10-05", "2026-10-05", "--json", "--as")
    assert run("timeline", "e1", "2026-10-05", "2026-10-05").exit_code == 2
    assert run(*look, LEAD).exit_code == 1
    assert run(*look, OTHER, "--purpose", "security", "--reason", REASON).exit_code == 1
    found = run(*look, LEAD, "--purpose", "security", "--reason", REASON)
    assert msgspec.json.decode(found.stdout)["entries"][0]["host"] == "acme.bitrix24.ru"
    with place.database.reading() as session:
        assert [one.look.reason for one in looks_at(session, place.person.id)] == [REASON]


def test_ones_own_timeline_needs_no_reason(place: Site) -> None:
    found = run("timeline", "e1", "2026-10-05", "2026-10-05", "--as", OWN)
    assert found.exit_code == 0 and "hh.ru" in found.stdout


@pytest.mark.parametrize("days", [("0001-01-01", "2026-10-05"), ("soon", "later"), ("2026-10-06", "2026-10-05")])
def test_odd_days_are_refused_in_one_line(place: Site, days: tuple[str, str]) -> None:
    found = run("timeline", "e1", *days, "--as", OWN)
    assert found.exit_code == 1 and len(found.stderr.splitlines()) == 1


def test_a_report_is_written_as_html_or_json_and_nothing_else_yet(place: Site, tmp_path: Path) -> None:
    out = tmp_path / "week"
    words = ("report", "weekly", "--week", "2026-W41", "--out", str(out), "--format")
    assert run(*words, "html").exit_code == 0 and "<html" in out.read_text()
    assert run(*words, "json").exit_code == 0 and msgspec.json.decode(out.read_bytes())["week"] == "2026-W41"
    assert run(*words, "pdf").exit_code == 1
    assert run("report", "weekly", "--out", "/nowhere/week").exit_code == 1
