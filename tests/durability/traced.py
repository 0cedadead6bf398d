"""The life of an agent whose every file operation is recorded: enrolled, started, refused, halved, stopped, started.

`python -m tests.durability.traced FOLDER`, under strace. What the collector holds and what the agent believes to have
on the disk is told to two files beside the folder, which are read back from the same recording, in the same order.
"""

import os
import signal
import struct
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
from ingest_stub import IngestStub
from planwhy_agent import identity, recorder, sender
from planwhy_agent.app import Agent
from planwhy_agent.config import Settings
from planwhy_agent.policy import PolicyStore
from planwhy_agent.watch import Watch
from planwhy_shared.wire import Notice, Policy

from tests.durability.direct import Direct
from tests.durability.subject import Ledger, Restless, watched

LENGTH = struct.Struct(">I")


class Changing(Direct):
    """A collector that refuses one span, and has another policy after every third batch."""

    def post(self, *arguments: Any) -> Any:
        if len(self.stub.receipts) % 3 == 2:
            self.stub.policy = self.stub.policy | {"version": f"p{len(self.stub.receipts)}"}
        return super().post(*arguments)


def main(folder: Path, lives: int, seconds: float) -> None:
    """Enrol, then live so often and so long."""
    data = folder / "data"
    log = os.open(folder / "server.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    stub = IngestStub()
    stub.poison = '"program-3"'
    _enrol(data, stub.policy)
    watched(Ledger(str(folder / "ledger")), None)
    way = Changing(stub, lambda status, body: os.write(log, LENGTH.pack(len(body)) + body) if status == 200 else None)
    sender.transport_of = lambda _settings: way  # type: ignore[assignment,return-value]
    recorder.CHECKPOINT_MS = 100
    settings = Settings(data_dir=str(data), runtime_dir=str(folder / "run"), upload_interval_s=1)
    for _ in range(lives):
        desktop = Restless(0.02, 0)
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGTERM)).start()
        Agent(settings, Watch(lambda _titled, found=desktop: found, None)).run()  # type: ignore[misc]


def _enrol(data: Path, policy: dict[str, object]) -> None:
    """The files of an enrolment, in its order and by its functions."""
    told = msgspec.convert(policy, Policy)
    identity.instance_id(data)
    PolicyStore(data).save(told, Notice(told.notice_version, "Что записывается"), None)
    identity.keep_token(data, "d1", "token", keyring=False)
    identity.save_identity(data, identity.Identity("http://127.0.0.1:9", "d1", "e1", "Person One", "file", 1))
    PolicyStore(data).acknowledge(told.notice_version, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
