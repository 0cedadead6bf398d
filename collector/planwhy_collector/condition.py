"""How this collector is: does it live, is it ready, what has it counted. In: paths. Out: plain answers.

Asked by the server's event loop, apart from all requests: it answers while their threads are busy, or wait for a
database that is away. Never: anything about people; a wait of more than two seconds.
"""

import asyncio
import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from threading import Lock
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.db import Database, newest_revision
from planwhy_collector.metrics import Meters
from planwhy_collector.queries.ready import StateFacts, state_facts
from planwhy_collector.services import wall_clock_ms

T = TypeVar("T")
WITHIN_S = 2.0
TEXT = "text/plain; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
RETRY_AFTER_S = "5"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: status, headers, content."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


class Once(Generic[T]):
    """Asks a question in a thread of its own, once at a time; who asks meanwhile gets the same answer."""

    def __init__(self, name: str, question: Callable[[], T]) -> None:
        self._question, self._lock = question, Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._asked: Future[T] | None = None

    def ask(self) -> "Future[T]":
        """The answer to be."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._question)
            return self._asked


class Condition:
    """Answers `/livez`, `/readyz` and, where a token is set, `/metrics`."""

    def __init__(self, probe: Database, meters: Meters, token: str) -> None:
        self._probe, self._meters, self._token = probe, meters, token
        self._health, self._state = Once("health", self._fault), Once("state", self._facts)
        self.open = False
        """Whether the application is there; else requests are told to come again."""

    async def tell(self, path: str, authorization: str) -> Told | None:
        """Answer a path of these; None for all others."""
        if path == "/livez":
            return _text(200, "ok")
        if path == "/readyz":
            return await self._ready()
        if path == "/metrics" and self._token:
            return await self._guarded_metrics(authorization)
        return None

    def metrics(self) -> bytes:
        """All figures as text, within two seconds; without those of the database where it does not answer."""
        facts: StateFacts | None = None
        with suppress(SQLAlchemyError, TimeoutError):
            facts = self._state.ask().result(WITHIN_S)
        return self._meters.text(figures(facts, wall_clock_ms()))

    async def _ready(self) -> Told:
        asked = asyncio.wrap_future(self._health.ask())
        done, _ = await asyncio.wait({asked}, timeout=WITHIN_S)
        fault = asked.result() if done else "the database does not answer in time"
        if fault is None and not self.open:
            fault = "the collector is about to open"
        return _text(200, "ok") if fault is None else _text(503, fault, ("Retry-After", RETRY_AFTER_S))

    def _fault(self) -> str | None:
        try:
            return None if self._probe.current() else "the database is not at this release's schema"
        except SQLAlchemyError:
            return "the database does not answer"

    async def _guarded_metrics(self, authorization: str) -> Told:
        scheme, _, given = authorization.partition(" ")
        right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token.encode())
        if scheme.lower() != "bearer" or not right:
            return _text(401, "a token is required: Authorization: Bearer TOKEN", ("WWW-Authenticate", "Bearer"))
        content = await asyncio.get_running_loop().run_in_executor(None, self.metrics)
        return Told(200, (("Content-Type", PROMETHEUS), ("Cache-Control", "no-store")), content)

    def _facts(self) -> StateFacts:
        with self._probe.reading() as session:
            return state_facts(session, wall_clock_ms())


def _text(status: int, text: str, *more: tuple[str, str]) -> Told:
    return Told(status, (("Content-Type", TEXT), ("Cache-Control", "no-store"), *more), f"{text}\n".encode())


def figures(facts: StateFacts | None, now_ms: int) -> list[Metric]:
    """Metrics that are read when it is asked for. Without facts of the database only that it does not answer."""
    build = {"version": version("planwhy-collector"), "schema": newest_revision() or ""}
    told: list[Metric] = [
        InfoMetricFamily("planwhy_build", "The release, and the schema that it needs", build),
        GaugeMetricFamily("planwhy_database_up", "Whether the database answered just now", facts is not None),
    ]
    if facts is None:
        return told
    since = GaugeMetricFamily("planwhy_job_last_done_seconds", "Seconds since a job's last done tick", labels=["job"])
    for job, at_ms in facts.last_done_ms.items():
        since.add_metric([job], (now_ms - at_ms) / 1000)
    waiting = GaugeMetricFamily("planwhy_days_waiting", "Days over that ask to be settled", facts.days_waiting)
    seen = GaugeMetricFamily("planwhy_devices_seen", "Devices seen in the last 24 hours", facts.devices_seen)
    return [*told, since, waiting, seen]
