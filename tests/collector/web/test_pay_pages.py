"""What a month brings on pages and in the API: who sees it, what it says, what it asks."""

import msgspec
import pytest
from crm_rows import deal, plan
from pay_rows import PLAIN, STEPS, client, put_in_force
from planwhy_collector.app import create_app
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.services import Services
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, TITLE, Site

MONTH = "period=2026-10"
OWN_PAGE, LEADS_PAGE, API = f"/me/pay?{MONTH}", f"/people/e1/pay?{MONTH}", f"/api/v1/employees/e1/pay?{MONTH}"


@pytest.fixture
def paid(place: Site) -> Site:
    """A contract of 100, a client of 1000 a month, half the plan reached."""
    put_in_force(place.database, PLAIN + STEPS)
    plan(place.database, place.person, "2026-10", 2.0)
    deal(place.database, place.person, "d1", won="2026-10-06 12:00")
    client(place.database, place.person, TITLE)
    return place


def hidden_from_supervisors(place: Site) -> Site:
    settings = msgspec.structs.replace(place.settings, pay_visible_to_supervisor=False)
    place.app = create_app(settings, place.database, Services(settings, place.database, lambda: place.now))
    return place


def test_the_own_page_has_a_card_only_where_a_scheme_is_in_force(place: Site) -> None:
    browser = place.client(OWN)
    assert "What this month brings" not in browser.get(f"/me?{MONTH}").text
    assert browser.get(OWN_PAGE).status_code == 404
    put_in_force(place.database)
    assert "What this month brings" in browser.get(f"/me?{MONTH}").text
    assert "What this month brings" not in browser.get("/me?period=2026-W43").text
    assert browser.get("/me/pay?period=2026-W43").status_code == 422


def test_the_card_shows_lines_total_and_coefficient(paid: Site) -> None:
    page = paid.client(OWN).get(f"/me?{MONTH}").text
    assert "15.00\xa0RUB" in page and "Plan reached: 50% (1 of 2 contracts); coefficient 0.5" in page
    assert "5.00\xa0RUB" in page and "10.00\xa0RUB" in page and "/me/pay?period=2026-10" in page


@pytest.mark.parametrize(
    ("email", "status"), [(OWN, 403), (LEAD, 200), (OTHER, 404), (ADMIN, 404), (COUNCIL, 403), (None, 302)]
)
def test_only_the_own_supervisor_sees_the_page_of_a_person(paid: Site, email: str | None, status: int) -> None:
    assert paid.client(email).get(LEADS_PAGE).status_code == status


@pytest.mark.parametrize(
    ("email", "status"), [(OWN, 200), (LEAD, 200), (OTHER, 404), (ADMIN, 404), (COUNCIL, 403), (None, 401)]
)
def test_the_api_has_the_rights_of_the_pages(paid: Site, email: str | None, status: int) -> None:
    assert paid.client(email).get(API).status_code == status


def test_accounts_without_an_employee_have_no_own_pay(paid: Site) -> None:
    assert paid.client(LEAD).get(OWN_PAGE).status_code == 404


def test_the_setting_keeps_it_to_the_person(paid: Site) -> None:
    assert "/people/e1/pay" in paid.client(LEAD).get(f"/people/e1/?{MONTH}").text
    hidden_from_supervisors(paid)
    browser = paid.client(LEAD)
    assert browser.get(LEADS_PAGE).status_code == browser.get(API).status_code == 403
    assert "/people/e1/pay" not in browser.get(f"/people/e1/?{MONTH}").text
    assert paid.client(OWN).get(OWN_PAGE).status_code == paid.client(OWN).get(API).status_code == 200


def test_the_supervisors_page_says_the_same_and_is_no_look_at_detail(paid: Site) -> None:
    page = paid.client(LEAD).get(LEADS_PAGE).text
    assert "15.00\xa0RUB" in page and "coefficient 0.5" in page
    with paid.database.reading() as session:
        assert looks_at(session, paid.person.id) == ()


def test_hostile_names_stay_text(paid: Site) -> None:
    page = paid.client(OWN).get(OWN_PAGE).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_what_if_is_a_plain_form(paid: Site) -> None:
    """One contract more reaches the plan: 5 more for the first, 20 for the new one, 10 for the client."""
    page = paid.client(OWN).get(f"{OWN_PAGE}&new=200&new=&upsell=&client=1000&target=").text
    assert "+35.00\xa0RUB" in page and "coefficient 1" in page and 'value="200"' in page
    assert 'id="what-if"' not in paid.client(OWN).get(f"{OWN_PAGE}&new=&target=").text
    assert "&minus;" not in page and "+5.00\xa0RUB" in paid.client(OWN).get(f"{OWN_PAGE}&target=1").text


@pytest.mark.parametrize(
    "asked", ["new=x", "new=-1", "client=1e9", "target=nan", "upsell=1,5", "new=" + "9" * 99, "new=1&" * 60]
)
def test_odd_questions_get_a_page_not_a_crash(paid: Site, asked: str) -> None:
    answer = paid.client(OWN).get(f"{OWN_PAGE}&{asked}")
    assert answer.status_code == 422 and "Traceback" not in answer.text


def test_a_running_month_says_that_it_has_not_ended(paid: Site) -> None:
    browser = paid.client(OWN)
    assert "has not ended" in browser.get("/me/pay?period=2026-11").text
    assert "has not ended" not in browser.get(OWN_PAGE).text


def test_the_api_answers_in_decimal_strings(paid: Site) -> None:
    found = paid.client(OWN).get(API).json
    assert found and (found["total"], found["plan"]["coefficient"], found["plan"]["target"]) == ("15.00", "0.5", "2")
    assert [line["amount"] for line in found["lines"]] == ["5.00", "10.00"]
    assert paid.client(OWN).get(API.replace("2026-10", "2025-12")).status_code == 404


def test_a_stored_scheme_that_no_longer_reads_is_told_and_not_a_crash(place: Site) -> None:
    put_in_force(place.database, "currency = 5")
    answer = place.client(OWN).get(OWN_PAGE)
    assert answer.status_code == 422 and "pay scheme since 2026-01-01" in answer.text
    own = place.client(OWN).get(f"/me?{MONTH}")
    assert own.status_code == 200 and "pay scheme since 2026-01-01" in own.text
