"""The weekly page of a past week: the teams of that week, and still nobody but the own people."""

import re

from activity_rows import hire
from planwhy_collector.db import Database
from signed_in import LEAD, OTHER, Site, site
from staff_rows import transfer

WEEKS = "/reports/weekly?week=2026-W41", "/reports/weekly?week=2026-W44"


def moved(database: Database) -> Site:
    """The person went from North to South on Monday of the later week, where another supervisor's people are."""
    place = site(database)
    hire(database, "e3", supervisor_email=LEAD, team="North")
    transfer(database, place.person, "2026-10-26", "South")
    return place


def listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/people/(\w+)/"', page)


def test_each_week_has_the_teams_of_its_time(database: Database) -> None:
    browser = moved(database).client(LEAD)
    assert [listed(browser.get(f"{week}&team=North").text) for week in WEEKS] == [["e1", "e3"], ["e3"]]
    assert [browser.get(f"{week}&team=South").status_code for week in WEEKS] == [404, 200]


def test_a_transfer_shows_nobody_to_the_supervisor_of_the_new_team(database: Database) -> None:
    browser = moved(database).client(OTHER)
    assert [listed(browser.get(week).text) for week in WEEKS] == [["e2"], ["e2"]]
    assert listed(browser.get(f"{WEEKS[1]}&team=South").text) == ["e2"]
