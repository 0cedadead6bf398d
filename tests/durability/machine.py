"""A machine for a trial: folders, an identity, a stub of the collector, and the subject's process on it."""

import sys
from pathlib import Path

import msgspec
from ingest_stub import IngestStub
from planwhy_agent.files import write_whole
from planwhy_agent.identity import Identity, save_identity
from planwhy_agent.policy import PolicyStore
from planwhy_shared.wire import Notice, Policy
from running import Program

from tests.durability.found import Found
from tests.durability.reckoning import Key, Times, reckon

ROOT = Path(__file__).parents[2]
PATH = ":".join(str(ROOT / part) for part in (".", "tests/support", "agent", "shared"))
"""Where a process of a trial finds the code of this very tree."""
TOKEN = "token-that-no-log-may-show"


class Machine(Program):
    """An enrolled machine whose agent is started, killed and stopped."""

    def __init__(self, folder: Path, url: str, stub: IngestStub | None, data: Path | None = None, **more: str) -> None:
        self.folder, self.stub, self.data = folder, stub, data or folder / "data"
        self.ledger = folder / "ledger"
        environment = {
            "PLANWHY_AGENT_DATA_DIR": str(self.data),
            "PLANWHY_AGENT_RUNTIME_DIR": str(folder / "run"),
            "PLANWHY_AGENT_UPLOAD_INTERVAL_S": "1",
            "PLANWHY_AGENT_KEYRING": "false",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "PYTHONPATH": PATH,
            "SUBJECT_LEDGER": str(self.ledger),
            "SUBJECT_CHECKPOINT_MS": "100",
        }
        super().__init__([sys.executable, "-m", "tests.durability.subject"], environment | more, folder / "agent.log")
        folder.mkdir(parents=True, exist_ok=True)
        enrolled(self.data, url, stub.policy if stub else IngestStub().policy)

    def works(self) -> bool:
        """Whether it has told the ledger that it wrote something since it was started."""
        return self.process is not None and self.process.poll() is None and len(self.written()) > 0

    def written(self) -> dict[Key, Times]:
        """Closed spans that were on the disk, by the ledger."""
        return written_in(self.ledger.read_bytes()) if self.ledger.exists() else {}

    def crashes(self) -> list[str]:
        """Lines of the log that tell of an error nobody foresaw, and a token that must not stand there."""
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        bad = [line for line in log.splitlines() if ("Error" in line and " at " in line) or "Traceback" in line]
        return bad + (["a token in the log"] if TOKEN in log else [])

    def reckoned(self, runs: int) -> Found:
        """What came of it all."""
        assert self.stub
        found = reckon(self.stub.spans, self.stub.gaps, self.written())
        faults = tuple(self.crashes())
        return Found(runs, found.lost, found.doubled, found.holes, 0, faults)


def written_in(ledger: bytes) -> dict[Key, Times]:
    """Read the lines of a ledger that tell of written spans."""
    found: dict[Key, Times] = {}
    for line in ledger.decode().splitlines():
        words = line.split()
        if words[:1] == ["w"]:
            for row in words[2:]:
                seq, start, end = (int(n) for n in row.split(":"))
                found[words[1], seq] = (start, end)
    return found


def enrolled(data: Path, url: str, policy: dict[str, object]) -> None:
    """Make the files that enrolment leaves."""
    store = PolicyStore(data)
    told = msgspec.convert(policy, Policy)
    store.save(told, Notice(told.notice_version, "Что записывается"), None)
    store.acknowledge(told.notice_version, 1)
    write_whole(data / "token", TOKEN.encode())
    save_identity(data, Identity(url, "d1", "e1", "Person One", "file", 1))
