"""Stage 5: the uploader, a thread that empties the spool into the collector.

In: batches of the spool. Out: acknowledgements in the spool; the collector's clock, policy and own health told to
the recorder. Never: a batch sent before the collector's clock is known, so that times can still be corrected; a span
given up because of an ending that nobody foresaw.
"""

import gzip
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from planwhy_agent import batches, health
from planwhy_agent.errors import AgentError, PolicyInvalid, SpoolBroken, SpoolFull, Unreachable
from planwhy_agent.outcome import LOCKED_OUT_WAIT_S, Kind, Outcome, failure_of, outcome_of, wait_s
from planwhy_agent.policy import PolicyStore, StoredPolicy, is_answer, policy_in
from planwhy_agent.spool import Spool, translated
from planwhy_agent.transport import TOTAL_S, Answer, Transport

ASIDE_IN_A_ROW = 10
"""So many spans are set aside without one acknowledgement in between; then the collector itself is doubted."""
LAST_S = 3.0
"""How long the last attempt before the end may take."""
POLICY_S = 900.0
PRUNE_S = 3600.0

log = logging.getLogger("planwhy.upload")


@dataclass(frozen=True, slots=True)
class Heard:
    """The collector's clock at a moment of ours."""

    server_ms: int
    mono_ms: int


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy that was put in force."""

    stored: StoredPolicy


@dataclass(frozen=True, slots=True)
class Broken:
    """The spool cannot be read any more."""


News = Heard | NewPolicy | Broken


class Uploader:
    """One collector, one spool connection of its own. `tell` passes news on and returns when it has been used."""

    def __init__(
        self, transport: Transport, spool: Spool, policies: PolicyStore, folder: Path, tell: Callable[[News], None]
    ) -> None:
        self.transport = transport
        self.spool = spool
        self.policies = policies
        self.folder = folder
        self.tell = tell
        self.sending = msgspec.structs.replace(health.load_sending(folder), state="idle")
        self.policy_problem = ""
        self._contacted = False
        self._policy_due = 0.0
        self._policy_named = ""
        self._prune_due = 0.0
        self._failures = 0
        self._aside = 0
        self._renamed: int | None = None
        self._held_until = 0.0
        self._expected_ms: int | None = None

    def run(self, stop: threading.Event, wake: threading.Event, interval_s: Callable[[], float]) -> None:
        """Send at every interval, or when woken, until told to stop; one quick attempt at the end."""
        while not stop.is_set():
            pause_s = self._guarded_attempt(interval_s())
            wake.wait(pause_s)
            wake.clear()
        if time.monotonic() >= self._held_until:
            self._guarded_attempt(0.0, LAST_S)

    def _guarded_attempt(self, interval_s: float, total_s: float = TOTAL_S) -> float:
        """The outermost loop of this thread: an error that nobody foresaw is named, and sending goes on."""
        try:
            return self.attempt(interval_s, total_s)
        except Exception as error:  # noqa: BLE001  unknown means keep and try again
            return self._failed(Outcome(Kind.WAIT, type(error).__name__.lower()))

    def attempt(self, interval_s: float, total_s: float = TOTAL_S) -> float:
        """Send all that waits; returns for how many seconds there is nothing to do."""
        try:
            with translated():
                return self._send_all(interval_s, total_s)
        except Unreachable as error:
            return self._failed(Outcome(Kind.WAIT, "unreachable", detail=error.detail))
        except SpoolFull as error:
            self.spool.release()
            return self._failed(Outcome(Kind.WAIT, error.slug, detail=error.detail))
        except OSError as error:
            return self._failed(Outcome(Kind.WAIT, "disk", detail=error.strerror or ""))
        except SpoolBroken as error:
            self.tell(Broken())
            return self._failed(Outcome(Kind.WAIT, error.slug, detail=error.detail))

    def _send_all(self, interval_s: float, total_s: float) -> float:
        deadline = time.monotonic() + total_s
        if not self._contacted or time.monotonic() >= self._policy_due:
            self._fetch_policy(total_s)
        while offer := batches.next_offer(self.spool, _now_ms()):
            left = deadline - time.monotonic() if total_s < TOTAL_S else TOTAL_S
            if left <= 0:
                break
            answer = self._post(offer, left)
            outcome = outcome_of(answer, offer.batch, datetime.now(UTC))
            pause_s = self._take(offer, outcome, answer)
            if pause_s is not None:
                return pause_s
        self._prune()
        return interval_s

    def _post(self, offer: batches.Offer, total_s: float) -> Answer:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        body = gzip.compress(offer.content, 6, mtime=0)
        return self.transport.post("/api/v1/spans", body, headers, total_s)

    def _take(self, offer: batches.Offer, outcome: Outcome, answer: Answer) -> float | None:
        """Do what an outcome says. None: go on with the next batch; else how long to wait."""
        if outcome.kind is Kind.ACKNOWLEDGED and outcome.receipt is not None:
            self._listen(answer)
            self._acknowledged(offer, outcome)
            return None
        refused = outcome.kind in (Kind.BAD, Kind.TOO_LARGE) and self._aside < ASIDE_IN_A_ROW
        if refused and not batches.spared(self.spool, offer):
            log.warning("batch refused: %s, %d spans", outcome.slug, len(offer.batch.spans))
            self._aside += batches.halve(self.spool, offer, outcome.slug, outcome.detail, _now_ms())
            return None
        if outcome.kind is Kind.CONFLICT and self._renamed != offer.no:
            batches.rename(self.spool, offer)
            self._renamed = offer.no
            return None
        self._aside = max(0, self._aside - 1)
        return self._failed(outcome)

    def _acknowledged(self, offer: batches.Offer, outcome: Outcome) -> None:
        assert outcome.receipt is not None  # noqa: S101  by the kind of the outcome
        now_ms = _now_ms()
        batches.acknowledge(self.spool, offer, outcome.receipt, now_ms)
        self._failures = self._aside = 0
        through = max(offer.end_ms, self.sending.through_ms or 0)
        same = offer.batch.epoch == self.sending.epoch
        highest = max([s.seq for s in offer.batch.spans] + [self.sending.seq if same else 0])
        self.sending = health.Sending("ok", "", now_ms, through, None, offer.batch.epoch, highest)
        health.save_sending(self.folder, self.sending)
        log.info("batch acknowledged: %d spans, %d rejected", len(offer.batch.spans), len(outcome.receipt.rejected))
        self._notice_version(outcome.receipt.policy_version)

    def _failed(self, outcome: Outcome) -> float:
        self._failures += 1
        pause_s = outcome.asked_s or wait_s(self._failures, random.random())  # noqa: S311  jitter
        if outcome.kind is Kind.LOCKED_OUT:
            pause_s = LOCKED_OUT_WAIT_S
        if outcome.asked_s or outcome.kind is Kind.LOCKED_OUT:
            self._held_until = time.monotonic() + pause_s
        log.warning("not sent: %s; next attempt in %.0f s", outcome.slug, pause_s)
        self.sending = msgspec.structs.replace(
            self.sending,
            state=outcome.kind.value if outcome.kind is Kind.LOCKED_OUT else "waiting",
            problem=f"{outcome.slug}: {outcome.detail}".rstrip(": "),
            next_ms=_now_ms() + round(pause_s * 1000),
        )
        return pause_s

    def _fetch_policy(self, total_s: float) -> None:
        stored = self.policies.load()
        headers = {"If-None-Match": stored.etag} if stored and stored.etag else {}
        answer = self.transport.get("/api/v1/agent/policy", headers, total_s)
        self._policy_due = time.monotonic() + POLICY_S
        if answer.status == 304 or is_answer(answer.body) or failure_of(answer.body):
            self._listen(answer)
        self._contacted = True
        try:
            found = policy_in(answer.body) if answer.status == 200 else None
            fresh = (
                self.policies.save(found.policy, found.notice, answer.headers.get("etag"), found.looks)
                if found
                else None
            )
        except PolicyInvalid as error:
            self.policy_problem = f"{error.slug}: {error.detail}"
            log.warning("%s; the last good policy stays in force", self.policy_problem)
            return
        if answer.status in (200, 304):
            self.policy_problem = ""
        else:
            log.warning("policy not fetched: status %d", answer.status)
        if fresh is not None:
            self.tell(NewPolicy(fresh))

    def _notice_version(self, version: str) -> None:
        """Ask for the policy that a receipt names, once: one that is refused here is asked for at the usual pace."""
        stored = self.policies.load()
        known = stored.answer.policy.version if stored else ""
        if version not in (known, self._policy_named):
            self._policy_due = 0.0
        self._policy_named = version if version != known else ""

    def _listen(self, answer: Answer) -> None:
        """Pass the collector's clock on where it differs from what it should show by now."""
        if answer.server_ms is None:
            return
        offset = answer.server_ms - answer.mono_ms
        if self._expected_ms is None or abs(offset - self._expected_ms) > 2_000:
            self._expected_ms = offset
            self.tell(Heard(answer.server_ms, answer.mono_ms))

    def _prune(self) -> None:
        if time.monotonic() >= self._prune_due:
            self._prune_due = time.monotonic() + PRUNE_S
            batches.prune(self.spool, _now_ms())


def flush(uploader: Uploader) -> AgentError | None:
    """Send everything now; the reason why not where it could not be sent."""
    uploader.attempt(0.0)
    if uploader.spool.counts().waiting == 0:
        return None
    return Unreachable(uploader.sending.problem or "something still waits")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
