"""The log of a served collector: JSON on every line, one id for a request everywhere, and nothing of anybody in it."""

import http.client
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
from asking import Answer, ask, enrolled
from ingesting import ENROL, batch, span
from running import CollectorProgram
from sqlalchemy import make_url

SECRETS = (
    "s3title",
    "s3host",
    "s3path",
    "s3query",
    "s3code",
    "s3mail",
    "s3pass",
    "s3cookie",
    "s3bearer",
    "s3link",
    "s3id",
)
LINE = "no id of ours: \n s3id"


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CollectorProgram]:
    program = CollectorProgram(tmp_path_factory.mktemp("log"), log_level="debug", metrics_token="tok")
    program.start()
    yield program
    program.end()


@pytest.fixture(scope="module")
def token(collector: CollectorProgram) -> str:
    return enrolled(collector)


def lines(collector: CollectorProgram) -> list[dict[str, Any]]:
    return [json.loads(line) for line in collector.log.read_text(encoding="utf-8").splitlines()]


def form(collector: CollectorProgram, path: str, **fields: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=30)
    connection.request("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
    connection.getresponse().read()
    connection.close()


def spoiled(collector: CollectorProgram) -> Answer:
    """Force a 500: a table is missing."""
    with closing(sqlite3.connect(str(make_url(collector.database_url).database))) as database:
        database.execute("ALTER TABLE user_sessions RENAME TO gone")
        answer = ask(collector, "/api/v1/teams?s3query=1", Cookie="planwhy_session=s3cookie")
        page = ask(collector, "/sign-in?s3query=1", Cookie="planwhy_session=s3cookie")
        database.execute("ALTER TABLE gone RENAME TO user_sessions")
    assert (answer.status, page.status) == (500, 500) and answer.json["error"] == "error"
    return answer


def test_nothing_of_anybody_is_in_the_log(collector: CollectorProgram, token: str) -> None:
    seen = {"state": "active", "app": "a.exe", "title": "s3title", "url": "https://s3host.example/s3path?s3query"}
    good = ask(collector, "/api/v1/spans", batch("b1", [span(1, **seen)]), Authorization=f"Bearer {token}")
    bad = ask(
        collector, "/api/v1/spans", batch("b2", [span(1, **seen)]) | {"epoch": 7}, Authorization=f"Bearer {token}"
    )
    ask(collector, "/api/v1/spans", batch("b3", []), Authorization="Bearer s3bearer", X_Request_Id="x s3id")
    ask(collector, "/api/v1/enrol", ENROL | {"code": "s3code", "hostname": "s3host"})
    form(collector, "/sign-in", email="s3mail@example.test", password="s3pass")
    ask(collector, "/sign-in/s3link", Referer="http://x/s3path", User_Agent="s3title")
    ask(collector, "/s3path?s3query=1", Cookie="planwhy_session=s3cookie", X_Forwarded_For="s3host")
    failed = spoiled(collector)
    assert (good.status, bad.status) == (200, 422)
    log = collector.log.read_text(encoding="utf-8")
    assert [word for word in (*SECRETS, token) if word in log] == []
    assert {one["status"] for one in lines(collector) if "status" in one} >= {200, 401, 403, 404, 422, 500}
    about = [one for one in lines(collector) if one.get("request_id") == failed.json["request_id"]]
    assert [one["message"] for one in about] == ["unexpected", "request"]
    assert about[0]["kind"] == "OperationalError" and "at" in about[0]
    assert about[1]["route"] == "/api/v1/teams" and about[1]["method"] == "GET" and about[1]["duration_ms"] >= 0


@pytest.mark.parametrize("told", ["0192f3c1-aaaa-bbbb", "agent-7.retry_2"])
def test_the_id_of_a_sender_is_kept_in_answer_failure_and_log(collector: CollectorProgram, told: str) -> None:
    answer = ask(collector, "/api/v1/teams", X_Request_Id=told)
    assert answer.headers["x-request-id"] == answer.json["request_id"] == told
    assert [one["route"] for one in lines(collector) if one.get("request_id") == told] == ["/api/v1/teams"]


@pytest.mark.parametrize(
    "told", ["short", "x" * 65, "has blanks in it", 'quotes"quotes', "юникод-юникод".encode().decode("latin-1")]
)
def test_an_odd_id_is_replaced(collector: CollectorProgram, told: str) -> None:
    answer = ask(collector, "/api/v1/teams", X_Request_Id=told)
    assert answer.headers["x-request-id"] == answer.json["request_id"] != told


def test_metrics_want_the_token_and_name_nobody(collector: CollectorProgram, token: str) -> None:
    ask(collector, "/s3path", Authorization="Bearer s3bearer")
    gap = {"from_ms": 0, "to_ms": 1, "count": 3, "reason": "s3title"}
    ask(collector, "/api/v1/spans", batch("gap", [], gaps=[gap]), Authorization=f"Bearer {token}")
    assert [ask(collector, "/metrics", Authorization=a).status for a in ("", "Bearer x", "Basic tok")] == [401] * 3
    text = ask(collector, "/metrics", Authorization="Bearer tok").text
    assert [word for word in (*SECRETS, "e1", "pc1") if word in text] == []
    assert 'planwhy_gap_spans_total{reason="other"} 3.0' in text
    assert 'planwhy_requests_total{method="GET",route="-",status="404"}' in text
