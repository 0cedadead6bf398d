"""The simulated agents: each is enrolled with a code and sends its batches as a real one would.

In: the collector's address, codes, files of batches. Out: how many spans were accepted. Never: a way around the wire.
"""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from planwhy_collector.errors import Unavailable

TRIES = 20


class Sender:
    """One simulated agent with one connection."""

    def __init__(self, url: str, machine: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._machine, self._token = machine, ""

    def enrol(self, code: str) -> None:
        """Turn a code into a device."""
        told = {
            "code": code, "hostname": f"pc-{self._machine}", "os": "simulated", "os_user": self._machine,
            "agent_version": "simulated", "instance_id": f"simulated-{self._machine}",
        }  # fmt: skip
        self._token = str(self._post("/api/v1/enrol", json.dumps(told).encode())["token"])

    def send(self, batches: Path) -> Iterator[int]:
        """Send a file of batches; yields the number of spans accepted of each."""
        with batches.open("rb") as lines:
            for line in lines:
                yield int(self._post("/api/v1/spans", line)["accepted"])

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _post(self, path: str, body: bytes) -> Any:
        """Post until the collector has taken it. Raises Unavailable where it refuses or stays busy."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self._token}"} if self._token else {}
        )
        for _ in range(TRIES):
            try:
                self._connection.request("POST", path, body, headers)
                answer = self._connection.getresponse()
                told = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise Unavailable(f"{path}: {error}") from None
            if answer.status in (200, 201):
                return json.loads(told)
            if answer.status not in (429, 503):
                raise Unavailable(f"{path}: {answer.status} {told[:200].decode(errors='replace')}")
            time.sleep(min(5.0, float(answer.headers.get("Retry-After") or 1)))
        raise Unavailable(f"{path}: the collector stays busy")
