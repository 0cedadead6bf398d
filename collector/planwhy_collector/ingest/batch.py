"""Stage 6b, pure: bytes become a checked batch. In: the plain body and the time. Out: spans that may be stored,
gaps, and for each span that may not, a slug and a sentence. Never: a whole batch refused for one bad span.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct
from planwhy_shared import limits
from planwhy_shared.wire import Batch, Gap, Key, Ms, Rejected, Seq, Span

from planwhy_collector.ingest.refusal import Refusal

DAY_MS = 86_400_000
DETAIL_CHARS = 200
"""Of what a verdict says: it may quote the value that it refuses."""
_BATCH_FIELDS = frozenset({"schema", "batch_id", "epoch", "sent_ms", "spans", "gaps"})
_GAP_FIELDS = frozenset(Gap.__struct_fields__)
_SPAN_FIELDS = frozenset(Span.__struct_fields__)


class Envelope(Struct, frozen=True):
    """A batch whose spans are still text, so that each is judged by itself."""

    schema: Literal[1]
    batch_id: Key
    epoch: Key
    sent_ms: Ms
    spans: Annotated[tuple[Raw, ...], Meta(max_length=limits.BATCH_SPANS)]
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=limits.GAPS)] = ()


class _OnlySeq(Struct, frozen=True):
    seq: Seq | None = None


class _StrictSpan(Span, frozen=True, forbid_unknown_fields=True):
    """A span with the fields that are known and no others."""


class _StrictGap(Gap, frozen=True, forbid_unknown_fields=True):
    """A gap with the fields that are known and no others."""


class _StrictBatch(Batch, frozen=True, forbid_unknown_fields=True):
    """A batch in which nothing is to be ignored."""

    spans: tuple[_StrictSpan, ...] = ()
    gaps: tuple[_StrictGap, ...] = ()


_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_MARK = rb"\uffff"
"""An escape that stands for no character."""
_LONE_SURROGATE = re.compile(
    rb"((?<!\\)(?:\\\\)*)"
    rb"(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_decode_strict = msgspec.json.Decoder(_StrictBatch).decode


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """A batch ready to be stored. `digest` identifies its content, `repeated` counts spans that stand in it again."""

    batch_id: str
    epoch: str
    digest: bytes
    spans: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    rejected: tuple[Rejected, ...]
    repeated: int
    ignored_fields: int


def check_batch(body: bytes, now_ms: int) -> CheckedBatch:
    """Decode and check a batch. Raises Refusal 400 for what is no JSON, 413 and 422 for a wrong envelope."""
    lone = 0
    if _SURROGATE_ESCAPE.search(body):
        body, lone = _marked(body)
    envelope = _envelope(body)
    _check_texts(envelope)
    checked = (None if lone else _all_good(body, envelope, now_ms)) or _each(body, envelope, now_ms, bool(lone))
    return CheckedBatch(
        batch_id=envelope.batch_id,
        epoch=envelope.epoch,
        digest=_digest(envelope),
        spans=tuple(checked.kept.values()),
        gaps=envelope.gaps,
        rejected=tuple(checked.rejected),
        repeated=checked.repeated,
        ignored_fields=checked.ignored,
    )


@dataclass(slots=True)
class _Spans:
    kept: dict[int, Span]
    rejected: list[Rejected]
    repeated: int
    ignored: int


def _all_good(body: bytes, envelope: Envelope, now_ms: int) -> _Spans | None:
    """Decode a batch that leaves nothing to say, at once; None where anything has to be looked at span by span."""
    if any(len(memoryview(raw)) > limits.SPAN_BYTES for raw in envelope.spans):
        return None
    try:
        spans = _decode_strict(body).spans
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    kept: dict[int, Span] = {span.seq: span for span in spans}
    if len(kept) < len(spans) or any(_fault(span, now_ms) for span in spans):
        return None
    return _Spans(kept, [], 0, 0)


def _marked(body: bytes) -> tuple[bytes, int]:
    """Put a mark in the place of lone halves of characters, which no decoder takes, so that only their span is refused.

    How many there were. A backslash that is escaped itself begins no escape.
    """
    return _LONE_SURROGATE.subn(rb"\1\\uffff", body)


def _each(body: bytes, envelope: Envelope, now_ms: int, marked: bool) -> _Spans:
    checked = _Spans({}, [], 0, _ignored_in_envelope(body))
    for one in envelope.spans:
        raw = bytes(one)
        if marked and _MARK in raw:
            checked.rejected.append(Rejected(_seq_in(raw), "invalid", "a text holds half of a character"))
        else:
            _add(checked, raw, now_ms)
    return checked


def _add(checked: _Spans, raw: bytes, now_ms: int) -> None:
    """Judge one span. The same one twice is a duplicate; another one under the same number is refused."""
    span, fault, unknown = _span(raw, now_ms)
    checked.ignored += unknown
    earlier = checked.kept.get(span.seq) if span else None
    if fault is None and span and earlier and earlier != span:
        fault = Rejected(span.seq, "repeated_seq", f"seq {span.seq} stands twice in this batch, with other content")
    if fault:
        checked.rejected.append(fault)
    elif earlier:
        checked.repeated += 1
    elif span:
        checked.kept[span.seq] = span


def _digest(envelope: Envelope) -> bytes:
    """Hash what a batch carries: epoch, spans, gaps. When it was sent is no part of that."""
    found = hashlib.sha256(msgspec.json.encode((envelope.epoch, envelope.gaps)))
    for raw in envelope.spans:
        found.update(b"\n")
        found.update(memoryview(raw))
    return found.digest()


def _envelope(body: bytes) -> Envelope:
    try:
        return msgspec.json.decode(body, type=Envelope)
    except msgspec.ValidationError as error:
        status = 413 if "length <=" in str(error) and "$.spans" in str(error) else 422
        raise Refusal(status, "too_large" if status == 413 else "invalid", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "unreadable", f"the body is not JSON: {error}") from None


def _check_texts(envelope: Envelope) -> None:
    named = [("batch_id", envelope.batch_id), ("epoch", envelope.epoch)]
    for name, text in [*named, *((f"gaps[{at}].reason", gap.reason) for at, gap in enumerate(envelope.gaps))]:
        if not text.isprintable():
            raise Refusal(422, "invalid", f"{name} holds characters that cannot be printed")
    for at, gap in enumerate(envelope.gaps):
        if gap.to_ms < gap.from_ms:
            raise Refusal(422, "invalid", f"gaps[{at}] ends before it begins")
        if (gap.first_seq is None) != (gap.last_seq is None) or (gap.last_seq or 0) < (gap.first_seq or 0):
            raise Refusal(422, "invalid", f"gaps[{at}]: first_seq and last_seq are given together and in order")


def _ignored_in_envelope(body: bytes) -> int:
    """Count fields of the envelope and of gaps that nobody knows. Raises Refusal 400 for a name that is no text."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Raw])
        gaps = msgspec.json.decode(fields["gaps"], type=list[dict[str, Raw]]) if "gaps" in fields else []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "unreadable", f"the body is not JSON: {error}") from None
    return len(fields.keys() - _BATCH_FIELDS) + sum(len(gap.keys() - _GAP_FIELDS) for gap in gaps)


def _span(raw: bytes, now_ms: int) -> tuple[Span | None, Rejected | None, int]:
    """One span, or why not, and how many of its fields nobody knows."""
    if len(raw) > limits.SPAN_BYTES:
        return None, Rejected(_seq_in(raw), "too_large", f"{len(raw)} bytes, the limit is {limits.SPAN_BYTES}"), 0
    try:
        values: Any = msgspec.json.decode(raw)
        span = msgspec.convert(values, Span)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return None, Rejected(_seq_in(raw), "invalid", f"{error}"[:DETAIL_CHARS]), 0
    unknown = len(values.keys() - _SPAN_FIELDS)
    return span, _fault(span, now_ms), unknown


def _seq_in(raw: bytes) -> int | None:
    """The number of a span that cannot be decoded as a whole; None where it says none."""
    try:
        return msgspec.json.decode(raw, type=_OnlySeq).seq
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _fault(span: Span, now_ms: int) -> Rejected | None:
    if not (span.source or "").isprintable() or not (span.mark or "").isprintable():
        return Rejected(span.seq, "invalid", "source or mark holds characters that cannot be printed")
    if span.end_ms < span.start_ms:
        return Rejected(span.seq, "invalid", "end_ms lies before start_ms")
    if span.end_ms - span.start_ms > limits.SPAN_MS:
        return Rejected(span.seq, "invalid", "longer than 31 days")
    if span.end_ms > now_ms + DAY_MS:
        return Rejected(span.seq, "in_future", "end_ms lies more than a day in the future")
    return None
