"""The agent that is put on trial: the real one, in a process of its own, with a desktop that never rests.

`python -m tests.durability.subject` with the agent's environment and SUBJECT_* beside it. What it has on the disk it
tells in a ledger outside of its folder, after each transaction; when something begins that a trial wants to
interrupt, it can end itself there with SIGKILL.
"""

import contextlib
import logging
import os
import random
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from agent_parts import ScriptedDesktop
from planwhy_agent import batches, health, recorder, sender
from planwhy_agent.app import Agent
from planwhy_agent.config import load_settings
from planwhy_agent.errors import AgentError
from planwhy_agent.policy import PolicyStore
from planwhy_agent.sources.base import Window
from planwhy_agent.spans import Moment
from planwhy_agent.spool import Spool
from planwhy_agent.system import clock
from planwhy_agent.watch import Watch

WINDOWS = [Window(f"program-{n}", f"Сделка {n} " + "x" * 40, n) for n in range(1, 8)]


class Ledger:
    """Lines that are outside of the agent's folder the moment they are written."""

    def __init__(self, path: str) -> None:
        self._out = os.open(path or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def tell(self, *words: object) -> None:
        """One line in one write."""
        os.write(self._out, (" ".join(str(w) for w in words) + "\n").encode())


class Restless(ScriptedDesktop):
    """Another window every few milliseconds, on a list that can be made long."""

    def __init__(self, every_s: float, padding: int) -> None:
        super().__init__([Window(w.app, (w.title or "") + "я" * padding, 1) for w in WINDOWS])
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self._write_fd, False)
        self._every_s = every_s
        threading.Thread(target=self._stir, daemon=True).start()

    def read(self) -> Window | None:
        try:
            os.read(self._read_fd, 4096)
        except BlockingIOError:
            return self.windows[self.turn % len(self.windows)]
        return super().read()

    def _stir(self) -> None:
        while True:
            with contextlib.suppress(OSError):  # a full pipe wakes as well
                os.write(self._write_fd, b"\0")
            select.select((), (), (), self._every_s)  # libfaketime breaks Python's own sleep


def watched(ledger: Ledger, kill: tuple[str, int, float] | None) -> None:
    """Tell the ledger what is written, and which part of the work begins and ends; end in the middle where asked."""
    write = Spool.write

    def written(self: Spool, closed: Any, unfinished: Any, losses: Any = (), standing: Any = None) -> None:
        first = self.next_seq
        write(self, closed, unfinished, losses, standing)
        epoch = self.connection.execute("SELECT epoch FROM epochs WHERE no = ?", (self.epoch_no,)).fetchone()[0]
        if closed:
            rows = (f"{first + i}:{s.start_ms}:{s.end_ms}" for i, s in enumerate(closed))
            ledger.tell("w", epoch.decode(), *rows)

    Spool.write = written  # type: ignore[method-assign]
    counts: dict[str, int] = {}
    for owner, name in (
        (Spool, "write"), (Spool, "_evict"), (Spool, "settle_open"), (Spool, "reserve"), (batches, "halve"),
        (batches, "acknowledge"), (batches, "_close"), (batches, "prune"), (PolicyStore, "save"),
        (health, "save_sending"), (sender, "open_spool"),
    ):  # fmt: skip
        setattr(owner, name, _phase(name.strip("_"), getattr(owner, name), ledger, kill, counts))


def _phase(
    name: str, call: Callable[..., Any], ledger: Ledger, kill: tuple[str, int, float] | None, counts: dict[str, int]
) -> Callable[..., Any]:
    def phase(*arguments: Any, **named: Any) -> Any:
        counts[name] = counts.get(name, 0) + 1
        ledger.tell("b", name)
        if kill is not None and kill[:2] == (name, counts[name]):
            threading.Thread(target=_end_after, args=(kill[2],), daemon=True).start()
        try:
            return call(*arguments, **named)
        finally:
            ledger.tell("e", name)

    return phase


def _end_after(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


def moved_clocks(path: str) -> Callable[[], Moment]:
    """The machine's clocks, moved by what a file says: milliseconds asleep, and by how much the wall clock is off."""

    def read() -> Moment:
        real = clock.now()
        try:
            asleep, wall = (int(word) for word in Path(path).read_text().split())
        except (OSError, ValueError):
            asleep = wall = 0
        return Moment(real.mono_ms + asleep, real.awake_ms, real.wall_ms + asleep + wall)

    return read


def main() -> int:
    """Record as the environment says."""
    own = {key: os.environ.get(f"SUBJECT_{key}", "") for key in ("LEDGER", "KILL", "QUOTA", "EVERY_S", "PADDING")}
    recorder.CHECKPOINT_MS = int(os.environ.get("SUBJECT_CHECKPOINT_MS", "5000"))
    kill = None
    if own["KILL"]:
        name, at, delay = own["KILL"].split(":")
        kill = (name, int(at), float(delay))
    watched(Ledger(own["LEDGER"]), kill)
    random.seed()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(relativeCreated)d %(name)s %(message)s")
    settings = load_settings(os.environ)
    if own["QUOTA"]:
        settings = msgspec.structs.replace(settings, quota_mb=int(own["QUOTA"]))
    desktop = Restless(float(own["EVERY_S"] or 0.005), int(own["PADDING"] or 0))
    clocks = moved_clocks(path) if (path := os.environ.get("SUBJECT_CLOCKS", "")) else clock.now
    try:
        return Agent(settings, Watch(lambda _titled: desktop, None), clocks).run()
    except AgentError as error:
        sys.stderr.write(f"{error.slug}: {error.detail}\n")
    except OSError as error:  # as the command line does
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
