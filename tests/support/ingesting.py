"""A collector's application with one employee and one device, for tests that talk to it as an agent would."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from planwhy_collector.app import create_app
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.queries.people import EmployeeRecord, add_employee
from planwhy_collector.services import Services
from werkzeug.test import TestResponse

NOW_MS = 1_795_000_000_000
ENROL = {"hostname": "pc1", "os": "linux", "os_user": "u", "agent_version": "0.1.0", "instance_id": "i1"}


def span(seq: int, start_ms: int | None = None, length_ms: int = 1000, **more: Any) -> dict[str, Any]:
    """One span as JSON; by default seconds that follow each other in the order of `seq`."""
    start = NOW_MS - 3_600_000 + seq * 1000 if start_ms is None else start_ms
    return {"seq": seq, "start_ms": start, "end_ms": start + length_ms, "state": "idle"} | more


def batch(batch_id: str, spans: list[Any], **more: Any) -> dict[str, Any]:
    """A batch as JSON."""
    return {"schema": 1, "batch_id": batch_id, "epoch": "e1", "sent_ms": NOW_MS, "spans": spans} | more


@dataclass
class Agents:
    """Talks to an application as agents do. The clock stands still at `now_ms`."""

    database: Database
    settings: Settings = field(default_factory=lambda: Settings(secret_key="tests"))
    now_ms: int = NOW_MS

    def __post_init__(self) -> None:
        services = Services(self.settings, self.database, lambda: self.now_ms)
        self.app = create_app(self.settings, self.database, services)
        with self.database.writing() as session:
            self.employee_id = add_employee(session, EmployeeRecord("e1", "Employee One", time_zone="Europe/Moscow"))

    @property
    def client(self) -> FlaskClient:
        """A client of its own, so that threads do not share one."""
        return self.app.test_client()

    def code(self, **more: Any) -> str:
        """A fresh enrolment code."""
        return self.code_for("e1", **more)

    def code_for(self, employee: str, **more: Any) -> str:
        """A fresh enrolment code of any employee."""
        with self.database.writing() as session:
            return issue_code(session, employee, self.now_ms, **more).code

    def enrol(self, code: str, **more: Any) -> TestResponse:
        """Enrol with a code."""
        return self.client.post("/api/v1/enrol", json=ENROL | {"code": code} | more)

    def token(self) -> str:
        """Enrol a machine; its token."""
        return str(self.enrol(self.code()).get_json()["token"])

    def send(self, token: str, body: Any, **headers: str) -> TestResponse:
        """Send a batch: a JSON value, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/api/v1/spans", data=data, headers=known | named)
