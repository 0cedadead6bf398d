"""The policy's working hours are those of the coming week: exceptions, holidays, leaving; the tag tells a change."""

from datetime import date

import pytest
from activity_rows import at
from ingesting import Agents, batch, span
from planwhy_agent.privacy import at_work, rules_of
from planwhy_collector.db import Database
from planwhy_collector.ingest.policy import HELD_MS
from planwhy_collector.queries.people import person
from planwhy_shared.wire import Policy
from staff_rows import other_hours

SATURDAY = "2026-11-14"


@pytest.fixture
def agents(either: Database) -> Agents:
    """One employee in Moscow on Monday the 9th of November."""
    return Agents(either, now_ms=at("2026-11-09 10:00"))


def answered(agents: Agents, token: str, tag: str = "") -> tuple[int, str, str]:
    """Status, working hours and tag of a question for the policy."""
    headers = {"Authorization": f"Bearer {token}", "If-None-Match": tag}
    answer = agents.client.get("/api/v1/agent/policy", headers=headers)
    told = answer.get_json()["policy"]["working_hours"] if answer.status_code == 200 else ""
    return answer.status_code, told, answer.headers["ETag"]


def test_an_extra_saturday_and_a_free_day_are_in_the_policy(agents: Agents) -> None:
    with agents.database.reading() as session:
        who = person(session, "e1")
    other_hours(agents.database, None, SATURDAY, SATURDAY, "Sat 10:00-14:00")
    other_hours(agents.database, who, "2026-11-11", "2026-11-11")
    told = answered(agents, agents.token())[1]
    assert "Sat 10:00-14:00" in told and "Wed" not in told and "Tue 09:00-13:00,14:00-18:00" in told


def test_the_tag_stays_from_day_to_day_until_the_week_differs(agents: Agents) -> None:
    token = agents.token()
    first = answered(agents, token)
    agents.now_ms = at("2026-11-10 10:00")
    assert answered(agents, token, first[2])[0] == 304
    other_hours(agents.database, None, SATURDAY, SATURDAY, "Sat 10:00-14:00")
    agents.now_ms += HELD_MS
    second = answered(agents, token, first[2])
    agents.now_ms = at("2026-11-15 00:00")
    third = answered(agents, token, second[2])
    assert (second[0], third[0]) == (200, 200) and third[1:] == first[1:]


def test_the_day_changes_with_the_persons_midnight(agents: Agents) -> None:
    other_hours(agents.database, None, "2026-11-16", "2026-11-16")
    token = agents.token()
    agents.now_ms = at("2026-11-10 00:00") - 1
    assert "Mon 09:00" in answered(agents, token)[1]
    agents.now_ms += 1
    assert "Mon 09:00" not in answered(agents, token)[1]


def test_a_receipt_tells_of_the_policy_that_changed(agents: Agents) -> None:
    token = agents.token()
    first = agents.send(token, batch("b1", [span(1, agents.now_ms - 9000)])).get_json()["policy_version"]
    other_hours(agents.database, None, SATURDAY, SATURDAY, "Sat 10:00-14:00")
    agents.now_ms += HELD_MS
    second = agents.send(token, batch("b2", [span(2, agents.now_ms - 5000)])).get_json()["policy_version"]
    assert first != second and answered(agents, token)[2].strip('"').startswith(second)


def test_a_free_week_is_understood_by_the_agent_and_nothing_in_it_is_work(agents: Agents) -> None:
    other_hours(agents.database, None, "2026-11-01", "2026-11-30")
    told = answered(agents, agents.token())[1]
    rules = rules_of(Policy("v", "n", told, "Europe/Moscow"))
    assert told == "-"
    assert not any(at_work(rules, at(f"{date(2026, 11, day)} {hour}:30")) for day in range(9, 16) for hour in (10, 23))
