"""Stage 3: samples become spans, a partition of time without holes and overlaps.

In: what may be kept, moment by moment. Out: closed stretches of time. Never: a clock of its own, disk, network.

Time inside runs on the clock that is never set (`mono_ms`), moved by one `shift_ms` to the wall clock of the
collector. So a wall clock that is set changes no duration: it cuts a span, which carries the mark `clock_jump`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planwhy_shared.wire import Track

from planwhy_agent.privacy import Kept

JUMP_MS = 2_000
"""A difference between wall clock and monotonic clock that is called a jump."""
SLEPT_MS = 2_000
"""Time asleep between two samples that is called sleep."""
STALL_MS = 60_000
"""Awake time without a sample after which nobody can say what was in front."""
ROLL_MS = 300_000
"""A span is closed after this long even if nothing changes, so that the collector hears of it."""
PIECE_MS = 30 * 86_400_000
"""The longest span; the collector takes no longer ones."""

OFF = Kept("off")
ASLEEP = Kept("asleep")


@dataclass(frozen=True, slots=True)
class Moment:
    """The clocks at one moment: never set and counting sleep, the same without sleep, and the wall clock."""

    mono_ms: int
    awake_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_ms` up to `end_ms` one thing was kept. `mark` names what was unusual.

    `track` and `count` are those of the wire: what this module makes is in front, and counts nothing.
    """

    start_ms: int
    end_ms: int
    kept: Kept
    mark: str | None = None
    track: Track = "focus"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Fold:
    """The fold between two samples: the shift of time, the last moment, and the stretch still open."""

    shift_ms: int
    seen: Moment
    open: Stretch

    @property
    def now_ms(self) -> int:
        """The end of what is accounted for."""
        return self.seen.mono_ms + self.shift_ms


def begin(moment: Moment, kept: Kept, offset_ms: int, last_end_ms: int | None) -> tuple[Fold, tuple[Stretch, ...]]:
    """Start after a pause of the agent. The time since `last_end_ms` becomes `off`; None: nothing came before.

    `offset_ms` is what the collector's clock was ahead of the wall clock when last heard of. The last `off`
    stretch may have length 0: it is there to be moved when the collector's clock is heard (`retimed`).
    """
    at = max(0, moment.wall_ms + offset_ms, last_end_ms or 0)
    fold = Fold(at - moment.mono_ms, moment, Stretch(at, at, kept))
    if last_end_ms is None:
        return fold, ()
    return fold, tuple(_pieces(last_end_ms, at, OFF, None)) or (Stretch(at, at, OFF),)


def advance(fold: Fold, moment: Moment, kept: Kept, idle_ms: int = 0) -> tuple[Fold, tuple[Stretch, ...]]:
    """Take the next sample: what was open lasted until now, `kept` holds from now on.

    Idle begins at the last input and ends with the next one, as far back as the open stretch reaches.
    """
    moment = _never_back(fold.seen, moment)
    fold, closed = _unseen(fold, moment)
    now = moment.mono_ms + fold.shift_ms
    jumped = abs((moment.wall_ms - fold.seen.wall_ms) - (moment.mono_ms - fold.seen.mono_ms)) > JUMP_MS
    fold = replace(fold, seen=moment)
    if kept == fold.open.kept and not jumped and now - fold.open.start_ms < ROLL_MS:
        return fold, closed
    return _turn(fold, _boundary(fold.open, kept, now, idle_ms), kept, closed, jumped)


def finish(fold: Fold, moment: Moment) -> tuple[Stretch, ...]:
    """Close everything, because recording ends now."""
    fold, closed = advance(fold, moment, fold.open.kept)
    return closed + tuple(_pieces(fold.open.start_ms, fold.now_ms, fold.open.kept, fold.open.mark))


def open_until(fold: Fold) -> Stretch:
    """The open stretch as it stands, to be written down in case there is no later."""
    return replace(fold.open, end_ms=max(fold.open.start_ms, fold.now_ms))


def retimed(fold: Fold, by_ms: int) -> Fold:
    """Move the open stretch and the time to come, after the stretches before it have been moved alike."""
    start = fold.open.start_ms + by_ms
    return replace(fold, shift_ms=fold.shift_ms + by_ms, open=replace(fold.open, start_ms=start))


def skipped(fold: Fold, by_ms: int) -> tuple[Fold, tuple[Stretch, ...]]:
    """Move time forward from here on, because the collector's clock is ahead; what is skipped becomes `off`."""
    now = fold.now_ms
    closed = [
        *_pieces(fold.open.start_ms, now, fold.open.kept, "clock_jump"),
        *_pieces(now, now + by_ms, OFF, "clock_jump"),
    ]
    moved = replace(fold, shift_ms=fold.shift_ms + by_ms, open=Stretch(now + by_ms, now + by_ms, fold.open.kept))
    return moved, tuple(closed)


def _never_back(seen: Moment, moment: Moment) -> Moment:
    mono = max(seen.mono_ms, moment.mono_ms)
    awake = min(max(seen.awake_ms, moment.awake_ms), seen.awake_ms + mono - seen.mono_ms)
    return Moment(mono, awake, moment.wall_ms)


def _unseen(fold: Fold, moment: Moment) -> tuple[Fold, tuple[Stretch, ...]]:
    """Account for sleep, and for awake time in which no sample was taken. The awake part comes first."""
    awake = moment.awake_ms - fold.seen.awake_ms
    slept = moment.mono_ms - fold.seen.mono_ms - awake
    if slept < SLEPT_MS and awake < STALL_MS:
        return fold, ()
    now = moment.mono_ms + fold.shift_ms
    fell_asleep = fold.now_ms + awake if slept >= SLEPT_MS else now
    stalled = awake >= STALL_MS
    open_end = fold.now_ms if stalled else fell_asleep
    closed = [
        *_pieces(fold.open.start_ms, open_end, fold.open.kept, fold.open.mark),
        *_pieces(open_end, fell_asleep, OFF, "stalled"),
        *_pieces(fell_asleep, now, ASLEEP, None),
    ]
    return replace(fold, open=Stretch(now, now, fold.open.kept)), tuple(closed)


def _boundary(was: Stretch, kept: Kept, now: int, idle_ms: int) -> int:
    turns = (was.kept.state, kept.state)
    if turns in (("active", "idle"), ("idle", "active")):
        return min(now, max(was.start_ms, now - idle_ms))
    return now


def _turn(
    fold: Fold, at: int, kept: Kept, closed: tuple[Stretch, ...], jumped: bool
) -> tuple[Fold, tuple[Stretch, ...]]:
    mark = "clock_jump" if jumped else None
    ended = tuple(_pieces(fold.open.start_ms, at, fold.open.kept, mark or fold.open.mark))
    carried = None if ended else mark or fold.open.mark
    return replace(fold, open=Stretch(at, at, kept, carried)), closed + ended


def _pieces(start: int, end: int, kept: Kept, mark: str | None) -> Iterator[Stretch]:
    while start < end:
        until = min(end, start + PIECE_MS)
        yield Stretch(start, until, kept, mark)
        start = until
