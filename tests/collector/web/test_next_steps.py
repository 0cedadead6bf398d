"""The page, the own list and the API of missing next steps: whose they are, filters, links, hostile titles."""

import pytest
from activity_rows import hire
from crm_rows import clients, deal, task
from planwhy_collector.queries.mailing import wants_digest
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, TITLE, Site, send

API = "/api/v1/next-steps"


@pytest.fixture
def furnished(place: Site) -> Site:
    """A deal without a step, one in the past, a client of nobody, a deal of somebody else's."""
    deal(place.database, place.person, "d1")
    deal(place.database, place.person, TITLE)
    task(place.database, place.person, "t1", "2026-10-01 10:00", "2026-10-05 12:00", entity_type="deal", entity_id="d1")
    clients(place.database, None, "lost client")
    deal(place.database, hire(place.database, "e3", supervisor_email=OTHER), "deal of others")
    return place


def items(place: Site, email: str, query: str = "") -> list[tuple[str | None, str, str]]:
    answer = place.client(email).get(f"{API}{query}").json
    assert answer
    return [(one["employee_id"], one["kind"], one["entity"]["id"]) for one in answer["items"]]


def test_a_supervisor_sees_the_own_people_and_what_is_nobodys(furnished: Site) -> None:
    page = furnished.client(LEAD).get("/next-steps").text
    assert "Test Person" in page and "lost client" in page and "deal of others" not in page
    assert "&lt;script&gt;" in page and "<script" not in page and "/crm/" not in page
    assert "lost client" in furnished.client(ADMIN).get("/next-steps").text


def test_counts_filter_by_kind(furnished: Site) -> None:
    browser = furnished.client(LEAD)
    assert "kind=step_in_past" in browser.get("/next-steps").text
    page = browser.get("/next-steps?kind=client_without_owner").text
    assert "lost client" in page and "&lt;script" not in page and 'aria-current="true"' in page
    assert browser.get("/next-steps?kind=fun").status_code == 422
    assert browser.get("/next-steps?employee=e3").status_code == 404


def test_a_long_list_of_a_person_is_cut_and_linked_to(furnished: Site) -> None:
    for number in range(30):
        deal(furnished.database, furnished.person, f"more {number}")
    browser = furnished.client(LEAD)
    assert browser.get("/next-steps").text.count("more ") == 23  # two more urgent lines come first
    assert browser.get("/next-steps?employee=e1").text.count("more ") == 30


def test_cards_are_linked_to_where_the_crm_is_known(furnished: Site) -> None:
    linked = Site(furnished.database, furnished.person, more={"crm_url": "https://acme.bitrix24.ru"})
    page = linked.client(LEAD).get("/next-steps").text
    assert '<a class="typed" href="https://acme.bitrix24.ru/crm/deal/details/d1/" rel="noreferrer">d1</a>' in page


def test_a_person_reads_the_own_list_and_no_other(furnished: Site) -> None:
    browser = furnished.client(OWN)
    page = browser.get("/me").text
    assert "Deal without a next step" in page and "lost client" not in page
    assert browser.get("/next-steps").status_code == 403
    assert {one[0] for one in items(furnished, OWN)} == {"e1"}
    assert browser.get(f"{API}?employee=e3").status_code == 404
    assert furnished.client(COUNCIL).get(API).status_code == 403


def test_the_api_lists_people_by_name_and_nobody_last_in_pages(furnished: Site) -> None:
    everything = items(furnished, LEAD)
    assert everything == [
        ("e1", "step_in_past", "d1"), ("e1", "deal_without_step", TITLE),
        (None, "client_without_step", "lost client"), (None, "client_without_owner", "lost client"),
    ]  # fmt: skip
    browser, cursor, paged = furnished.client(LEAD), "", []
    while cursor is not None:
        answer = browser.get(API, query_string={"limit": 1, "cursor": cursor}).json
        assert answer and len(answer["items"]) == 1
        paged += [one["entity"]["id"] for one in answer["items"]]
        cursor = answer["next_cursor"]
    assert paged == [one[2] for one in everything]


def test_the_api_filters_by_team_person_and_kind(furnished: Site) -> None:
    assert items(furnished, LEAD, "?team=North&kind=step_in_past") == [("e1", "step_in_past", "d1")]
    assert {one[0] for one in items(furnished, LEAD, "?employee=e1")} == {"e1"}
    browser = furnished.client(LEAD)
    assert browser.get(f"{API}?team=South").status_code == 404
    assert browser.get(f"{API}?kind=x").status_code == 422


def test_the_digest_is_switched_off_and_on_by_its_reader(place: Site) -> None:
    assert "Daily digest" not in place.client(OWN).get("/account").text  # no mail server, no digest
    mailing = Site(place.database, place.person, more={"smtp_host": "localhost"})
    browser, key = mailing.client(OWN), place.user(OWN).id
    for switch, wanted, said in (("off", False, "It is off."), ("on", True, "It is on.")):
        assert send(browser, "/account", "/account/digest", digest=switch) == 302
        assert said in browser.get("/account").text
        with place.database.reading() as session:
            assert wants_digest(session, key) is wanted
