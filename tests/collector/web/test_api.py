"""The reading API: same roles, same gate, the contract's shapes."""

import pytest
from crm_rows import plan, task
from objecting import ANSWER, SAID, decided, objected
from planwhy_collector.queries.cases import add_comment
from planwhy_collector.queries.decisions import recognise
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.queries.sessions import add_api_token
from planwhy_shared.times import HOUR_MS
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, Site

ROOT = "/api/v1"
DAY = "from=2026-10-05&to=2026-10-05"


def test_strangers_get_401_in_the_contracts_shape(place: Site) -> None:
    answer = place.client().get(f"{ROOT}/employees")
    assert answer.status_code == 401 and answer.json is not None
    assert answer.json.keys() >= {"error", "detail", "retryable", "request_id"}


def test_a_personal_token_has_the_rights_of_its_owner_and_ends(place: Site) -> None:
    with place.database.writing() as session:
        token = add_api_token(session, place.user(LEAD).id, "script", place.now, days=1)
    headers = {"Authorization": f"Bearer {token}"}
    assert place.client().get(f"{ROOT}/employees", headers=headers).json["items"][0]["id"] == "e1"  # type: ignore[index]
    assert place.client().get("/team", headers=headers).status_code == 302
    place.now += 24 * HOUR_MS
    assert place.client().get(f"{ROOT}/employees", headers=headers).status_code == 401


@pytest.mark.parametrize(("email", "ids"), [(LEAD, ["e1"]), (OTHER, ["e2"]), (ADMIN, ["e1", "e2"]), (OWN, ["e1"])])
def test_each_role_lists_the_people_it_may_know_of(place: Site, email: str, ids: list[str]) -> None:
    answer = place.client(email).get(f"{ROOT}/employees").json
    assert answer and [one["id"] for one in answer["items"]] == ids and answer["next_cursor"] is None


def test_lists_come_in_pages(place: Site) -> None:
    browser = place.client(ADMIN)
    first = browser.get(f"{ROOT}/employees?limit=1").json
    assert first and first["next_cursor"] == "e1"
    rest = browser.get(f"{ROOT}/employees", query_string={"cursor": first["next_cursor"]}).json
    assert rest and [one["id"] for one in rest["items"]] == ["e2"]
    assert browser.get(f"{ROOT}/employees?limit=0").status_code == 422


def test_the_timeline_needs_a_purpose_and_writes_the_look_down(place: Site) -> None:
    browser, address = place.client(LEAD), f"{ROOT}/employees/e1/timeline?{DAY}"
    refused = browser.get(address)
    assert refused.status_code == 403 and refused.json and refused.json["error"] == "purpose_required"
    place.case()
    found = browser.get(address).json
    assert found and "bitrix24" in found["items"][0]["host"] and "hh.ru" not in str(found)
    with place.database.reading() as session:
        assert len(looks_at(session, place.person.id)) == 1


def test_the_explanation_needs_a_purpose_too(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    address = f"{ROOT}/employees/e1/explanation?period=2026-10"
    assert place.client(LEAD).get(address).status_code == 403
    found = place.client(OWN).get(address).json
    assert found and found["plan"]["shortfall"] == pytest.approx(sum(f["contribution"] for f in found["factors"]))


def test_overdue_tasks_show_verdicts_only_behind_the_gate(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    task(place.database, place.person, "t1", "2026-10-01 10:00", "2026-10-05 12:00")
    address = f"{ROOT}/employees/e1/overdue?period=2026-10"
    bare = place.client(LEAD).get(address).json
    assert bare and bare["items"][0]["task_id"] == "t1" and bare["items"][0]["verdict"] is None
    place.case()
    full = place.client(LEAD).get(address).json
    assert full and full["items"][0]["verdict"] and full["items"][0]["time"]["idle"] >= 0


def test_plans_and_cases_are_the_own_peoples(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 10.0)
    case, browser = place.case(), place.client(LEAD)
    assert browser.get(f"{ROOT}/plans").json["items"][0]["target"] == 10.0  # type: ignore[index]
    assert browser.get(f"{ROOT}/cases").json["items"][0]["id"] == str(case)  # type: ignore[index]
    assert browser.get(f"{ROOT}/cases/{case}").json["comments"] == []  # type: ignore[index]
    assert place.client(OTHER).get(f"{ROOT}/cases/{case}").status_code == 404
    assert place.client(ADMIN).get(f"{ROOT}/plans").json["items"] == []  # type: ignore[index]


def test_the_council_reads_the_log(place: Site) -> None:
    place.client(LEAD).get(f"/cases/{place.case()}")
    found = place.client(COUNCIL).get(f"{ROOT}/audit")
    assert found.json and found.json["items"][0]["what"] == "case" and found.headers["X-Chain"].startswith("whole")
    assert place.client(LEAD).get(f"{ROOT}/audit").status_code == 403


@pytest.mark.parametrize(
    "path",
    ["employees/e1/timeline", "employees/e1/timeline?from=x&to=y", "employees/e1/explanation", "cases/0",
     "employees/e1/timeline?from=0001-01-01&to=9999-12-31", "employees/e1/timeline?from=2026-10-06&to=2026-10-05",
     "employees/e1/explanation?period=2026-13", "employees/%00/overdue?period=2026-10", "reports/weekly?week=x",
     "employees/e1/explanation?period=2031-01", "nothing", "cases/99999999999999999999", "employees?limit=x"],
)  # fmt: skip
def test_bad_requests_are_answered_clearly(place: Site, path: str) -> None:
    answer = place.client(LEAD).get(f"{ROOT}/{path}")
    assert answer.status_code in (400, 403, 404, 422) and answer.json and answer.json["detail"]


def test_quantities_need_a_purpose_and_each_look_is_written_down(place: Site) -> None:
    address = f"{ROOT}/employees/e1/quantities?period=2026-10"
    assert place.client(LEAD).get(address).status_code == 403 and place.client(OTHER).get(address).status_code == 404
    place.case()
    found = place.client(LEAD).get(address).json
    assert found and found["quantities"][0]["name"] == "expected_hours" and found["days"]
    with place.database.reading() as session:
        assert len(looks_at(session, place.person.id)) == 1


def test_a_case_tells_one_history_of_deeds_and_words(place: Site) -> None:
    plan(place.database, place.person, "2026-10", 12.0)
    case, user = place.case(), place.user(LEAD)
    with place.database.writing() as session:
        recognise(session, case, {"illness": "Ill for a week"}, user.id, place.now + 2)
        add_comment(session, place.person.id, user.id, "Get well", place.now + 1, case)
    found = place.client(OWN).get(f"{ROOT}/cases/{case}").json
    assert found and found["recognised"] == ["illness"]
    told = [(one["kind"], one["by"], one["text"]) for one in found["events"]]
    assert told == [("opened", "rule", ""), ("comment", "Lead", "Get well"), ("recognised", "Lead", "Ill for a week")]
    assert place.client(LEAD).post(f"{ROOT}/cases/{case}").status_code == 405


def test_the_pace_is_open_to_the_person_and_the_supervisor_only(place: Site) -> None:
    plan(place.database, place.person, "2026-11", 12.0)
    address = f"{ROOT}/employees/e1/pace?period=2026-11"
    for email, status in ((LEAD, 200), (OWN, 200), (OTHER, 404), (ADMIN, 404), (COUNCIL, 403)):
        assert place.client(email).get(address).status_code == status, email
    found = place.client(OWN).get(address).json
    assert found and found["forecast"]["low"] <= found["forecast"]["value"] <= found["forecast"]["high"]
    assert place.client(OWN).get(f"{ROOT}/employees/e1/pace?period=2026-09").status_code == 404
    assert place.client(OWN).get(f"{ROOT}/employees/e1/pace").status_code == 422


@pytest.mark.parametrize(("email", "count"), [(OWN, 1), (LEAD, 1), (ADMIN, 1), (OTHER, 0)])
def test_objections_are_listed_to_the_person_and_to_who_answers(place: Site, email: str, count: int) -> None:
    one = objected(place)
    found = place.client(email).get(f"{ROOT}/objections?state=open").json
    assert found and [item["id"] for item in found["items"]] == [str(one)] * count
    assert all(
        (item["subject"], item["label"], item["state"], item["answer"], item["text"])
        == ("hh.ru", "non_work", "open", None, SAID)
        for item in found["items"]
    )
    assert place.client(COUNCIL).get(f"{ROOT}/objections").status_code == 403
    assert place.client(email).get(f"{ROOT}/objections?state=mine").status_code == 422


def test_decided_objections_are_told_with_who_and_when(place: Site) -> None:
    decided(place, objected(place), LEAD)
    found = place.client(OWN).get(f"{ROOT}/objections?state=decided").json
    (item,) = (found or {})["items"]
    assert (item["state"], item["decided_by"], item["answer"]) == ("declined", "Lead", ANSWER) and item["decided_at"]
    assert place.client(OWN).get(f"{ROOT}/objections?state=open").json == {"items": [], "next_cursor": None}


def test_open_objections_stand_beside_the_data_of_the_api(place: Site) -> None:
    objected(place)
    plan(place.database, place.person, "2026-10", 10.0)
    place.case()
    period = "?period=2026-10"
    for path in (f"explanation{period}", f"quantities{period}", f"overdue{period}", f"timeline?{DAY}"):
        found = place.client(LEAD).get(f"{ROOT}/employees/e1/{path}").json
        (one,) = (found or {})["objections"]
        assert (one["subject"], one["hours"], one["hours_by_label"]) == ("hh.ru", 1.0, {"non_work": 1.0}), path
    week = place.client(LEAD).get(f"{ROOT}/reports/weekly?week=2026-W41").json
    assert week and week["objections"] == {"count": 1, "hours": None}
