"""`planwhy objections`, and the objections in what other commands print."""

import msgspec
import pytest
from click.testing import CliRunner, Result
from crm_rows import plan
from objecting import ANSWER, SAID, objected
from planwhy_collector.cli import context, main
from planwhy_collector.cli import objections as command
from planwhy_collector.db import Database
from planwhy_collector.queries.objections import objections_of
from signed_in import LEAD, Site, site


@pytest.fixture
def place(database: Database, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    monkeypatch.setenv("PLANWHY_DEFAULT_LOCALE", "en")
    context.settings.cache_clear()
    made = site(database)
    monkeypatch.setattr(command, "wall_clock_ms", lambda: made.now)
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_open_objections_are_listed_for_people_and_scripts(place: Site) -> None:
    assert run("objections").stdout == "No objection waits for an answer.\n"
    one = objected(place, text="There I look\x1b[31m for\ncandidates")
    shown = run("objections").stdout
    assert f"{one}  2026-11-02  open  Test Person [e1]\n  hh.ru: not work (1 h)\n  There I look [31m for cand" in shown
    (item,) = msgspec.json.decode(run("objections", "--json").stdout)["items"]
    assert (item["id"], item["subject"], item["hours"]) == (str(one), "hh.ru", 1.0)
    assert run("objections", "--state", "decided", "--json").stdout == '{"items":[]}\n'


def test_declining_needs_an_answer_and_works_once(place: Site) -> None:
    one = str(objected(place))
    assert run("objections", "decline", one).exit_code == 2
    assert run("objections", "decline", one, "--answer", "no").exit_code == 1
    assert run("objections", "decline", "12", "--answer", ANSWER).exit_code == 1
    assert run("objections", "decline", one, "--answer", ANSWER, "--as", LEAD).exit_code == 0
    assert run("objections", "decline", one, "--answer", ANSWER).exit_code == 1
    with place.database.reading() as session:
        (found,) = objections_of(session, place.person.id)
    assert (found.state, found.answer, found.decided_by) == ("declined", ANSWER, place.user(LEAD).id)


def test_explanations_and_measurements_print_it_without_naming_what_is_personal(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    objected(place)
    objected(place, "acme.bitrix24.ru", text="This was a training, no sales")
    moment = ("--as-of", "2026-11-02T13:00:00+03:00")
    for words in (("explain", "e1", "2026-10", "--lang", "en"), ("measure", "e1", "2026-10")):
        shown = run(*words, *moment).stdout
        assert "in this period acme.bitrix24.ru counts as work (1 h). The person says: This was a training" in shown
        assert "in this period a personal site or program counts as not work (1 h)." in shown
        assert "hh.ru" not in shown and "candidates" not in shown
        told = msgspec.json.decode(run(*words, *moment, "--json").stdout)["objections"]
        assert {(one["subject"], one["hours"]) for one in told} == {(None, 1.0), ("acme.bitrix24.ru", 1.0)}


def test_an_explanation_as_of_an_earlier_instant_knows_nothing_of_it(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    objected(place)
    shown = run("explain", "e1", "2026-10", "--lang", "en", "--as-of", "2026-11-01T13:00:00+03:00").stdout
    assert "plan" in shown and "Objection open" not in shown


def test_the_timeline_prints_it_to_the_person(place: Site) -> None:
    objected(place)
    shown = run("timeline", "e1", "2026-10-05", "2026-10-05", "--as", "own@example.test").stdout
    assert "in this period hh.ru counts as not work (1 h)" in shown and SAID in shown
