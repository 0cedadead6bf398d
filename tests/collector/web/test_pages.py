"""The pages: who gets which, what they show, and what they never show."""

import pytest
from activity_rows import enrol, hire, record
from crm_rows import deal, plan, task
from planwhy_collector.models import ContextRow
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.web.roles import stated_roles
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, Site, send
from sqlalchemy import update

REASON = "The client complained about late answers"
HOSTILE = "<script>alert(1)</script>\u202e" + "я" * 900


def looks(place: Site) -> list[str]:
    with place.database.reading() as session:
        return [found.look.what for found in looks_at(session, place.person.id)]


def test_every_route_states_its_role(place: Site) -> None:
    ours = {name: roles for name, roles in stated_roles(place.app).items() if name.startswith(("pages.", "api."))}
    assert len(ours) > 30 and not [name for name, roles in ours.items() if roles is None]


@pytest.mark.parametrize(
    ("email", "home", "closed"),
    [(LEAD, "/team", "/admin"), (OWN, "/me", "/team"), (ADMIN, "/admin", "/nothing"), (COUNCIL, "/audit", "/team")],
)
def test_each_role_has_a_home_and_closed_doors(place: Site, email: str, home: str, closed: str) -> None:
    browser = place.client(email)
    assert browser.get("/").location == home
    assert browser.get(home).status_code == 200
    assert browser.get(closed).status_code in (403, 404)


def test_strangers_are_asked_to_sign_in_everywhere(place: Site) -> None:
    browser = place.client()
    for rule in place.app.url_map.iter_rules():
        if rule.endpoint.startswith("pages.") and not rule.endpoint.startswith("pages.sign_in") and not rule.arguments:
            answer = browser.open(rule.rule, method="GET" if "GET" in (rule.methods or ()) else "POST")
            assert answer.status_code == 302 and answer.location.startswith("/sign-in"), rule.rule


def test_the_team_shows_plan_and_fact_but_not_how_time_was_spent(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    deal(place.database, place.person, "d1", won="2026-10-06 12:00")
    page = place.client(LEAD).get("/team?period=2026-10").text
    assert "Test Person" in page and "10%" in page
    assert "Not work" not in page and looks(place) == []


def test_other_supervisors_do_not_learn_that_a_person_exists(place: Site) -> None:
    case, browser = place.case(), place.client(OTHER)
    for path in ("/people/e1/", "/people/e1/days/2026-10-05", "/people/e1/grant", f"/cases/{case}", "/people/nobody/"):
        assert browser.get(path).status_code == 404, path
    assert "Test Person" in browser.get("/team").text  # the own person e2 has the same name
    assert "/people/e1/" not in browser.get("/team").text


def test_a_day_without_a_right_leads_to_the_form_and_opens_by_a_reason(place: Site) -> None:
    browser = place.client(LEAD)
    assert "/grant" in browser.get("/people/e1/days/2026-10-05").location
    form = {"purpose": "client_complaint", "from": "2026-10-05", "to": "2026-10-05"}
    assert send(browser, "/people/e1/grant", "/people/e1/grant", reason="short", **form) == 422
    assert send(browser, "/people/e1/grant", "/people/e1/grant", reason=REASON, **form) == 302
    assert "bitrix24.ru/crm/deal/details/7/" in browser.get("/people/e1/days/2026-10-05").text
    own = place.client(OWN).get("/me").text
    assert looks(place) == ["timeline"] and REASON in own and "Lead" in own


def test_sensitive_sites_are_named_to_the_person_only(place: Site) -> None:
    place.case()
    assert "hh.ru" in place.client(OWN).get("/people/e1/days/2026-10-05").text
    page = place.client(LEAD).get("/people/e1/days/2026-10-05").text
    assert "hh.ru" not in page and "personal" in page


def test_a_case_page_explains_and_writes_the_look_down(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    task(place.database, place.person, "t1", "2026-10-01 10:00", "2026-10-05 12:00")
    page = place.client(LEAD).get(f"/cases/{place.case()}").text
    assert "From plan to fact" in page and "<svg" in page and "How much is known" in page
    assert looks(place) == ["case"]


def test_a_case_without_a_plan_still_opens(place: Site) -> None:
    assert "There is no plan" in place.client(LEAD).get(f"/cases/{place.case()}").text


def test_a_case_is_commented_concluded_once_and_then_closed(place: Site) -> None:
    case = place.case()
    own, lead = place.client(OWN), place.client(LEAD)
    page = f"/cases/{case}"
    assert send(own, page, f"{page}/comments", text="I was at the client's <b>site</b>") == 302
    assert "&lt;b&gt;site" in lead.get(page).text
    assert send(own, page, f"{page}/conclusion", conclusion="none") == 403
    assert send(lead, page, f"{page}/conclusion", conclusion="fined") == 422
    assert send(lead, page, f"{page}/conclusion", conclusion="hard_plan", text="Agreed") == 302
    assert send(lead, page, f"{page}/conclusion", conclusion="none") == 422
    assert "The detail of this case is closed" in lead.get(page).text and "too hard" in own.get(page).text


def test_a_case_is_opened_by_hand_with_a_reason(place: Site) -> None:
    browser, to = place.client(LEAD), "/people/e1/cases"
    assert send(browser, "/people/e1/", to, period="2026-10", reason="because") == 422
    assert send(browser, "/people/e1/", to, period="2027-10", reason=REASON) == 422
    assert send(browser, "/people/e1/", to, period="October", reason=REASON) == 422
    assert send(browser, "/people/e1/", to, period="2026-10", reason=REASON) == 302
    assert REASON in place.client(OWN).get("/me").text or "October 2026" in place.client(OWN).get("/me").text


def test_hostile_titles_stay_text(place: Site) -> None:
    spans = [("2026-10-06 09:00", "2026-10-06 10:00", "active", "evil.exe")]
    record(place.database, place.person, enrol(place.database, place.person), spans)
    with place.database.writing() as session:
        session.execute(update(ContextRow).where(ContextRow.app == "evil.exe").values(title=HOSTILE))
    page = place.client(OWN).get("/people/e1/days/2026-10-06").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_a_comment_on_a_stretch_needs_a_stretch(place: Site) -> None:
    browser, stretch = place.client(OWN), {"from": "2026-10-05T10:00", "to": "2026-10-05T11:00"}
    assert send(browser, "/me", "/me/comments", text="A call on the phone", **stretch) == 302
    assert "A call on the phone" in browser.get("/me").text
    assert send(browser, "/me", "/me/comments", text="x", **(stretch | {"to": "2026-10-05T09:00"})) == 422
    assert send(browser, "/me", "/me/comments", text="x", **(stretch | {"to": "soon"})) == 422
    assert send(browser, "/me", "/me/comments", text="  ", **stretch) == 422


def test_the_administrator_makes_a_code_and_sees_no_detail(place: Site) -> None:
    browser = place.client(ADMIN)
    assert send(browser, "/admin", "/admin/enrol-codes", employee="e1") == 200
    assert send(browser, "/admin", "/admin/enrol-codes", employee="nobody") == 404
    assert browser.get("/people/e1/days/2026-10-05").status_code == 404


def test_the_council_reads_the_log_and_the_rules(place: Site) -> None:
    place.client(LEAD).get(f"/cases/{place.case()}")
    browser = place.client(COUNCIL)
    log = browser.get("/audit").text
    assert "Lead" in log and "Test Person" in log and "whole" in log
    assert "Job search" in browser.get("/rules").text
    assert browser.get("/people/e1/days/2026-10-05").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/team?period=abc", "/team?period=9999-13", "/people/e1/days/yesterday", "/people/e1/days/0001-01-01",
     "/people/e1/days/9999-12-31", "/cases/0", "/cases/99999999999999999999", "/cases/-1",
     "/reports/weekly?week=2026-10", "/reports/weekly?team=South", "/people/%00/", "/people/e1/grant?from=x", "/me",
     "/team?period=9999-12", "/audit?before=x"],
)  # fmt: skip
def test_odd_addresses_get_a_page_not_a_crash(place: Site, path: str) -> None:
    answer = place.client(LEAD).get(path)
    assert answer.status_code in (200, 302, 403, 404, 422) and "Traceback" not in answer.text


def test_a_small_team_has_no_total_that_would_tell_of_one(place: Site) -> None:
    page = place.client(LEAD).get("/reports/weekly?week=2026-W41").text
    assert "fewer than three people" in page and "Test Person" in page


def test_a_total_is_kept_back_where_a_difference_would_tell_of_one(place: Site) -> None:
    for key in ("n2", "n3", "s1"):
        person = hire(place.database, key, supervisor_email=LEAD, team="North" if key != "s1" else "West")
        spans = [("2026-10-05 09:00", "2026-10-05 10:00", "active", "https://acme.bitrix24.ru/crm/deal/details/7/")]
        record(place.database, person, enrol(place.database, person), spans)
    browser = place.client(LEAD)
    assert "fewer than three people" not in browser.get("/reports/weekly?week=2026-W41").text
    assert "fewer than three people" in browser.get("/reports/weekly?week=2026-W41&team=North").text
