"""Thresholds of teams on the administrator's page."""

import pytest
from planwhy_collector.plan.miss import OwnThresholds
from planwhy_collector.queries.people import EmployeeRecord, add_employee
from planwhy_collector.queries.thresholds import own_thresholds
from signed_in import ADMIN, COUNCIL, LEAD, OWN, Site, send

PAGE = "/admin/teams"
FORM = {"team": "North", "miss_share": "15", "pace_share": "62,5", "miss_overdue_tasks": "5"}


def own(place: Site, team: str = "North") -> OwnThresholds:
    with place.database.reading() as session:
        return own_thresholds(session)[team]


def test_an_administrator_sets_and_resets_a_team(place: Site) -> None:
    browser = place.client(ADMIN)
    assert send(browser, PAGE, PAGE, **FORM) == 302
    assert own(place) == OwnThresholds(0.15, 5, None, 0.625, None) and own(place, "South") == OwnThresholds()
    assert 'value="62.5"' in browser.get(PAGE).text
    assert send(browser, PAGE, f"{PAGE}/reset", team="North") == 302
    assert own(place) == OwnThresholds()


@pytest.mark.parametrize("email", [LEAD, OWN, COUNCIL])
def test_nobody_else_does(place: Site, email: str) -> None:
    browser = place.client(email)
    assert browser.get(PAGE).status_code == 403
    assert send(browser, "/account", PAGE, **FORM) == 403 and own(place) == OwnThresholds()


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"miss_share": "101"}, 422), ({"miss_share": "few"}, 422), ({"miss_overdue_tasks": "0"}, 422),
        ({"miss_overdue_tasks": "2.5"}, 422), ({"miss_overdue_hours": "-1"}, 422), ({"pace_after": "1e9"}, 422),
        ({"team": "Nowhere"}, 404), ({"team": ""}, 404),
    ],
)  # fmt: skip
def test_wrong_thresholds_are_refused_and_nothing_is_stored(place: Site, form: dict[str, str], status: int) -> None:
    assert send(place.client(ADMIN), PAGE, PAGE, **(FORM | form)) == status
    assert own(place) == OwnThresholds()


def test_a_hostile_name_of_a_team_stays_text_and_can_be_set(place: Site) -> None:
    name = '"><script>alert(1)</script>\u202e' + "я" * 300
    with place.database.writing() as session:
        add_employee(session, EmployeeRecord("e9", "Nine", team=name))
    browser = place.client(ADMIN)
    assert "<script>alert" not in browser.get(PAGE).text
    assert send(browser, PAGE, PAGE, **(FORM | {"team": name})) == 302 and own(place, name).miss_overdue_tasks == 5
