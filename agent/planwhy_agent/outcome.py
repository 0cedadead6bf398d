"""Stage 5, decisions: every ending of a request becomes one Outcome, and the Outcome says what to do.

In: an answer, or none. Out: an Outcome, and how long to wait. Never: disk or network; never "forget it": an ending
that nobody foresaw means keep and try again.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum

import msgspec
from planwhy_shared.wire import Batch, Failure, Receipt

from planwhy_agent.transport import Answer

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0
LEAST_ASKED_S = 1.0
MOST_ASKED_S = 3600.0
LOCKED_OUT_WAIT_S = 3600.0


class Kind(Enum):
    """What to do with the batch."""

    ACKNOWLEDGED = "acknowledged"
    TOO_LARGE = "too_large"
    BAD = "bad"
    LOCKED_OUT = "locked_out"
    CONFLICT = "conflict"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request. `asked_s` is what the collector asked to wait, `slug` names the ending."""

    kind: Kind
    slug: str
    receipt: Receipt | None = None
    detail: str = ""
    asked_s: float | None = None


def outcome_of(answer: Answer, batch: Batch, now: datetime) -> Outcome:
    """Read the answer to a batch."""
    if answer.status == 200:
        receipt = receipt_for(answer.body, batch)
        return Outcome(Kind.ACKNOWLEDGED, "ok", receipt) if receipt else Outcome(Kind.WAIT, "not_our_receipt")
    failure = failure_of(answer.body)
    slug = failure.error if failure else f"status_{answer.status}"
    detail = failure.detail if failure else ""
    kind = _KINDS.get(answer.status, Kind.WAIT)
    if kind is Kind.BAD and failure is not None and failure.retryable:
        kind = Kind.WAIT
    return Outcome(kind, slug, None, detail, asked_s(answer.headers.get("retry-after"), now))


def receipt_for(body: bytes, batch: Batch) -> Receipt | None:
    """Believe a receipt only if it names this batch, its counts add up, and it rejects only what was sent."""
    try:
        receipt = msgspec.json.decode(body, type=Receipt)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    sent = {s.seq for s in batch.spans}
    counted = receipt.accepted + receipt.duplicates + len(receipt.rejected)
    honest = min(receipt.accepted, receipt.duplicates) >= 0 and counted == len(batch.spans)
    known = all(r.seq is not None and r.seq in sent for r in receipt.rejected)
    return receipt if receipt.batch_id == batch.batch_id and honest and known else None


def failure_of(body: bytes) -> Failure | None:
    """Read the collector's own form of an error; None for anybody else's."""
    try:
        return msgspec.json.decode(body, type=Failure)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def asked_s(text: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date, clamped to between one second and one hour; None where it says nothing."""
    if not text:
        return None
    try:
        wanted = float(text) if text.strip().isdigit() else (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(MOST_ASKED_S, max(LEAST_ASKED_S, wanted))


def wait_s(failures: int, chance: float) -> float:
    """How long to wait after so many failures in a row; `chance` is a random number from 0 to 1.

    Full jitter: anything up to a ceiling that doubles from 5 s to 15 min, but never less than one second.
    """
    ceiling: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures - 1, 16))
    return max(LEAST_ASKED_S, ceiling * chance)


_KINDS = {
    400: Kind.BAD,
    401: Kind.LOCKED_OUT,
    403: Kind.LOCKED_OUT,
    409: Kind.CONFLICT,
    413: Kind.TOO_LARGE,
    422: Kind.BAD,
}
