"""The person's own machine is told who looked, at the next question for the policy, and nothing that was typed."""

from typing import Any

import pytest
from ingesting import Agents
from planwhy_collector.db import Database
from planwhy_collector.ingest.policy import LOOKS, LOOKS_DAYS
from planwhy_collector.queries.looks import ERASURE, NewLook, append_look
from planwhy_collector.queries.users import add_user
from werkzeug.test import TestResponse

DAY_MS = 86_400_000


@pytest.fixture
def agents(either: Database) -> Agents:
    return Agents(either)


def look(agents: Agents, at_ms: int | None = None, **changes: Any) -> None:
    """One look at the person by the supervisor, who has an account."""
    known: dict[str, Any] = {"actor": "Lead <lead@example.org>", "actor_id": None, "employee_id": agents.employee_id}
    usual = {"what": "timeline", "via": "grant", "from_ms": 3, "to_ms": 4, "purpose": "security", "reason": "typed"}
    with agents.database.writing() as session:
        append_look(session, NewLook(**{"at_ms": at_ms or agents.now_ms, **known, **usual, **changes}))


def asked(agents: Agents, token: str, tag: str = "") -> TestResponse:
    return agents.client.get("/api/v1/agent/policy", headers={"Authorization": f"Bearer {token}", "If-None-Match": tag})


def test_a_look_is_told_by_name_role_and_purpose_alone(agents: Agents) -> None:
    with agents.database.writing() as session:
        lead = add_user(session, "lead@example.org", "Lead", "supervisor", None, agents.now_ms)
    look(agents, actor_id=lead)
    answer = asked(agents, agents.token())
    expected = {"at_ms": agents.now_ms, "name": "Lead", "role": "supervisor", "purpose": "security"}
    assert answer.get_json()["looks"] == [expected]
    assert b"typed" not in answer.data and b"lead@" not in answer.data


def test_a_new_look_is_another_tag_and_the_same_policy(agents: Agents) -> None:
    token = agents.token()
    first = asked(agents, token)
    look(agents)
    second = asked(agents, token, first.headers["ETag"])
    assert (first.get_json()["looks"], second.status_code) == ([], 200)
    assert second.get_json()["policy"] == first.get_json()["policy"]
    assert asked(agents, token, second.headers["ETag"]).status_code == 304


def test_only_the_newest_looks_of_the_last_days_are_told(agents: Agents) -> None:
    look(agents, agents.now_ms - LOOKS_DAYS * DAY_MS - 1)
    recent = [agents.now_ms - n for n in range(LOOKS + 5, 0, -1)]
    for at_ms in recent:
        look(agents, at_ms)
    told = asked(agents, agents.token()).get_json()["looks"]
    assert [one["at_ms"] for one in told] == recent[: -LOOKS - 1 : -1]


def test_looks_at_others_old_looks_and_erasures_are_not_told(agents: Agents) -> None:
    look(agents, employee_id=agents.employee_id + 1)
    look(agents, agents.now_ms - LOOKS_DAYS * DAY_MS - 1)
    look(agents, what=ERASURE)
    assert asked(agents, agents.token()).get_json()["looks"] == []


def test_one_who_was_erased_is_told_without_name_and_role(agents: Agents) -> None:
    with agents.database.writing() as session:
        lead = add_user(session, "lead@example.org", "Lead", "supervisor", None, agents.now_ms)
    look(agents, actor="", actor_id=lead)
    told = asked(agents, agents.token()).get_json()["looks"][0]
    assert (told["name"], told["role"]) == ("", "")
