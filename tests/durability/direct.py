"""A way to the stub without a network, for trials that open a spool thousands of times; and a whole drain over it."""

import gzip
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest_stub import IngestStub
from planwhy_agent import batches
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Spool
from planwhy_agent.transport import Answer
from planwhy_agent.upload import Heard, News, Uploader


class Direct:
    """What `Transport` is to the uploader; `log` gets each batch before it is answered."""

    def __init__(self, stub: IngestStub, log: Any = None) -> None:
        self.stub, self.log = stub, log
        self.lock = threading.Lock()

    def get(self, _path: str, _headers: Mapping[str, str] | None = None, _total_s: float = 0) -> Answer:
        """The policy."""
        return self._answer(200, self.stub.answer_of())

    def post(self, _path: str, body: bytes, _headers: Mapping[str, str], _total_s: float = 0) -> Answer:
        """Store a batch."""
        plain = gzip.decompress(body)
        with self.lock:
            status, told = self.stub.take(plain)
            if self.log:
                self.log(status, plain)
        return self._answer(status, told)

    def _answer(self, status: int, told: dict[str, Any]) -> Answer:
        return Answer(status, {}, json.dumps(told).encode(), None, time.monotonic_ns() // 1_000_000)


def drain(spool: Spool, stub: IngestStub, folder: Path) -> str:
    """Send everything that waits; what is wrong where it cannot be sent."""
    news: list[News] = []
    uploader = Uploader(Direct(stub), spool, PolicyStore(folder), folder, news.append)  # type: ignore[arg-type]
    for _ in range(4):
        uploader.attempt(0.0)
        left = [n for n in news if not isinstance(n, Heard)]
        if batches.next_offer(spool, 1) is None:
            return ""
        del left
    return f"cannot be drained: {uploader.sending.problem}"
