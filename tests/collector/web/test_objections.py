"""A person's say: who may object, who reads it where, who answers, and that nothing of it is ever markup."""

import json
import re
import zipfile
from io import BytesIO

import pytest
from activity_rows import enrol, record
from objecting import ANSWER, SAID, decided, objected
from planwhy_collector.queries.cases import conclude
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.queries.objections import objections_of
from planwhy_collector.queries.people import person
from planwhy_collector.queries.users import add_user
from planwhy_shared.times import HOUR_MS
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, Site, send

NEW = "/me/objections/new?kind=host&subject=hh.ru"
ESCAPED = "There I look for &lt;b&gt;candidates&lt;/b&gt; for our team"
LINE = "Objection open since 2 Nov 2026; in this period hh.ru counts as not work (1 h)."
SUM = "Objections open: 1. Contested of this time: not work (1 h)."
OCTOBER = "?period=2026-10"


def states(place: Site) -> list[str]:
    with place.database.reading() as session:
        return [one.state for one in objections_of(session, place.person.id)]


def test_a_person_objects_on_the_own_page_and_takes_it_back(place: Site) -> None:
    browser = place.client(OWN)
    page = browser.get(f"/me{OCTOBER}").text
    assert "hh.ru" in page and "Not work" in page and "subject=hh.ru" in page
    form = {"kind": "host", "subject": "hh.ru", "meaning": "non_work/jobs/"}
    assert send(browser, NEW, "/me/objections", text=SAID, **form) == 302
    own = browser.get(f"/me{OCTOBER}").text
    assert ESCAPED in own and "<b>candidates" not in own and LINE in own and "waits for an answer" in own
    assert send(browser, NEW.replace("hh.ru", "acme.bitrix24.ru"), "/me/objections", text=SAID, **form) == 422
    with place.database.reading() as session:
        (one,) = objections_of(session, place.person.id)
    assert send(browser, "/me", f"/me/objections/{one.id}/withdrawal") == 302
    assert states(place) == ["withdrawn"] and "Objection open" not in browser.get(f"/me{OCTOBER}").text


def test_the_form_says_who_will_read_it_and_names_what_is_personal(place: Site) -> None:
    browser = place.client(OWN)
    page = browser.get(NEW).text
    assert "the administrators will see this with your name" in page and "personal category" in page
    other = browser.get("/me/objections/new?kind=host&subject=acme.bitrix24.ru").text
    assert "the administrators will see" in other and "personal category" not in other


@pytest.mark.parametrize(
    "wrong",
    [{"text": "short"}, {"text": "x" * 2001}, {"kind": "title"}, {"subject": ""}, {"subject": "other.example"},
     {"subject": "x" * 1001}, {"meaning": "work/crm/sales"}],
)  # fmt: skip
def test_bad_forms_are_refused_and_nothing_is_written(place: Site, wrong: dict[str, str]) -> None:
    form = {"kind": "host", "subject": "hh.ru", "text": SAID, "meaning": ""} | wrong
    assert send(place.client(OWN), NEW, "/me/objections", **form) == 422 and states(place) == []


def test_a_form_without_its_token_writes_nothing(place: Site) -> None:
    form = {"kind": "host", "subject": "hh.ru", "text": SAID}
    assert place.client(OWN).post("/me/objections", data=form).status_code == 400 and states(place) == []


def test_a_second_objection_to_the_same_is_refused_in_words(place: Site) -> None:
    objected(place)
    browser = place.client(OWN)
    assert "is open already" in browser.get(NEW).text
    assert send(browser, "/me", "/me/objections", kind="host", subject="hh.ru", text=SAID) == 422
    assert states(place) == ["open"]


@pytest.mark.parametrize("email", [LEAD, ADMIN, COUNCIL, OTHER])
def test_nobody_objects_for_somebody_else(place: Site, email: str) -> None:
    browser = place.client(email)
    assert browser.get(NEW).status_code == 404 and browser.get("/me/labels").status_code == 404
    assert send(browser, "/rules", "/me/objections", kind="host", subject="hh.ru", text=SAID) == 404
    assert states(place) == []


def test_another_employee_neither_reads_it_nor_takes_it_back(place: Site) -> None:
    one = objected(place)
    with place.database.writing() as session:
        add_user(session, "second@example.test", "Second", "employee", person(session, "e2").id, 0)
    browser = place.client("second@example.test")
    assert "hh.ru" not in browser.get("/me").text and browser.get("/objections").status_code == 403
    assert browser.get(NEW).status_code == 422 and browser.get("/api/v1/objections").json["items"] == []  # type: ignore[index]
    assert send(browser, "/me", f"/me/objections/{one}/withdrawal") == 404
    assert send(browser, "/me", f"/objections/{one}/decline", answer=ANSWER) == 403 and states(place) == ["open"]


def test_the_supervisor_and_the_administrator_read_it_and_no_look_is_needed(place: Site) -> None:
    one = objected(place)
    for email in (LEAD, ADMIN):
        page = place.client(email).get("/objections").text
        assert ESCAPED in page and "<b>candidates" not in page and "Test Person" in page and "hh.ru" in page
        assert "Not work" in page and "1 h" in page and '<span class="badge"' in page
        assert (f"/rules/decide?kind=host&amp;subject=hh.ru&amp;objection={one}" in page) == (email == ADMIN)
    with place.database.reading() as session:
        assert looks_at(session, place.person.id) == ()


@pytest.mark.parametrize(("email", "status"), [(OTHER, 404), (COUNCIL, 403), (OWN, 403)])
def test_nobody_else_reads_or_declines(place: Site, email: str, status: int) -> None:
    one, browser = objected(place), place.client(email)
    page = browser.get("/objections")
    assert "hh.ru" not in page.text and page.status_code == (200 if email == OTHER else 403)
    home = "/me" if email == OWN else "/objections" if email == OTHER else "/audit"
    assert (
        send(browser, "/account" if email == COUNCIL else home, f"/objections/{one}/decline", answer=ANSWER) == status
    )
    assert states(place) == ["open"] and '<span class="badge"' not in page.text


def test_an_answer_is_needed_ends_it_once_and_is_told_to_the_person(place: Site) -> None:
    one, browser = objected(place), place.client(LEAD)
    to = f"/objections/{one}/decline"
    assert send(browser, "/objections", to, answer="no") == 422
    assert send(browser, "/objections", to, answer="x" * 2001) == 422
    assert send(browser, "/objections", to, answer=ANSWER) == 302
    assert send(browser, "/objections", to, answer=ANSWER) == 422
    assert send(browser, "/objections", "/objections/1/decline", answer=ANSWER) == 404
    own = place.client(OWN).get(f"/me{OCTOBER}").text
    assert "We &lt;i&gt;agreed" in own and "declined" in own and "Lead" in own and "Objection open" not in own
    assert "hh.ru" not in browser.get("/objections").text and "hh.ru" in browser.get("/objections?state=decided").text


def test_an_answer_stands_on_top_of_the_own_page_for_two_weeks(place: Site) -> None:
    decided(place, objected(place), LEAD)
    told = "Your objection was answered:"
    assert told in place.client(OWN).get(f"/me{OCTOBER}").text
    place.now += 15 * 24 * HOUR_MS
    later = place.client(OWN).get(f"/me{OCTOBER}").text
    assert told not in later and "We &lt;i&gt;agreed" in later


def test_nobody_answers_the_own_objection(place: Site) -> None:
    with place.database.writing() as session:
        add_user(session, "both@example.test", "Both", "admin", place.person.id, 0)
    one, browser = objected(place), place.client("both@example.test")
    page = browser.get("/objections").text
    assert "hh.ru" not in page and '<span class="badge"' not in page
    assert send(browser, "/objections", f"/objections/{one}/decline", answer=ANSWER) == 404


@pytest.mark.parametrize("query", ["state=closed", "from=x", "from=-1", "from=9999999"])
def test_odd_lists_are_refused(place: Site, query: str) -> None:
    assert place.client(LEAD).get(f"/objections?{query}").status_code == 422


def test_where_the_detail_is_open_the_objection_stands_beside_it(place: Site) -> None:
    objected(place)
    case = place.case()
    for email in (OWN, LEAD):
        for path in (f"/cases/{case}", "/people/e1/days/2026-10-05"):
            page = place.client(email).get(path).text
            assert LINE in page and ESCAPED in page, (email, path)
    assert LINE in place.client(OWN).get(f"/me/explanation{OCTOBER}").text
    assert LINE not in place.client(OWN).get("/people/e1/days/2026-10-06").text


def test_where_it_is_not_open_only_the_sum_stands_there(place: Site) -> None:
    objected(place)
    case, browser = place.case(), place.client(LEAD)
    with place.database.writing() as session:
        conclude(session, case, "help_agreed", "", place.user(LEAD).id, place.now)
    for path in (f"/people/e1/{OCTOBER}", f"/team{OCTOBER}", f"/cases/{case}"):
        page = browser.get(path).text
        assert SUM in page and "hh.ru" not in page and "candidates" not in page, path
    assert "Objections open" not in browser.get("/team?period=2026-09").text


def test_a_weekly_report_of_few_people_counts_objections_without_their_hours(place: Site) -> None:
    objected(place)
    for path in ("/reports/weekly?week=2026-W41", "/reports/weekly.html?week=2026-W41"):
        page = place.client(LEAD).get(path).text
        assert "Objections open: 1." in page and "Contested" not in page and "hh.ru" not in page, path


def test_a_decided_objection_stands_beside_nothing(place: Site) -> None:
    decided(place, objected(place), ADMIN, accepted=True)
    case = place.case()
    for path in (f"/cases/{case}", f"/team{OCTOBER}", "/reports/weekly?week=2026-W41"):
        page = place.client(LEAD).get(path).text
        assert "Objection open" not in page and "Objections open" not in page, path
    own = place.client(OWN).get("/me").text
    assert "accepted" in own and "Admin" in own


def test_each_entry_of_the_own_day_leads_to_the_form_and_nobody_elses_does(place: Site) -> None:
    path = "/people/e1/days/2026-10-05"
    own = place.client(OWN).get(path).text
    assert own.count("/me/objections/new") == 2 and "subject=acme.bitrix24.ru" in own
    place.case()
    assert "/me/objections/new" not in place.client(LEAD).get(path).text


def test_hostile_subjects_stay_text(place: Site) -> None:
    name = "<script>alert(1).exe"
    spans = [("2026-10-06 09:00", "2026-10-06 10:00", "active", name)]
    record(place.database, place.person, enrol(place.database, place.person), spans)
    objected(place, "<script>alert(1)", "program")
    pages = [place.client(OWN).get(p).text for p in (f"/me{OCTOBER}", f"/me/labels{OCTOBER}")]
    pages += [place.client(LEAD).get("/objections").text]
    for page in pages:
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_all_labels_of_a_period_stand_on_a_page_of_their_own(place: Site) -> None:
    device = enrol(place.database, place.person)
    for n in range(22):
        minute = (f"2026-10-06 09:{n:02}", f"2026-10-06 09:{n + 1:02}", "active", f"program{n}.exe")
        record(place.database, place.person, device, [minute])
    browser = place.client(OWN)
    assert f"/me/labels{OCTOBER}" in browser.get(f"/me{OCTOBER}").text
    assert browser.get(f"/me/labels{OCTOBER}").text.count("/me/objections/new") == 24


def test_the_own_export_holds_them(place: Site) -> None:
    objected(place)
    browser = place.client(OWN)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/me").text)
    assert token
    archive = zipfile.ZipFile(BytesIO(browser.post("/me/export", data={"csrf_token": token[1]}).data))
    (row,) = map(json.loads, archive.read("objections.jsonl").splitlines())
    assert (row["subject"], row["label"], row["text"], row["answer"]) == ("hh.ru", "non_work", SAID, "")
