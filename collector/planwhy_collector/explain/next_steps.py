"""Next steps that are missing: clients, deals and tasks whose next contact, deadline or owner could get lost.

In: what stood open at an instant, the people's calendars. Out: findings in the order of urgency. Never: a score or a
ranking of people. What counts as a step is an open task. Recurring deals are payments for service: the step of the
client they belong to covers them, and they need one of their own only where no client in care does.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from planwhy_shared.times import HOUR_MS, Interval, day_bounds, day_of

from planwhy_collector.explain.board import NOBODYS, Board, Standing, standing
from planwhy_collector.explain.lateness import GRACE_MS
from planwhy_collector.explain.task_history import is_move
from planwhy_collector.explain.task_life import Step
from planwhy_collector.explain.worktime import WorkTime
from planwhy_collector.facts import SALES_KINDS, ClientFact, DealFact, EntityRef, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar

Kind = Literal[
    "step_in_past", "client_without_step", "deal_without_step", "client_without_owner", "deal_without_owner",
    "task_without_owner", "deadline_moved_often", "task_without_deadline",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds in the order of urgency: what has run out, what has no step, what nobody owns, what drifts."""
OFTEN = 3
"""A deadline moved later so many times drifts; a setting may say otherwise."""


Owned = ClientFact | DealFact | TaskFact
"""What somebody should own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something whose next step is missing. Instants are ms, `overdue_hours` working hours.

    `owner` None: nobody's, or of `former`, who has left; then `near` names the owners of the deal or client it hangs
    on. `since_ms` None: for as long as is known. `moves` and `first_deadline_ms`: of a deadline moved often.
    """

    kind: Kind
    entity: EntityRef
    title: str
    owner: int | None
    since_ms: int | None
    near: tuple[int, ...] = ()
    former: int | None = None
    last_contact_ms: int | None = None
    overdue_hours: float | None = None
    moves: int | None = None
    first_deadline_ms: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding on another day."""
        return self.kind, self.entity.type, self.entity.id

    @property
    def urgency(self) -> tuple[int, int, str, str]:
        """Its place in a list: by kind, then what has lasted longest."""
        return KINDS.index(self.kind), self.since_ms or 0, self.entity.type, self.entity.id


def findings(
    board: Board, calendars: Mapping[int, WorkCalendar], at_ms: int, often: int = OFTEN
) -> tuple[Finding, ...]:
    """Find what lacked a next step at an instant, in the order of urgency; one of each kind for each entity.

    `calendars` holds everyone who may own something, by database key; owners beyond them count as nobody.
    """
    desk = _Desk(board, calendars, at_ms)
    found = [*desk.without_step(), *desk.step_in_past(), *desk.without_owner(), *desk.tasks(often)]
    return tuple(sorted(found, key=lambda one: one.urgency))


def concerning(found: Iterable[Finding], own: Collection[int], led: Collection[int]) -> tuple[Finding, ...]:
    """Keep what concerns the leader of `own`: theirs, and what is nobody's.

    Nobody's things go to those who lead the owner of the deal or client they hang on; where nobody leads such an owner
    (`led`: everyone who is led), to everyone who leads.
    """
    return tuple(one for one in found if (_is_near(one, own, led) if one.owner is None else one.owner in own))


def _is_near(one: Finding, own: Collection[int], led: Collection[int]) -> bool:
    near = [person for person in one.near if person in led]
    return not near or any(person in own for person in near)


class _Desk:
    """What stood open at one instant, laid out by entity."""

    def __init__(self, board: Board, calendars: Mapping[int, WorkCalendar], at_ms: int) -> None:
        self.board, self.calendars, self.at_ms = board, calendars, at_ms
        self.open: Standing = standing(board, calendars, at_ms)
        self.known_deals = {deal.id: deal for deal in board.deals}
        self.known_clients = {client.id: client for client in board.clients}
        self.deals_of = _grouped(self.open.deals.values())
        self.steps = _steps(self.open)

    def without_step(self) -> Iterator[Finding]:
        """Clients in care and open deals without any open task."""
        for ref, one in self._owed():
            if not self.steps.get(ref):
                began = self._began(one)
                ended = [at for at in (began, *self._known(self.board.ended, ref)) if at is not None]
                kind: Kind = "client_without_step" if ref.type == "client" else "deal_without_step"
                yield self._finding(kind, ref, one, max(ended, default=None))

    def step_in_past(self) -> Iterator[Finding]:
        """Clients and deals whose open tasks have all run out by more than the grace."""
        stale: defaultdict[int | None, list[tuple[EntityRef, ClientFact | DealFact, int]]] = defaultdict(list)
        for ref, one in self._owed():
            ends = [_runs_out(task) for task in self.steps.get(ref, ())]
            past = [end for end in ends if end is not None and end < self.at_ms]
            if past and len(past) == len(ends):
                stale[self._owner(one.employee_id)].append((ref, one, max(past)))
        for owner, listed in stale.items():
            working = self._working(owner, min(end for *_, end in listed))
            for ref, one, end in listed:
                if (late_ms := working.ms(end, self.at_ms)) > GRACE_MS:
                    yield replace(self._finding("step_in_past", ref, one, end), overdue_hours=late_ms / HOUR_MS)

    def without_owner(self) -> Iterator[Finding]:
        """What belongs to nobody, or to someone who has left."""
        for client in self.open.clients.values():
            yield from self._ownerless("client_without_owner", EntityRef("client", client.id), client)
        for deal in self.open.deals.values():
            yield from self._ownerless("deal_without_owner", EntityRef("deal", deal.id), deal)
        for task in self.open.tasks.values():
            yield from self._ownerless("task_without_owner", EntityRef("task", task.id), task)

    def tasks(self, often: int) -> Iterator[Finding]:
        """Tasks without a deadline, and those whose deadline was moved later often."""
        for task in self.open.tasks.values():
            ref, deadline = EntityRef("task", task.id), self.open.lives[task.id].deadline
            if task.deadline_ms is None:
                since = max(task.created_ms, deadline.since(self.at_ms) or 0)
                yield self._finding("task_without_deadline", ref, task, since)
            moves = [step for step in deadline.steps if step.at_ms <= self.at_ms and is_move(task, step)]
            later = [move.at_ms for move in moves if _is_later(move)]
            if len(later) >= often:
                found = self._finding("deadline_moved_often", ref, task, later[often - 1])
                yield replace(found, moves=len(later), first_deadline_ms=_first(moves))

    def _owed(self) -> Iterator[tuple[EntityRef, ClientFact | DealFact]]:
        """What needs a next step: each client in care, and each open deal that no such client covers."""
        for client in self.open.clients.values():
            yield EntityRef("client", client.id), client
        for deal in self.open.deals.values():
            if deal.kind in SALES_KINDS or deal.client_id not in self.open.clients:
                yield EntityRef("deal", deal.id), deal

    def _ownerless(self, kind: Kind, ref: EntityRef, one: Owned) -> Iterator[Finding]:
        if self._owner(one.employee_id) is None:
            yield self._finding(kind, ref, one, self._ownerless_since(ref, one))

    def _ownerless_since(self, ref: EntityRef, one: Owned) -> int | None:
        handed = self.open.lives[ref.id].owner.since(self.at_ms) if ref.type == "task" else None
        ends = [self._began(one), handed]
        former = self.calendars.get(one.employee_id or 0)
        if former and former.person.left_on:
            ends.append(day_bounds(former.person.left_on, former.person.zone).end_ms)
        return max((at for at in ends if at is not None), default=None)

    def _finding(self, kind: Kind, ref: EntityRef, one: Owned, since_ms: int | None) -> Finding:
        owner = self._owner(one.employee_id)
        return Finding(
            kind, ref, one.name if isinstance(one, ClientFact) else one.title, owner, since_ms,
            near=() if owner is not None else self._near(one),
            former=one.employee_id if owner is None and one.employee_id in self.calendars else None,
            last_contact_ms=self._last_contact(ref),
        )  # fmt: skip

    def _owner(self, employee_id: int | None) -> int | None:
        """The owner, unless there is none or the owner has left by this day."""
        calendar = self.calendars.get(employee_id or 0)
        if calendar is None:
            return None
        left, today = calendar.person.left_on, day_of(self.at_ms, calendar.person.zone)
        return employee_id if left is None or left >= today else None

    def _near(self, one: Owned) -> tuple[int, ...]:
        """Owners of the deal and of the client that something hangs on; of a client's open deals for a client."""
        owners = {self._owner(other.employee_id) for other in self._related(one)}
        return tuple(sorted(owner for owner in owners if owner is not None))

    def _related(self, one: Owned) -> list[ClientFact | DealFact]:
        if isinstance(one, ClientFact):
            return [*self.deals_of.get(one.id, ())]
        if isinstance(one, DealFact):
            client = self.known_clients.get(one.client_id or "")
            return [client] if client else []
        if one.entity_type == "deal" and (deal := self.known_deals.get(one.entity_id)):
            return [deal, *self._related(deal)]
        client = self.known_clients.get(one.entity_id) if one.entity_type == "client" else None
        return [client] if client else []

    def _began(self, one: Owned) -> int | None:
        if not isinstance(one, ClientFact):
            return one.created_ms
        zone = self.calendars.get(one.employee_id or 0, NOBODYS).person.zone
        return day_bounds(one.since, zone).start_ms if one.since else None

    def _known(self, instants: Mapping[EntityRef, int], ref: EntityRef) -> list[int]:
        """The instants of an entity, for a client those of its open deals too."""
        return [instants[one] for one in self._with_deals(ref) if one in instants]

    def _last_contact(self, ref: EntityRef) -> int | None:
        return max(self._known(self.board.contacts, ref), default=None)

    def _with_deals(self, ref: EntityRef) -> list[EntityRef]:
        deals = self.deals_of.get(ref.id, ()) if ref.type == "client" else ()
        return [ref, *(EntityRef("deal", deal.id) for deal in deals)]

    def _working(self, owner: int | None, since_ms: int) -> WorkTime:
        return WorkTime(self.calendars.get(owner or 0, NOBODYS).within(Interval(since_ms, self.at_ms)))


def _grouped(deals: Iterable[DealFact]) -> dict[str, list[DealFact]]:
    found: defaultdict[str, list[DealFact]] = defaultdict(list)
    for deal in deals:
        if deal.client_id:
            found[deal.client_id].append(deal)
    return found


def _steps(there: Standing) -> dict[EntityRef, list[TaskFact]]:
    """Open tasks by the deal or client they are a step of; one on an open deal is also its client's."""
    found: defaultdict[EntityRef, list[TaskFact]] = defaultdict(list)
    for task in there.tasks.values():
        if task.entity_type == "deal" and (deal := there.deals.get(task.entity_id)):
            found[EntityRef("deal", deal.id)].append(task)
            if deal.client_id:
                found[EntityRef("client", deal.client_id)].append(task)
        elif task.entity_type == "client":
            found[EntityRef("client", task.entity_id)].append(task)
    return found


def _runs_out(task: TaskFact) -> int | None:
    """When a task runs out: at its deadline, or at its creation where that came later."""
    return None if task.deadline_ms is None else max(task.deadline_ms, task.created_ms)


def _is_later(move: Step[int | None]) -> bool:
    return move.old is not None and (move.new is None or move.new > move.old)


def _first(moves: Sequence[Step[int | None]]) -> int | None:
    return next((move.old for move in moves if move.old is not None), None)
