"""The administrator's page that erases a person, and the button that gives people all that is known of them."""

import io
import zipfile
from pathlib import Path

import pytest
from planwhy_collector.backup.ledger import remembered
from planwhy_collector.queries.looks import looks_at, verify_chain
from planwhy_collector.queries.people import employee_ids
from signed_in import ADMIN, LEAD, OWN, Site, send

PAGE = "/admin/people/e1/erase"


def keys(place: Site) -> set[str]:
    with place.database.reading() as session:
        return set(employee_ids(session))


def test_the_page_tells_what_goes_and_needs_the_typed_id(place: Site) -> None:
    browser = place.client(ADMIN)
    assert PAGE in browser.get("/admin").text
    assert "Erase Test Person" in browser.get(PAGE).text
    assert send(browser, PAGE, PAGE, confirm="e2") == 422
    assert browser.post(PAGE, data={"confirm": "e1"}).status_code == 400
    assert keys(place) == {"e1", "e2"}


def test_the_button_erases_and_remembers_by_whom(place: Site) -> None:
    browser, own = place.client(ADMIN), place.client(OWN)
    assert own.get("/me").status_code == 200
    assert send(browser, PAGE, PAGE, confirm="e1") == 200
    assert keys(place) == {"e2"}
    assert browser.get(PAGE).status_code == 404
    (one,) = remembered(place.database.path.parent / "erasures.jsonl")
    assert one.erased_by == place.user(ADMIN).id
    assert "the person was erased" in browser.get("/audit").text
    assert send(browser, "/admin", "/language", locale="ru", then="/audit") == 302
    assert "Удаление навсегда: rows" in browser.get("/audit").text
    with place.database.reading() as session:
        assert verify_chain(session).holds
    assert own.get("/me").status_code == 302


@pytest.mark.parametrize("email", [LEAD, OWN])
def test_nobody_but_an_administrator_erases(place: Site, email: str) -> None:
    browser = place.client(email)
    assert browser.get(PAGE).status_code == 403
    assert send(browser, "/account", PAGE, confirm="e1") == 403
    assert keys(place) == {"e1", "e2"}


def test_a_person_gets_all_that_is_known_as_a_file_and_it_is_no_look(place: Site, tmp_path: Path) -> None:
    browser = place.client(OWN)
    page = browser.get("/me").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.post("/me/export", data={"csrf_token": token})
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        timeline = archive.read("timeline.jsonl").decode()
    assert timeline.count("\n") == 3 and "acme.bitrix24.ru" in timeline
    with place.database.reading() as session:
        assert looks_at(session, place.person.id) == ()
    assert browser.post("/me/export").status_code == 400


def test_an_account_without_an_employee_has_nothing_to_take_out(place: Site) -> None:
    assert send(place.client(LEAD), "/account", "/me/export") == 404
