"""What a supervisor decides on a case page: who may, what it shows afterwards, and what is refused."""

import pytest
from crm_rows import deal, plan
from planwhy_collector.config import Settings
from planwhy_collector.jobs.cases import open_cases
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.cases import BY_PACE, open_case
from planwhy_collector.queries.looks import looks_at
from planwhy_shared.times import HOUR_MS
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, Site, send

REASON = "Two clients left in the middle of the month"
HOSTILE = "<script>alert(1)</script>\u202e" + "я" * 900
DEEDS = {
    "conclusion": {"conclusion": "none"},
    "circumstances": {"circumstance_illness": "Ill for a week"},
    "withdrawal": {"circumstance": "illness"},
    "target": {"based_on": "12.0", "target": "9", "reason": REASON},
    "extension": {"reason": REASON},
    "reopening": {"reason": REASON},
}


def case_of(place: Site, target: float = 12.0) -> str:
    plan(place.database, place.person, "2026-10", target)
    return f"/cases/{place.case()}"


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("email", "status"), [(OWN, 403), (OTHER, 404), (ADMIN, 404), (COUNCIL, 403)])
def test_nobody_but_the_supervisor_decides(place: Site, deed: str, email: str, status: int) -> None:
    page = case_of(place)
    home = "/audit" if email == COUNCIL else "/me" if email == OWN else "/team"
    assert send(place.client(email), home, f"{page}/{deed}", **DEEDS[deed]) == status


def test_a_supervisor_decides_step_by_step_and_the_page_tells_it(place: Site) -> None:
    page, lead, own = case_of(place), place.client(LEAD), place.client(OWN)
    for deed in ("circumstances", "target", "extension"):
        assert send(lead, page, f"{page}/{deed}", **DEEDS[deed]) == 302, deed
    assert send(own, page, f"{page}/comments", text="I was ill") == 302
    more = {"circumstance_other": "A fair", "conclusion": "plan_adjusted", "text": "Agreed"}
    assert send(lead, page, f"{page}/conclusion", **more) == 302
    shown = own.get(page).text
    in_order = ["Opened by rule", "recognised", "12 before, 9 since", "extended the detail", "I was ill", "A fair"]
    places = [shown.index(text, shown.index('id="comments"')) for text in in_order[1:]]
    assert places == sorted(places) and in_order[0] in shown and "The plan was adjusted" in shown


def test_a_case_opens_again_with_a_reason_and_opens_the_detail(place: Site) -> None:
    page, lead = case_of(place), place.client(LEAD)
    send(lead, page, f"{page}/conclusion", conclusion="none")
    assert "The detail of this case is closed" in lead.get(page).text
    assert send(lead, page, f"{page}/reopening", reason="because") == 422
    assert send(lead, page, f"{page}/reopening", reason=REASON) == 302
    assert "The detail is open to you" in lead.get(page).text and REASON in place.client(OWN).get(page).text
    assert send(lead, page, f"{page}/reopening", reason=REASON) == 422


def test_detail_that_ran_out_is_extended_once(place: Site) -> None:
    page, lead = case_of(place), place.client(LEAD)
    place.now += 20 * 24 * HOUR_MS
    assert "The detail of this case is closed" in (lead := place.client(LEAD)).get(page).text
    assert send(lead, page, f"{page}/extension", reason=REASON) == 302
    assert "The detail is open to you" in lead.get(page).text
    assert send(lead, page, f"{page}/extension", reason=REASON) == 422


@pytest.mark.parametrize(
    "form",
    [
        {"target": "many"}, {"target": "-1"}, {"target": "0"}, {"target": "1e99"}, {"target": ""}, {"target": "nan"},
        {"based_on": "11"}, {"reason": "short"}, {"target": "12"}, {"target": "9" * 39},
    ],
)  # fmt: skip
def test_bad_adjustments_are_refused_and_change_nothing(place: Site, form: dict[str, str]) -> None:
    page, lead = case_of(place), place.client(LEAD)
    assert send(lead, page, f"{page}/target", **(DEEDS["target"] | form)) == 422
    assert "before, " not in lead.get(page).text


def test_hostile_words_stay_text_everywhere(place: Site) -> None:
    page, lead = case_of(place), place.client(LEAD)
    assert send(lead, page, f"{page}/circumstances", circumstance_other=HOSTILE) == 302
    assert send(lead, page, f"{page}/target", **(DEEDS["target"] | {"reason": HOSTILE})) == 302
    assert send(lead, page, f"{page}/withdrawal", circumstance=HOSTILE) == 422
    for shown in (lead.get(page).text, place.client(OWN).get(page).text):
        assert "<script>alert" not in shown and shown.count("&lt;script&gt;alert(1)") >= 2


def test_a_page_of_the_pace_says_when_the_plan_was_reached_in_the_end(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 1.0)
    with place.database.writing() as session:
        case, _ = open_case(session, place.person.id, parse_period("2026-10"), BY_PACE, None, place.now, 14)
    lead = place.client(LEAD)
    assert "behind its pace" in (before := lead.get(f"/cases/{case.id}").text) and "reached in the end" not in before
    deal(place.database, place.person, "d1", won="2026-10-30 12:00")
    assert "stays open until a person concludes" in lead.get(f"/cases/{case.id}").text
    assert open_cases(place.database, place.now, Settings()) == 0


def test_a_running_plan_shows_its_forecast_and_a_past_one_none(place: Site) -> None:
    plan(place.database, place.person, "2026-11", 12.0)
    plan(place.database, place.person, "2026-10", 12.0)
    pages = [(LEAD, "/team"), (LEAD, "/people/e1/"), (OWN, "/me")]
    for email, path in pages:
        now, then = (place.client(email).get(f"{path}?period={p}").text for p in ("2026-11", "2026-10"))
        assert "of 12" in now and "of 12" not in then, path
    with place.database.reading() as session:
        assert looks_at(session, place.person.id) == ()


def test_the_person_is_led_from_the_case_to_a_stretch_of_its_time(place: Site) -> None:
    page, own = case_of(place), place.client(OWN)
    assert "from=2026-10-01T00:00" in own.get(page).text and "Say your word" in own.get("/me").text
    filled = own.get("/me?from=2026-10-01T00:00&to=2026-10-31T23:59").text
    assert 'value="2026-10-01T00:00"' in filled and 'value="2026-10-31T23:59"' in filled
    assert own.get('/me?from="><b>&to=x').status_code == 200
