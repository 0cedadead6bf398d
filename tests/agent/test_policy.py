"""The policy in force: one that cannot be understood as a whole changes nothing, and everybody is told so."""

import json
from pathlib import Path
from typing import Any

import pytest
from agent_parts import policy
from ingest_stub import IngestStub, ingest_stub
from planwhy_agent import cli, condition, status, status_words
from planwhy_agent.config import load_settings
from planwhy_agent.errors import PolicyInvalid
from planwhy_agent.policy import PolicyStore, policy_in
from planwhy_agent.spool import Spool
from planwhy_agent.transport import Transport
from planwhy_agent.upload import NewPolicy, Uploader
from planwhy_agent.words import Words
from planwhy_shared.wire import Notice

BAD: list[tuple[dict[str, Any], str]] = [
    ({"screenshots": "never"}, "screenshots"),
    ({"title_rules": [{"match": "host", "value": "a.ru", "titles": "keep", "until": "noon"}]}, "until"),
    ({"address_rules": [{"match": "host", "value": "a.ru", "keeps": "all"}]}, "keeps"),
    ({"idle_after_s": "180"}, "idle_after_s"),
    ({"idle_after_s": 1}, "idle_after_s"),
    ({"titles": "some"}, "titles"),
    ({"path_hosts": "bitrix24.ru"}, "path_hosts"),
    ({"path_hosts": None}, "path_hosts"),
    ({"mask_patterns": ["ok", "(a"]}, "mask_patterns[2]: missing ): (a (at character 1)"),
    ({"mask_patterns": ["(a+)+\\1"]}, "mask_patterns[1]"),
    ({"mask_patterns": ["x*"]}, "mask_patterns[1]"),
    ({"mask_patterns": ["x" * 201]}, "mask_patterns[1]"),
    ({"mask_patterns": ["x"] * 31}, "mask_patterns"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ({"working_hours": "Mon 25:00-26:00"}, "working hours"),
    ({"working_hours": ""}, "working hours"),
    ({"notice_version": 7}, "notice_version"),
]


def answer(**changes: Any) -> dict[str, Any]:
    """An answer of a collector whose policy has these changes."""
    found = IngestStub().answer_of()
    return found | {"policy": found["policy"] | changes}


@pytest.mark.parametrize(("changes", "named"), BAD)
def test_a_policy_that_cannot_be_understood_is_refused_and_the_part_is_named(changes, named):
    with pytest.raises(PolicyInvalid, match=r".") as refused:
        policy_in(json.dumps(answer(**changes)).encode())
    assert named in refused.value.detail


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"policy":{}}', b"\xff", b"[" * 100_000, b'{"policy":[],"notice":{}}']
)
def test_what_is_no_policy_at_all_is_refused(body):
    with pytest.raises(PolicyInvalid):
        policy_in(body)


def test_around_the_policy_an_answer_may_grow():
    found = policy_in(json.dumps(answer() | {"looks": []}).encode())
    assert found.policy.path_hosts == ("bitrix24.ru",)


def test_a_policy_that_names_another_notice_than_the_one_sent_is_refused():
    with pytest.raises(PolicyInvalid, match="notice_version"):
        policy_in(json.dumps(answer(notice_version="n2")).encode())


def uploader(url: str, folder: Path, news: list[Any]) -> Uploader:
    spool = Spool(folder / "spool.sqlite3", recover=True)
    return Uploader(Transport(url, "secret-token"), spool, PolicyStore(folder), folder, news.append)


@pytest.mark.parametrize("changes", [changes for changes, _ in BAD[:3]] + [BAD[8][0], BAD[13][0]])
def test_the_last_good_policy_stays_whole_until_a_good_one_comes(tmp_path, changes, caplog):
    news: list[Any] = []
    with ingest_stub() as (stub, url):
        sends = uploader(url, tmp_path, news)
        sends.attempt(60.0)
        good, stub.policy = stub.policy, stub.policy | {"version": "p2", "titles": "drop"} | changes
        sends._policy_due = 0.0
        sends.attempt(60.0)
        assert PolicyStore(tmp_path).load() == news[-1].stored
        assert sends.policy_problem.startswith("policy_invalid: ")
        assert sends.policy_problem in caplog.text
        stub.policy = good | {"version": "p3", "titles": "mask"}
        sends._policy_due = 0.0
        sends.attempt(60.0)
        sends.spool.close()
    assert [one.stored.answer.policy.titles for one in news if isinstance(one, NewPolicy)] == ["keep", "mask"]
    assert sends.policy_problem == ""


def test_a_refused_policy_that_every_receipt_names_is_asked_for_once(tmp_path):
    with ingest_stub() as (stub, url):
        sends = uploader(url, tmp_path, [])
        sends.attempt(60.0)
        stub.policy |= {"version": "p2", "new_restriction": True}
        for _ in range(5):
            sends._notice_version("p2")
            sends.attempt(60.0)
        sends.spool.close()
    assert stub.requests == [("GET", "/api/v1/agent/policy")] * 2


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PLANWHY_AGENT_KEYRING", "false")
    return tmp_path


def test_enrolment_with_a_policy_that_cannot_be_understood_says_so_and_stores_nothing(home, capsys):
    with ingest_stub() as (stub, url):
        stub.policy["mask_patterns"] = ["ok", "(a"]
        assert cli.main(["enrol", "--url", url, "--code", "CODE", "--acknowledge-notice"]) == 1
    assert capsys.readouterr().err.startswith("planwhy-agent: policy_invalid: mask_patterns[2]")
    assert [path.name for path in (home / "data").iterdir()] == ["instance"]


def test_a_stored_policy_that_cannot_be_read_shows_in_status_and_records_nothing(home, capsys):
    store = PolicyStore(home / "data")
    store.save(policy(), Notice("n1", "text"), None)
    store.policy_path.write_bytes(store.policy_path.read_bytes().replace(b'"titles"', b'"tipples"'))
    assert store.load() is None
    settings = load_settings({"PLANWHY_AGENT_DATA_DIR": str(home / "data")})
    assert status.report(settings, 0).policy_problem.startswith("policy_invalid: ")
    said = status_words.lines(condition.facts_of(settings, 0), status.Counts(0, 0, 0, 0, {}), Words("en"), 0)
    assert any("policy_invalid" in line for line in said)
