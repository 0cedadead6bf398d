"""Cases of missed plans, and what people say in them. In: decisions people made. Out: facts. Never: who may do so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planwhy_shared.ids import new_key
from planwhy_shared.times import HOUR_MS
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.models import Case, Comment
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.case_events import EventFact, add_event, adjusted_in, events_of, recognised_in
from planwhy_collector.queries.upsert import inserting

CONCLUSIONS = ("circumstances", "plan_adjusted", "help_agreed", "none")
SINGLE = ("client_emergency", "illness", "hard_plan")
"""Conclusions that name the one circumstance they rest on; still taken, though circumstances have rows of their own."""
TEXT_CHARS = 4_000
BY_RULE, BY_PACE = "rule", "pace"
"""The reasons of cases that opened by themselves, after and within their period; typed reasons are sentences."""


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A missed plan under discussion. `opened_by` None: by rule. Days are in the person's zone."""

    id: int
    employee_id: int
    period: Period
    opened_ms: int
    opened_by: int | None
    reason: str
    detail_until_ms: int
    conclusion: str | None
    conclusion_text: str | None
    concluded_by: int | None
    concluded_ms: int | None

    @property
    def concluded(self) -> bool:
        """Whether a person has ended it."""
        return self.conclusion is not None

    def opens_detail(self, now_ms: int) -> bool:
        """Whether it still opens the person's detail for its period."""
        return not self.concluded and now_ms < self.detail_until_ms


@dataclass(frozen=True, slots=True)
class CommentFact:
    """What someone said of a case, or of a stretch of time."""

    id: int
    employee_id: int
    case_id: int | None
    user_id: int
    at_ms: int
    text: str
    from_ms: int | None
    to_ms: int | None


def open_case(
    session: Session, employee_id: int, period: Period, reason: str, opened_by: int | None, now_ms: int, days: int
) -> tuple[CaseFact, bool]:
    """Open a case, or find the one that this person and period has; True where it is new. Safe under concurrency."""
    values = {
        "id": new_key(), "employee_id": employee_id, "first_day": period.first, "last_day": period.last,
        "period": period.text, "opened_ms": now_ms, "opened_by": opened_by, "reason": said(reason, "reason"),
        "detail_until_ms": now_ms + days * 24 * HOUR_MS,
    }  # fmt: skip
    keys = ["employee_id", "first_day", "last_day"]
    session.execute(inserting(session, Case).values(**values).on_conflict_do_nothing(index_elements=keys))
    query = select(Case).where(
        Case.employee_id == employee_id, Case.first_day == period.first, Case.last_day == period.last
    )
    row = session.scalars(query).one()
    new = row.id == values["id"]
    if new:
        what, text = (row.reason, "") if opened_by is None else ("hand", row.reason)
        add_event(session, row.id, "opened", opened_by, now_ms, what, text)
    return _fact(row), new


def case_by_id(session: Session, case_id: int) -> CaseFact:
    """Find a case. Raises NotFound."""
    row = session.get(Case, case_id)
    if row is None:
        raise NotFound("there is no such case")
    return _fact(row)


def cases_of(session: Session, employee_ids: Iterable[int]) -> tuple[CaseFact, ...]:
    """List the cases of these people, the newest period first."""
    query = _newest(select(Case).where(Case.employee_id.in_(sorted(set(employee_ids)))))
    return tuple(_fact(row) for row in session.scalars(query))


def cases_since(session: Session, first: date) -> frozenset[tuple[int, date, date]]:
    """Name the cases whose last day is `first` or later: employee, first day, last day."""
    query = select(Case.employee_id, Case.first_day, Case.last_day).where(Case.last_day >= first)
    return frozenset((row.employee_id, row.first_day, row.last_day) for row in session.execute(query))


def cases_touching(session: Session, employee_id: int, first: date, last: date) -> tuple[CaseFact, ...]:
    """Find the person's cases that share a day with first to last, the newest period first."""
    query = select(Case).where(Case.employee_id == employee_id, Case.first_day <= last, Case.last_day >= first)
    return tuple(_fact(row) for row in session.scalars(_newest(query)))


def conclude(session: Session, case_id: int, conclusion: str, text: str, user_id: int, now_ms: int) -> None:
    """End a case; it closes the detail. Of two at once one wins.

    Raises InvalidInput for an unknown conclusion, for one that nothing in the case stands behind, or where someone
    ended the case before.
    """
    if conclusion not in (*CONCLUSIONS, *SINGLE):
        raise InvalidInput(f"conclusion {conclusion[:40]!r}: expected one of {', '.join(CONCLUSIONS)}")
    text = clean(text)
    if len(text) > TEXT_CHARS:
        raise InvalidInput(f"text: longer than {TEXT_CHARS} characters")
    values = {"conclusion": conclusion, "conclusion_text": text, "concluded_by": user_id, "concluded_ms": now_ms}
    ended = update(Case).where(Case.id == case_id, Case.conclusion.is_(None)).values(**values)
    if session.execute(ended.returning(Case.id)).first() is None:
        raise InvalidInput("this case has a conclusion already")
    _stands_behind(conclusion, events_of(session, case_id))
    add_event(session, case_id, "concluded", user_id, now_ms, conclusion, text)


def _stands_behind(conclusion: str, events: tuple[EventFact, ...]) -> None:
    if conclusion == "circumstances" and not recognised_in(events):
        raise InvalidInput("conclusion 'circumstances': recognise at least one circumstance, with a sentence")
    if conclusion == "plan_adjusted" and not adjusted_in(events):
        raise InvalidInput("conclusion 'plan_adjusted': adjust the plan in this case first")


def add_comment(
    session: Session,
    employee_id: int,
    user_id: int,
    text: str,
    now_ms: int,
    case_id: int | None = None,
    stretch: tuple[int, int] | None = None,
) -> int:
    """Write a comment on a case, on a stretch of time (ms), or on both, and return its key. Raises InvalidInput."""
    if stretch is not None and stretch[1] <= stretch[0]:
        raise InvalidInput("stretch: ends before it begins")
    row = Comment(
        id=new_key(), employee_id=employee_id, case_id=case_id, user_id=user_id, at_ms=now_ms,
        text=said(text, "text"), from_ms=stretch and stretch[0], to_ms=stretch and stretch[1],
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def comments_on(session: Session, case: CaseFact, from_ms: int, to_ms: int) -> tuple[CommentFact, ...]:
    """List comments on a case and on stretches of its time, the oldest first."""
    query = select(Comment).where(
        Comment.employee_id == case.employee_id,
        (Comment.case_id == case.id) | ((Comment.from_ms < to_ms) & (Comment.to_ms > from_ms)),
    )
    return tuple(_comment(row) for row in session.scalars(query.order_by(Comment.at_ms, Comment.id)))


def comments_by(session: Session, employee_id: int, limit: int = 50) -> tuple[CommentFact, ...]:
    """List the newest comments about a person, the newest first."""
    query = select(Comment).where(Comment.employee_id == employee_id).order_by(Comment.at_ms.desc()).limit(limit)
    return tuple(_comment(row) for row in session.scalars(query))


def _newest(query: Select[Case]) -> Select[Case]:
    return query.order_by(Case.last_day.desc(), Case.first_day.desc(), Case.id)


def said(text: str, field: str, least: int = 1) -> str:
    """A typed text, cleaned. Raises InvalidInput that names the field where it says too little or too much."""
    text = clean(text)
    if not text:
        raise InvalidInput(f"{field}: is empty")
    if len(" ".join(text.split())) < least:
        raise InvalidInput(f"{field}: at least {least} characters are needed")
    if len(text) > TEXT_CHARS:
        raise InvalidInput(f"{field}: longer than {TEXT_CHARS} characters")
    return text


def clean(text: str) -> str:
    """A typed text without what no form sends on purpose."""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def _fact(row: Case) -> CaseFact:
    return CaseFact(
        row.id, row.employee_id, Period(row.period, row.first_day, row.last_day), row.opened_ms, row.opened_by,
        row.reason, row.detail_until_ms, row.conclusion, row.conclusion_text, row.concluded_by, row.concluded_ms,
    )  # fmt: skip


def _comment(row: Comment) -> CommentFact:
    return CommentFact(row.id, row.employee_id, row.case_id, row.user_id, row.at_ms, row.text, row.from_ms, row.to_ms)
