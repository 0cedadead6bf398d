"""Pages of rules: who may change them, previews before changes, and hostile texts that stay texts."""

import re

import pytest
from activity_rows import enrol, record
from objecting import objected
from planwhy_collector.classify.subject import Subject
from planwhy_collector.facts import Context
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.settle import settle
from planwhy_collector.queries.suggestions import Suggestion, replace_suggestions
from signed_in import ADMIN, COUNCIL, LEAD, OWN, TITLE, Site, send

DECISION = {
    "what": "decision",
    "kind": "host",
    "subject": "acme.example",
    "category": "business_info",
    "area": "service",
}
PAGES = ("/rules/queue", "/rules/decide?kind=host&subject=a.example", "/rules/own", "/rules/export")


@pytest.fixture
def furnished(place: Site) -> Site:
    spans = [
        ("2026-10-28 09:00", "2026-10-28 11:00", "active", "https://acme.example/"),
        ("2026-10-28 11:00", "2026-10-28 12:00", "active", "OddTool.exe"),
    ]
    record(place.database, place.person, enrol(place.database, place.person), spans)
    settle(place.database, place.now)
    return place


def label(place: Site, host: str = "acme.example") -> str | None:
    with place.database.reading() as session:
        return rules_in_force(session).judge(Context("chrome.exe", host), "default").label


def looked_at(page: str) -> str:
    found = re.search(r'name="looked_at" value="(\w+)"', page)
    assert found
    return found[1]


def preview(place: Site, email: str = ADMIN, **fields: str) -> str:
    browser = place.client(email)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/rules/own").text)
    assert token
    answer = browser.post("/rules/preview", data=fields | {"csrf_token": token[1]})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_administrator_decides_from_the_queue_after_a_preview(furnished: Site) -> None:
    browser = furnished.client(ADMIN)
    queue = browser.get("/rules/queue").text
    assert "acme.example" in queue and "oddtool" in queue and "Test Person" not in queue and "&lt; 5" in queue
    assert "kind=host&amp;subject=acme.example" in queue
    page = preview(furnished, **DECISION)
    assert "Service work" in page and "2 h" in page and "Test Person" not in page and label(furnished) is None
    assert send(browser, "/rules/own", "/rules/change", **DECISION, looked_at=looked_at(page)) == 302
    assert label(furnished) == "work"
    settle(furnished.database, furnished.now)
    assert "acme.example" not in browser.get("/rules/queue").text
    history = browser.get("/rules/history").text
    assert "host acme.example: business_info work service" in history and "Admin &lt;admin@example.test&gt;" in history


def test_what_somebody_changed_meanwhile_is_looked_at_again(furnished: Site) -> None:
    page = preview(furnished, **DECISION)
    browser = furnished.client(ADMIN)
    other = {"what": "leave", "kind": "program", "subject": "OddTool.exe"}
    assert send(browser, "/rules/own", "/rules/change", **other, looked_at=looked_at(page)) == 302
    assert send(browser, "/rules/own", "/rules/change", **DECISION, looked_at=looked_at(page)) == 409
    assert label(furnished) is None and "oddtool" not in browser.get("/rules/queue").text


def test_the_own_text_is_changed_exported_and_an_earlier_version_brought_back(place: Site) -> None:
    own = {"what": "own", "text": "# ours\r\n[games non_work]\r\nhost acme.example\r\n"}
    browser = place.client(ADMIN)
    assert send(browser, "/rules/own", "/rules/change", **own, looked_at=looked_at(preview(place, **own))) == 302
    assert browser.get("/rules/export").text.endswith("=== own\n# ours\n[games non_work]\nhost acme.example\n")
    with place.database.reading() as session:
        version = rules_in_force(session).version
    empty = {"what": "own", "text": ""}
    assert send(browser, "/rules/own", "/rules/change", **empty, looked_at=looked_at(preview(place, **empty))) == 302
    assert label(place) is None
    back = {"what": "restore", "version": version}
    assert send(browser, "/rules/history", "/rules/change", **back, looked_at=looked_at(preview(place, **back))) == 302
    assert label(place) == "non_work"


@pytest.mark.parametrize("email", [LEAD, OWN, COUNCIL])
def test_nobody_but_administrators_changes_rules(furnished: Site, email: str) -> None:
    browser = furnished.client(email)
    assert [browser.get(page).status_code for page in PAGES] == [403] * len(PAGES)
    assert send(browser, "/account", "/rules/preview", **DECISION) == 403
    assert send(browser, "/account", "/rules/change", **DECISION, looked_at="x") == 403
    assert browser.get("/rules/history").status_code == (200 if email == COUNCIL else 403)
    assert label(furnished) is None


def test_everybody_may_try_a_case(place: Site) -> None:
    browser = place.client(OWN)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/rules").text)
    assert token
    case = {"app": "chrome.exe", "url": "https://acme.bitrix24.ru/crm/deal/details/5/", "title": TITLE}
    page = browser.post("/rules", data=case | {"csrf_token": token[1]}).text
    assert "R-crm-deal" in page and "H-bitrix24.ru" in page and "<script>alert" not in page
    odd = browser.post("/rules", data={"app": "\ud800".encode("utf-8", "surrogatepass"), "csrf_token": token[1]})
    assert odd.status_code == 200 and "No rule knows it" in odd.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "nothing"}, {"kind": "door"}, {"subject": "no host"}, {"subject": ""}, {"category": "none"},
        {"label": "bad"}, {"area": "bad"}, {"profile": "nobody"}, {"why": "x" * 301},
        {"what": "own", "text": "hots a.example"}, {"what": "own", "text": "[games non_work]\ntitle R-x any regex: ("},
    ],
)  # fmt: skip
def test_a_wrong_change_is_refused_and_nothing_is_stored(place: Site, wrong: dict[str, str]) -> None:
    browser = place.client(ADMIN)
    assert send(browser, "/rules/own", "/rules/preview", **(DECISION | wrong)) == 422
    assert send(browser, "/rules/own", "/rules/change", **(DECISION | wrong), looked_at="x") in (409, 422)
    assert label(place) is None


def test_an_unknown_version_is_not_found(place: Site) -> None:
    assert send(place.client(ADMIN), "/rules/own", "/rules/preview", what="restore", version="0" * 12) == 404


def test_hostile_texts_stay_texts(place: Site) -> None:
    own = {"what": "own", "text": f"# </textarea>{TITLE}\n[games non_work]\nhost acme.example -- {TITLE}\n"}
    page = preview(place, **own)
    assert "<script>alert" not in page and "</textarea>Prices" not in page
    browser = place.client(ADMIN)
    assert send(browser, "/rules/own", "/rules/change", **own, looked_at=looked_at(page)) == 302
    assert all("<script>alert" not in browser.get(where).text for where in ("/rules/own", "/rules/history", "/rules"))
    assert "<script" not in browser.get("/rules/decide?kind=program&subject=<script>alert(1)</script>").text


def test_the_history_turns_pages(place: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planwhy_collector.web.rule_changes.PAGE", 3)
    browser = place.client(ADMIN)
    for number in range(5):
        change = {"what": "own", "text": f"# {number}"}
        assert (
            send(browser, "/rules/own", "/rules/change", **change, looked_at=looked_at(preview(place, **change))) == 302
        )
    first = browser.get("/rules/history").text
    more = re.search(r"\?before=(\d+)", first)
    assert more and "Earlier" not in browser.get(f"/rules/history?before={more[1]}").text
    assert browser.get("/rules/history?before=x").status_code == 422


def test_an_accepted_objection_and_its_rule_come_into_force_together(place: Site) -> None:
    key = objected(place)
    browser = place.client(ADMIN)
    form = browser.get(f"/rules/decide?kind=host&subject=hh.ru&objection={key}").text
    assert "There I look for &lt;b&gt;candidates" in form
    change = DECISION | {"subject": "hh.ru", "objection": str(key), "why": "we do hire there"}
    seen = looked_at(preview(place, **change))
    assert send(browser, "/rules/own", "/rules/change", **change, looked_at=seen) == 302
    assert label(place, "hh.ru") == "work" and "we do hire there" in place.client(OWN).get("/me").text
    again = change | {"subject": "other.example"}
    seen = looked_at(preview(place, **again))
    assert send(browser, "/rules/own", "/rules/change", **again, looked_at=seen) == 422
    assert label(place, "other.example") is None


@pytest.mark.parametrize(("objection", "status"), [("12345", 404), ("x", 422), ("-1", 422)])
def test_an_objection_that_is_none_decides_nothing(place: Site, objection: str, status: int) -> None:
    browser = place.client(ADMIN)
    assert browser.get(f"/rules/decide?kind=host&subject=hh.ru&objection={objection}").status_code == status
    change = DECISION | {"objection": objection}
    seen = looked_at(preview(place, **change))
    assert send(browser, "/rules/own", "/rules/change", **change, looked_at=seen) == status
    assert label(place) is None


def test_the_queue_shows_what_a_model_guesses_and_never_an_unsure_guess(furnished: Site) -> None:
    made = {
        Subject("host", "acme.example"): Suggestion("business_info", 0.71, furnished.now, "v"),
        Subject("program", "oddtool"): Suggestion("games", 0.49, furnished.now, "v"),
    }
    with furnished.database.writing() as session:
        replace_suggestions(session, made)
    queue = furnished.client(ADMIN).get("/rules/queue").text
    assert "71%" in queue and "category=business_info" in queue and "49%" not in queue and "category=games" not in queue
    assert label(furnished) is None
