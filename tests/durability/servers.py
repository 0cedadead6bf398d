"""Everything a server may do instead of taking a batch: kept, waited for rightly, and recording goes on meanwhile."""

import logging
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import trustme
from agent_parts import stretches
from ingest_stub import IngestStub, ingest_stub
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Spool
from planwhy_agent.transport import Transport
from planwhy_agent.upload import Uploader
from running import free_port

from tests.durability.endings import Ending, endings
from tests.durability.found import Found
from tests.durability.machine import TOKEN
from tests.durability.reckoning import reckon
from tests.durability.rogue import Rogue, rogue

SPANS = 100
TOTAL_S = 2.0
"""How long a request may take here; a minute in life."""
SLOWEST_WRITE_S = 2.0


class Heard(logging.Handler):
    """All that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"


def run(first: int, count: int, _deadline: float) -> Found:
    """The cases from `first` on."""
    return sum((case().named(name) for name, case in CASES[first : first + count]), Found())


def _ending(ending: Ending) -> Found:
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (stub, url):
        port = int(url.rpartition(":")[2])
        with rogue(port) as server, rogue(port) as other:
            strangers: list[int] = []
            other.script = [lambda talk: strangers.append(1)] * 50
            found = _tried(Path(name), stub, f"http://127.0.0.1:{server.port}", ending, server, other.port)
            return found + Found(faults=("a redirect was followed",) if strangers else ())


def _tried(folder: Path, stub: IngestStub, url: str, ending: Ending, server: Rogue, other: int) -> Found:
    heard = Heard()
    logging.getLogger("planwhy").addHandler(heard)
    spool = Spool(folder / "spool.sqlite3", recover=True)
    uploader = Uploader(Transport(url, TOKEN), spool, PolicyStore(folder), folder, lambda _news: None)
    recording = Recording(folder / "spool.sqlite3")
    try:
        uploader.attempt(60.0)
        spool.write(stretches(SPANS), None)
        server.script = list(ending.script)
        with recording:
            waits = [uploader.attempt(60.0, TOTAL_S) for _ in ending.script]
        state = uploader.sending.state
        faults = _waited(ending, waits, state)
        server.script = []
        for _ in range(4):
            uploader.attempt(60.0)
        faults += _afterwards(stub, spool, recording, heard)
    finally:
        logging.getLogger("planwhy").removeHandler(heard)
        spool.close()
    return reckon(stub.spans, stub.gaps) + Found(faults=tuple(faults))


def _waited(ending: Ending, waits: list[float], state: str) -> list[str]:
    low, high = ending.wait
    high = high * 2 ** (len(waits) - 1)
    faults = [] if low <= waits[0] and waits[-1] <= high else [f"waits {waits}, not {low} to {high}"]
    return faults + ([] if state == ending.state else [f"says {state}, not {ending.state}"])


def _afterwards(stub: IngestStub, spool: Spool, recording: "Recording", heard: Heard) -> list[str]:
    faults = []
    left = spool.counts()
    if left.waiting or left.aside or len(stub.counted) < SPANS:
        faults.append(f"{left.waiting} wait, {left.aside} set aside, {len(stub.counted)} counted")
    if set(stub.counted.values()) != {1}:
        faults.append("counted twice")
    if recording.slowest_s > SLOWEST_WRITE_S:
        faults.append(f"recording waited {recording.slowest_s:.1f} s")
    if TOKEN in heard.text or "127.0.0.1" in heard.text:
        faults.append("the log tells a token or an address")
    return faults


class Recording:
    """A recorder's connection that writes on beside the uploader, nothing but the state, so as to disturb no count."""

    def __init__(self, path: Path) -> None:
        self._path, self._stop = path, threading.Event()
        self.slowest_s = 0.0
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> "Recording":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _write(self) -> None:
        spool = Spool(self._path)
        while not self._stop.wait(0.02):
            began = time.monotonic()
            spool.write([], None)
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        spool.close()


def _one_in_a_thousand() -> Found:
    """Found by halving: exactly the one wrong span is set aside and declared."""
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (stub, url):
        found = stretches(1_000)
        found[617] = stretches(1, found[617].start_ms, title="POISON")[0]
        stub.poison = "POISON"
        spool = Spool(Path(name) / "spool.sqlite3", recover=True)
        spool.write(found, None)
        uploader = Uploader(Transport(url, TOKEN), spool, PolicyStore(Path(name)), Path(name), lambda _news: None)
        waits = [uploader.attempt(60.0) for _ in range(2)]
        declared = [(g["reason"], g["first_seq"], g["last_seq"]) for g in stub.gaps]
        faults = [] if len(stub.counted) == 999 and spool.counts().aside == 1 else [f"{len(stub.counted)} counted"]
        faults += [] if declared == [("rejected", 618, 618)] and waits == [60.0, 60.0] else [f"{declared} {waits}"]
        requests = sum(verb == "POST" for verb, _ in stub.requests)
        spool.close()
        figures = {"requests to find one wrong span in a thousand": float(requests)}
        return reckon(stub.spans, stub.gaps) + Found(aside=1, faults=tuple(faults), figures=figures)


def _away() -> Found:
    """Nobody listens."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spool = Spool(folder / "spool.sqlite3", recover=True)
        spool.write(stretches(SPANS), None)
        uploader = Uploader(
            Transport(f"http://127.0.0.1:{free_port()}", TOKEN), spool, PolicyStore(folder), folder, lambda _news: None
        )
        waits = [uploader.attempt(60.0, TOTAL_S) for _ in range(12)]
        good = all(1 <= wait <= min(900, 5 * 2**turn) for turn, wait in enumerate(waits))
        waiting = spool.counts().waiting
        spool.close()
        return Found(1, SPANS - waiting, faults=() if good else (f"waits {waits}",))


def _certificate(kind: str) -> Found:
    """TLS that proves nothing: not one byte of a request is sent."""
    ours, theirs = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer, host = (ours, "elsewhere.example") if kind == "of another host" else (theirs, "127.0.0.1")
    (ours if kind == "right" else issuer).issue_cert("127.0.0.1" if kind == "right" else host).configure_cert(context)
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (_, url):
        folder = Path(name)
        ours.cert_pem.write_to_path(str(folder / "ca.pem"))
        with rogue(int(url.rpartition(":")[2]), context) as server:
            server.script = [lambda talk: talk.say(b"HTTP/1.1 204 X\r\n\r\n")] * 9
            transport = Transport(f"https://127.0.0.1:{server.port}", TOKEN, str(folder / "ca.pem"))
            spool = Spool(folder / "spool.sqlite3", recover=True)
            spool.write(stretches(SPANS), None)
            uploader = Uploader(transport, spool, PolicyStore(folder), folder, lambda _news: None)
            uploader.attempt(60.0, TOTAL_S)
            told = uploader.sending.problem
            lost = SPANS - spool.counts().waiting
            spool.close()
            leaked = bool(server.received) != (kind == "right")
            faults = (
                ["a request was sent"]
                if leaked and kind != "right"
                else ["not even a right one works"]
                if leaked
                else []
            )
            faults += [] if kind == "right" or told.startswith("unreachable") else [f"says {told}"]
            return Found(1, lost, faults=tuple(faults))


CASES: list[tuple[str, Callable[[], Found]]] = [
    *((e.name, partial(_ending, e)) for e in endings()),
    ("422 for one in a thousand", _one_in_a_thousand),
    ("nobody listens", _away),
    *((f"a certificate {kind}", partial(_certificate, kind)) for kind in ("right", "of another host", "of another CA")),
]
FULL = SMALL = len(CASES)
