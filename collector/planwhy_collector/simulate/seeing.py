"""What an agent and the rules could see of a simulated month. Pure.

In: a month as it really was, how much to hide. Out: a View: the same time, each piece with its state and screen as
recorded. Never: a change to what really happened; the more is hidden, the same life is seen less well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from planwhy_shared.times import Interval
from planwhy_shared.wire import State

from planwhy_collector.simulate.day import MINUTE, Stretch
from planwhy_collector.simulate.frame import Workday
from planwhy_collector.simulate.month import Month
from planwhy_collector.simulate.screens import AWAY, BLANK, CRM, Kind, Screen, unknown

IDLE_AFTER_MS = 3 * MINUTE
"""Without a key or mouse event for longer, an agent says idle: most talks on the telephone look like that."""
LOCKED_AFTER_MS = 15 * MINUTE
"""A talk of this length is a meeting elsewhere, and the screen is locked."""
_UNKNOWN = 0.02
"""Share of the windows that rules never know, however little is hidden."""
_HOLES = 0.1
_TALKS = ("sales_call", "service_call")
_PROGRAMS = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of time: its real kind and screen, and what was recorded. `state` None: no word from the agent.

    `strange`: recorded in a window that no rule knows.
    """

    start_ms: int
    end_ms: int
    kind: Kind
    screen: Screen
    state: State | None
    shown: Screen
    strange: bool

    @property
    def recorded(self) -> bool:
        """Whether anything is known of it: an agent's word, or a talk in the CRM."""
        return self.state is not None or self.kind in _TALKS


@dataclass(frozen=True, slots=True)
class View:
    """What was seen of each day at work, `silent` ones not at all. `hidden` is the share that was asked for."""

    days: tuple[tuple[Seen, ...], ...]
    silent: frozenset[int]
    hidden: float


def view_of(month: Month, seed: int, hidden: float) -> View:
    """Look at a month with a share of its days without a word and a share of its windows unknown to the rules."""
    frame = month.frame
    rng = Random(f"{seed}/view/{frame.member.number}/{frame.period.first}")  # noqa: S311  a simulation, not a secret
    order = list(range(len(frame.days)))
    rng.shuffle(order)
    silent = frozenset(order[: round(min(1.0, frame.cause.silent_days + hidden) * len(order))])
    glass = _Glass(rng, hidden)
    days = tuple(
        tuple(_seen_day(glass, day, month.days[n], _hole(rng, day), n in silent)) for n, day in enumerate(frame.days)
    )
    return View(days, silent, hidden)


class _Glass:
    """Decides once per window whether the rules know it.

    Talks and cards of tasks are always known; other windows of the CRM only become strange as far as is asked for.
    """

    def __init__(self, rng: Random, hidden: float) -> None:
        self._rng, self._hidden = rng, hidden
        self._known: dict[Screen, Screen] = {}

    def through(self, one: Stretch, day: Workday) -> Screen:
        shown = one.screen
        if one.kind in AWAY or one.kind in _TALKS or _always_known(shown):
            return shown
        if day.mood != "plain":
            return unknown(0) if day.mood == "vague" and one.kind == "general" else shown
        if shown not in self._known:
            self._known[shown] = self._fate(shown)
        return self._known[shown]

    def _fate(self, shown: Screen) -> Screen:
        number, fate = self._rng.randrange(1, _PROGRAMS), self._rng.random()
        share = self._hidden + (0.0 if (shown.url or "").startswith(CRM) else _UNKNOWN)
        return unknown(number) if fate < share else shown


def _always_known(shown: Screen) -> bool:
    url = shown.url or ""
    return url.startswith(CRM) and ("/tasks/" in url or "/kanban/" in url)


def _hole(rng: Random, day: Workday) -> Interval:
    """On every tenth plain day in the office the agent misses some of an hour."""
    start = rng.randint(day.working[0].start_ms, day.working[0].end_ms)
    missed = rng.randint(10, 50) * MINUTE
    happens = rng.random() < _HOLES and day.mood == "plain" and not day.rhythm.home
    return Interval(start, start + missed if happens else start)


def _seen_day(
    glass: _Glass, day: Workday, stretches: tuple[Stretch, ...], hole: Interval, silent: bool
) -> Iterator[Seen]:
    for one in stretches:
        state, shown = _recorded(one, glass.through(one, day))
        strange = state == "active" and shown != one.screen
        for start, end, told in _cut(one, Interval(one.start_ms, one.end_ms) if silent else hole):
            yield Seen(start, end, one.kind, one.screen, state if told else None, shown, strange and told)


def _cut(one: Stretch, missed: Interval) -> Iterator[tuple[int, int, bool]]:
    """The parts of a stretch, and whether each was recorded."""
    start, end = max(one.start_ms, missed.start_ms), min(one.end_ms, missed.end_ms)
    if start >= end:
        yield one.start_ms, one.end_ms, True
        return
    parts = (one.start_ms, start, True), (start, end, False), (end, one.end_ms, True)
    yield from (part for part in parts if part[0] < part[1])


def _recorded(one: Stretch, shown: Screen) -> tuple[State, Screen]:
    """What the agent says: talks away from the keyboard look idle, meetings locked."""
    if one.kind in AWAY:
        return one.kind, BLANK  # type: ignore[return-value]  # the kinds of AWAY are states too
    if one.kind in _TALKS and not one.screen.app and one.ms > IDLE_AFTER_MS:
        return "locked" if one.ms > LOCKED_AFTER_MS else "idle", BLANK
    return "active", shown
