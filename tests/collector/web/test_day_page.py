"""The page of a day shows what the timeline knows beside the focus: what was open, and what told of a call."""

import pytest
from activity_rows import at
from ingesting import Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.queries.people import person
from planwhy_collector.queries.users import add_user
from signed_in import OWN, Site

START, LATER, PATH = at("2026-10-05 09:00"), at("2026-10-08 12:00"), "/people/e1/days/2026-10-05"
CRM, JOBS = "https://acme.bitrix24.ru/", "https://hh.ru/"


@pytest.fixture
def place(database: Database) -> Site:
    agents = Agents(database, now_ms=LATER)
    more = {"state": "active", "app": "chrome.exe", "url": CRM}
    beside = [
        span(3, START, 600_000, **more) | {"track": "open", "count": 7, "source": "window"},
        span(4, START, 600_000, **(more | {"url": JOBS})) | {"track": "open", "count": 2, "source": "window"},
    ]
    focus = [span(1, START, 600_000, **more), span(2, START + 600_000, 600_000, **more) | {"source": "microphone"}]
    assert agents.send(agents.token(), batch("b1", [*focus, *beside])).get_json()["accepted"] == 4
    with database.writing() as session:
        who = person(session, "e1")
        add_user(session, OWN, "Own", "employee", who.id, 0)
    return Site(database, who, now=LATER)


def test_the_own_day_tells_what_was_open_and_what_told_of_a_call(place: Site) -> None:
    page = place.client(OWN).get(PATH).text
    assert "Open besides" in page and "hh.ru" in page and '<td class="figure">7</td>' in page
    assert "Present by a signal of a call" in page and "09:10:00 – 09:20:00: the microphone was in use" in page


def test_a_day_without_either_says_nothing_of_them(place: Site) -> None:
    page = place.client(OWN).get("/people/e1/days/2026-10-06").text
    assert "Open besides" not in page and "signal of a call" not in page
