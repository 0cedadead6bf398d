"""Asking a real collector over HTTP, in plain sight: status, headers and body of each answer, whatever they are."""

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingesting import ENROL
from running import CollectorProgram, eventually


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 where there was none."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


def ask(collector: CollectorProgram, path: str, body: Any = None, within_s: float = 60, **headers: str) -> Answer:
    """GET a path, or POST a body as JSON. `Authorization="Bearer x"` and the like become headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=within_s)
    try:
        connection.request("POST" if data else "GET", path, data, {"Content-Type": "application/json"} | sent)
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, repr(error))
    finally:
        connection.close()


def enrolled(collector: CollectorProgram, key: str = "e1") -> str:
    """Enrol a machine of a new employee; its token."""
    collector.call("employee", "add", "--key", key, "--name", "Employee One")
    code = collector.json("enrol-code", "create", "--employee", key, "--json")["code"]
    return str(ask(collector, "/api/v1/enrol", ENROL | {"code": code}).json["token"])


def figures(collector: CollectorProgram, token: str = "tok") -> dict[str, float]:
    """The collector's metrics: series → value."""
    text = ask(collector, "/metrics", Authorization=f"Bearer {token}").text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}


class Meanwhile:
    """Calls at work in threads of their own, and what they gave in the end."""

    def __init__(self, *calls: Callable[[], Any]) -> None:
        self._given: list[Any] = [None] * len(calls)
        self._threads = [threading.Thread(target=self._run, args=(n, call)) for n, call in enumerate(calls)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int, call: Callable[[], Any]) -> None:
        self._given[number] = call()

    def ended(self) -> list[Any]:
        """Wait for all; what they gave."""
        for thread in self._threads:
            thread.join(timeout=60)
        return self._given


def busy(collector: CollectorProgram, lane: str, threads: int) -> None:
    """Wait until so many threads of a lane are at work."""
    eventually(lambda: figures(collector)[f'planwhy_threads_busy{{lane="{lane}"}}'] == threads)
