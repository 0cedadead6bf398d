"""A person's timeline: what was recorded, judged, through the gate. Query → pure. The look is written first.

Contexts of sensitive categories are shown to others only as one group "personal", without host or title.
"""

from collections.abc import Iterable, Mapping
from functools import cache, partial

from msgspec import Struct
from planwhy_shared.times import Interval, rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.classify.subject import subject_of
from planwhy_collector.explain.result import ObjectionOut
from planwhy_collector.facts import CALL_APP, Context, Person
from planwhy_collector.gate import Opening, may_see_detail, record_look
from planwhy_collector.jobs.beside import PERSONAL, CallEntry, OpenEntry, calls_told, open_beside
from planwhy_collector.jobs.judging import judged_between, personal_categories
from planwhy_collector.jobs.objecting import told
from planwhy_collector.queries.activity import contexts_by_id, gaps_of
from planwhy_collector.queries.objections import open_at
from planwhy_collector.queries.users import UserFact
from planwhy_collector.rollup.contested import JUDGED, contested
from planwhy_collector.rollup.piece import Judged

_NOTHING = Context()


class Entry(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A stretch of time: what the presence was, what was in front, and what the rules say of it."""

    start: str
    end: str
    presence: str
    working: bool
    label: str | None
    category: str | None
    area: str | None
    app: str | None
    host: str | None
    path: str | None
    title: str | None


class GapEntry(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Spans that a device declared lost."""

    start: str
    end: str
    count: int
    reason: str


class Timeline(Struct, frozen=True):
    """A person's time from one instant to another, and what is known to be lost of it.

    `open` is what was open beside the focus, `calls` what told of a call; neither adds to any time. `objections` are
    the person's open ones to what lies within.
    """

    employee_id: str
    entries: tuple[Entry, ...]
    gaps: tuple[GapEntry, ...]
    open: tuple[OpenEntry, ...] = ()
    calls: tuple[CallEntry, ...] = ()
    objections: tuple[ObjectionOut, ...] = ()


def timeline(
    session: Session, user: UserFact, person: Person, bounds: Interval, now_ms: int, what: str = "timeline"
) -> Timeline:
    """Open a person's timeline and write the look down, in the caller's transaction.

    Raises NotFound and PurposeRequired like the gate.
    """
    opening = may_see_detail(session, user, person, bounds, now_ms)
    record_look(session, user, person, what, opening, bounds, now_ms)
    return timeline_of(session, person, bounds, now_ms, opening)


def timeline_of(session: Session, person: Person, bounds: Interval, now_ms: int, opening: Opening) -> Timeline:
    """The timeline behind an opening that the gate gave."""
    pieces = judged_between(session, person, bounds, now_ms)
    contexts = contexts_by_id(session, {piece.context_id for piece in pieces})
    hidden = frozenset[str]() if opening.via == "self" else personal_categories(session)
    gaps = gaps_of(session, person.id, bounds)
    return Timeline(
        person.key,
        tuple(_entries(person, pieces, contexts, hidden)),
        tuple(
            GapEntry(rfc3339(g.from_ms, person.zone), rfc3339(g.to_ms, person.zone), g.count, g.reason) for g in gaps
        ),
        open_beside(session, person, bounds, hidden),
        calls_told(session, person, bounds),
        _objections(session, person, pieces, contexts, now_ms),
    )


def _objections(
    session: Session, person: Person, pieces: Iterable[Judged], contexts: Mapping[int, Context], now_ms: int
) -> tuple[ObjectionOut, ...]:
    """The person's open objections to what lies within; who may open detail is who answers them."""
    found = open_at(session, [person.id], now_ms)
    if not found:
        return ()
    subjects = {key: subject_of(context) for key, context in contexts.items()}
    times = ((subjects.get(p.context_id), p.label, p.ms) for p in pieces if p.working and p.presence in JUDGED)
    return told(person, found, contested(times, {one.said.subject for one in found}))


def _entries(
    person: Person, pieces: Iterable[Judged], contexts: Mapping[int, Context], hidden: frozenset[str]
) -> Iterable[Entry]:
    told = cache(partial(rfc3339, zone=person.zone))  # a piece begins where the one before it ended
    for piece in pieces:
        what = contexts.get(piece.context_id, _NOTHING)
        personal = piece.category in hidden
        shown = _NOTHING if personal or what.app == CALL_APP else what
        yield Entry(
            told(piece.start_ms),
            told(piece.end_ms),
            piece.presence,
            piece.working,
            piece.label,
            PERSONAL if personal else piece.category,
            piece.area,
            shown.app,
            shown.host,
            shown.path,
            shown.title,
        )
