"""Enrolment: one-off codes, tokens, revocation."""

import pytest
from ingesting import Agents, batch, span
from planwhy_collector.db import Database
from planwhy_collector.ingest.pace import Pace, Paces, attach_paces
from planwhy_collector.queries.devices import devices, revoke_device


@pytest.fixture
def agents(database: Database) -> Agents:
    return Agents(database)


def test_a_code_becomes_a_device_of_its_employee(agents: Agents) -> None:
    answer = agents.enrol(agents.code())
    body = answer.get_json()
    assert answer.status_code == 201
    assert body["employee"] == {"id": "e1", "name": "Employee One"}
    assert body["policy"]["time_zone"] == "Europe/Moscow"
    assert body["notice"]["version"] == body["policy"]["notice_version"]
    assert "Что записывается" in body["notice"]["text"]
    assert "What is recorded" in body["notice"]["text"]


def test_a_code_works_once_and_again_only_for_the_same_installation(agents: Agents) -> None:
    code = agents.code()
    first = agents.enrol(code).get_json()
    again = agents.enrol(code.lower())
    other = agents.enrol(code, instance_id="i2")
    assert again.status_code == 201
    assert again.get_json()["device_id"] == first["device_id"]
    assert (other.status_code, other.get_json()["error"]) == (403, "code_refused")


def test_a_bulk_code_stops_at_its_cap(agents: Agents) -> None:
    code = agents.code(max_devices=2)
    answers = [agents.enrol(code, instance_id=f"i{n}").status_code for n in range(3)]
    assert answers == [201, 201, 403]


def test_an_expired_code_is_refused(agents: Agents) -> None:
    code = agents.code(minutes=5)
    agents.now_ms += 5 * 60_000
    assert agents.enrol(code).status_code == 403


def test_the_old_token_runs_out_after_the_new_one_was_given(agents: Agents) -> None:
    code = agents.code(minutes=60 * 24 * 5)
    old, new = (agents.enrol(code).get_json()["token"] for _ in range(2))
    assert agents.send(old, batch("b1", [span(1)])).status_code == 200
    agents.now_ms += 25 * 3_600_000
    assert agents.send(old, batch("b2", [span(2)])).status_code == 401
    assert agents.send(new, batch("b2", [span(2)])).status_code == 200


def test_a_revoked_device_is_told_so(agents: Agents) -> None:
    token = agents.token()
    with agents.database.writing() as session:
        assert revoke_device(session, devices(session)[0].id, agents.now_ms)
    answer = agents.send(token, batch("b1", [span(1)]))
    assert (answer.status_code, answer.get_json()["error"], answer.get_json()["retryable"]) == (401, "revoked", False)


def test_the_policy_is_sent_once_and_then_only_when_it_changed(agents: Agents) -> None:
    headers = {"Authorization": f"Bearer {agents.token()}"}
    first = agents.client.get("/api/v1/agent/policy", headers=headers)
    again = agents.client.get("/api/v1/agent/policy", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert first.status_code == 200
    assert "bitrix24.ru" in first.get_json()["policy"]["path_hosts"]
    assert (again.status_code, again.data) == (304, b"")


def test_guessing_codes_is_slowed_down(agents: Agents) -> None:
    attach_paces(agents.app, Paces(enrolments=Pace(burst=3, per_s=0.5)))
    answers = [agents.enrol("AAAAA-BBBBB") for _ in range(5)]
    assert [a.status_code for a in answers] == [403, 403, 403, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
