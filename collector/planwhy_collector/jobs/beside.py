"""What a timeline tells beside what was in front: programs and sites that were open, and what told of a call.

In: the spans of a person that an opening of the gate has let see. Out: entries in order of start. Never: a share in
any total; the name of a program or site of a personal category to anybody but the person.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, structs
from planwhy_shared.times import Interval, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.facts import Context, Person, SpanFact
from planwhy_collector.jobs.judging import find_verdicts, rules_in_force
from planwhy_collector.queries.activity import contexts_by_id, spans_of, spans_told_by

PERSONAL = "personal"
CALL_SIGNALS = ("microphone", "call_window")
"""Sources by which an agent knew that a person without any input was in a call."""
_NOTHING = Context()


class OpenEntry(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A program, or a site in it, that was open; `count` is the most windows or tabs at once."""

    start: str
    end: str
    app: str | None
    host: str | None
    category: str | None
    count: int


class CallEntry(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A time without any input in which the person counts as present, and the signal that told of a call."""

    start: str
    end: str
    signal: str


def open_beside(session: Session, person: Person, bounds: Interval, hidden: frozenset[str]) -> tuple[OpenEntry, ...]:
    """Find what was open within the bounds; `hidden` are categories of which only the group is told."""
    spans = spans_of(session, person.id, bounds, "open")
    ids = {span.context_id for span in spans} - {0}
    rules = rules_in_force(session)
    verdicts = find_verdicts(session, ids, {}, rules, rules.profile_of(person.position)).by_context
    categories = {key: verdict.category for key, verdict in verdicts.items()}
    return tuple(_open_entries(person, spans, contexts_by_id(session, ids), categories, hidden, bounds))


def calls_told(session: Session, person: Person, bounds: Interval) -> tuple[CallEntry, ...]:
    """Find when the person was present by a signal of a call alone; spans that follow each other are one entry."""
    joined: list[SpanFact] = []
    for span in spans_told_by(session, person.id, bounds, CALL_SIGNALS):
        before = joined.pop() if joined and _goes_on(joined[-1], span) else None
        joined.append(structs.replace(before, end_ms=span.end_ms) if before else span)
    ordered = sorted(joined, key=lambda span: (span.start_ms, span.device_id))
    return tuple(CallEntry(*_times(person, span, bounds), span.source or "") for span in ordered)


def _open_entries(
    person: Person,
    spans: Iterable[SpanFact],
    contexts: Mapping[int, Context],
    categories: Mapping[int, str | None],
    hidden: frozenset[str],
    bounds: Interval,
) -> Iterable[OpenEntry]:
    for span in spans:
        category = categories.get(span.context_id)
        personal = category in hidden
        shown = _NOTHING if personal else contexts.get(span.context_id, _NOTHING)
        told = PERSONAL if personal else category
        yield OpenEntry(*_times(person, span, bounds), shown.app, shown.host, told, span.count)


def _goes_on(one: SpanFact, other: SpanFact) -> bool:
    return (one.device_id, one.source, one.end_ms) == (other.device_id, other.source, other.start_ms)


def _times(person: Person, span: SpanFact, bounds: Interval) -> tuple[str, str]:
    within = bounds.cut(Interval(span.start_ms, span.end_ms))
    return rfc3339(within.start_ms, person.zone), rfc3339(within.end_ms, person.zone)
