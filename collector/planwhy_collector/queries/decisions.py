"""What the supervisor decides in a case before and after its conclusion. In: deeds. Out: rows and an event of each.

Each takes the case's row first, so that of two at once one wins and the other is told. Never: who may do so.
"""

from collections.abc import Mapping

from planwhy_shared.times import HOUR_MS
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.models import Case
from planwhy_collector.queries.case_events import CIRCUMSTANCES, add_event, events_of, extended_in, recognised_in
from planwhy_collector.queries.cases import said
from planwhy_collector.queries.grants import REASON_CHARS

DAY_MS = 24 * HOUR_MS


def recognise(session: Session, case_id: int, given: Mapping[str, str], user_id: int, now_ms: int) -> None:
    """Recognise circumstances in an open case: name → a sentence. Raises InvalidInput for all or none of them."""
    hold_open(session, case_id)
    known = recognised_in(events_of(session, case_id))
    if not given:
        raise InvalidInput("circumstances: write a sentence beside at least one")
    for name, sentence in given.items():
        if name not in CIRCUMSTANCES:
            raise InvalidInput(f"circumstance {name[:40]!r}: expected one of {', '.join(CIRCUMSTANCES)}")
        if name in known:
            raise InvalidInput(f"circumstance {name!r}: it is recognised already")
        add_event(session, case_id, "recognised", user_id, now_ms, name, said(sentence, name))


def withdraw(session: Session, case_id: int, name: str, user_id: int, now_ms: int) -> None:
    """Take back a recognised circumstance; it stays in the history. Raises InvalidInput where it is not recognised."""
    hold_open(session, case_id)
    if name not in recognised_in(events_of(session, case_id)):
        raise InvalidInput(f"circumstance {name[:40]!r}: it is not recognised")
    add_event(session, case_id, "withdrawn", user_id, now_ms, name)


def reopen(session: Session, case_id: int, reason: str, user_id: int, now_ms: int, days: int) -> None:
    """Open a concluded case again, and its detail for so many days. Raises InvalidInput where it is open."""
    reason = said(reason, "reason", REASON_CHARS)
    row = _held(session, case_id)
    if row.conclusion is None:
        raise InvalidInput("this case is open")
    row.conclusion = row.conclusion_text = row.concluded_by = row.concluded_ms = None
    row.detail_until_ms = now_ms + days * DAY_MS
    add_event(session, case_id, "reopened", user_id, now_ms, text=reason)


def extend(session: Session, case_id: int, reason: str, user_id: int, now_ms: int, days: int) -> None:
    """Keep the detail of an open case open for so many days more, once for each opening. Raises InvalidInput."""
    reason = said(reason, "reason", REASON_CHARS)
    row = hold_open(session, case_id)
    if extended_in(events_of(session, case_id)):
        raise InvalidInput("the detail of this case was extended already")
    row.detail_until_ms = max(row.detail_until_ms, now_ms) + days * DAY_MS
    add_event(session, case_id, "extended", user_id, now_ms, text=reason)


def hold_open(session: Session, case_id: int) -> Case:
    """Keep an open case from everyone else until the end of the transaction. Raises InvalidInput once concluded."""
    row = _held(session, case_id)
    if row.conclusion is not None:
        raise InvalidInput("this case has a conclusion already")
    return row


def _held(session: Session, case_id: int) -> Case:
    query = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound("there is no such case")
    return row
