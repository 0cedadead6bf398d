"""Enrolment: one-off codes, tokens, revocation."""

import pytest
from ingesting import ENROL, Agents, batch, span
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
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


def test_guessing_codes_is_slowed_down_and_enrolling_many_is_not(agents: Agents) -> None:
    code = agents.code(max_devices=50)
    good = {agents.enrol(code, instance_id=f"i{n}").status_code for n in range(50)}
    guesses = [agents.enrol("AAAAA-BBBBB") for _ in range(25)]
    assert good == {201}
    assert [a.status_code for a in guesses] == [403] * 20 + [429] * 5
    assert int(guesses[-1].headers["Retry-After"]) >= 1
    agents.now_ms += 60_000
    assert agents.enrol("AAAAA-BBBBB").status_code == 403


def test_a_code_may_be_typed_in_any_case_without_its_dash(agents: Agents) -> None:
    assert agents.enrol(f" {agents.code().lower().replace('-', ' ')} ").status_code == 201


def test_a_revoked_device_does_not_come_back_with_its_old_code(agents: Agents) -> None:
    code = agents.code()
    device_id = int(agents.enrol(code).get_json()["device_id"])
    with agents.database.writing() as session:
        revoke_device(session, device_id, agents.now_ms)
    assert agents.enrol(code).status_code == 403
    assert agents.enrol(agents.code()).get_json()["device_id"] != str(device_id)


def test_another_code_for_a_known_machine_is_used_up_too(agents: Agents) -> None:
    first, second = agents.code(), agents.code()
    known = agents.enrol(first).get_json()["device_id"]
    assert agents.enrol(second).get_json()["device_id"] == known
    assert agents.enrol(second, instance_id="i2").status_code == 403


@pytest.mark.parametrize(
    ("told", "status"),
    [({"code": ""}, 422), ({"code": 5}, 422), ({"hostname": "a\x00b"}, 422), ({"instance_id": None}, 422)],
)
def test_a_wrong_enrolment_names_the_field(agents: Agents, told: dict[str, object], status: int) -> None:
    answer = agents.client.post("/api/v1/enrol", json=ENROL | {"code": agents.code()} | told)
    assert answer.status_code == status
    assert next(iter(told)) in answer.get_json()["detail"]


def test_a_device_that_sends_without_end_is_asked_to_wait(database: Database) -> None:
    agents = Agents(database, Settings(secret_key="tests", device_rate_per_minute=3))
    token = agents.token()
    answers = [agents.send(token, batch(f"b{n}", [span(n)])) for n in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    agents.now_ms += 1000 * int(answers[-1].headers["Retry-After"])
    assert agents.send(token, batch("b3", [span(3)])).status_code == 200
