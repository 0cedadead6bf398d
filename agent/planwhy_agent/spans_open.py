"""Stage 3 beside the focus: what was open becomes spans of the track `open`, one for each program and each site.

In: what is open, look by look, about once a minute. Out: closed stretches, from the first look that saw a thing to
the last one that still did. Never: a clock of its own, disk, network; time claimed that no look bounds on both sides;
more rows than ROW_MS grants.

Sleep, a clock that was set and a missed look end everything at the last look: what was open meanwhile nobody saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from planwhy_agent.privacy import Kept, Opened
from planwhy_agent.spans import JUMP_MS, SLEPT_MS, Moment, Stretch

LOOK_MS = 60_000
"""How often is looked at most."""
STALL_MS = 180_000
"""Awake time without a look after which nobody can say what was open."""
ROLL_MS = 4 * 3_600_000
"""A span is closed after this long even if nothing changes, so that the collector hears of it."""
ROW_MS = 120_000
"""Time that grants one more row: 30 an hour."""
ROWS_SAVED = 128
"""Rows that may be made at once: of a nine-hour day that is 398 at most, whatever happens in it."""
FULL = "open_limit"
"""The mark of spans beside which others were left out, because there were too many."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A thing that is open: since when, and the most windows or tabs at once."""

    start_ms: int
    opened: Opened


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """The fold between two looks. `at_ms` is the time of the last one, `credit_ms` what is saved for rows.

    `waiting` are things that are open but have no row; `left_out` counts how often a thing came to wait.
    """

    seen: Moment | None = None
    at_ms: int = 0
    now: dict[Kept, Standing] = field(default_factory=dict)
    credit_ms: int = ROWS_SAVED * ROW_MS
    waiting: frozenset[Kept] = frozenset()
    left_out: int = 0


def due(track: OpenTrack, moment: Moment) -> bool:
    """Whether the next look may come."""
    return track.seen is None or moment.mono_ms - track.seen.mono_ms >= LOOK_MS


def look(
    track: OpenTrack, moment: Moment, at_ms: int, opened: Sequence[Opened]
) -> tuple[OpenTrack, tuple[Stretch, ...]]:
    """Take what is open at a moment, each thing once; `at_ms` is the same moment on the collector's clock."""
    track, cut = _cut(track, track.seen, moment, at_ms) if track.seen else (track, ())
    at_ms = max(track.at_ms, at_ms)
    counts = {one.kept: one.count for one in opened}
    gone = [kept for kept, was in track.now.items() if kept not in counts or at_ms - was.start_ms >= ROLL_MS]
    ends = {kept: at_ms if kept in counts else track.at_ms for kept in gone}
    track, closed = _close(track, ends)
    stays = {kept: _most(was, counts[kept]) for kept, was in track.now.items()}
    track = replace(track, seen=moment, at_ms=at_ms, now=stays)
    return _admit(track, opened), cut + closed


def end(track: OpenTrack, mark: str | None = None) -> tuple[OpenTrack, tuple[Stretch, ...]]:
    """End everything at the last look, because nothing may be recorded now, or nobody can say."""
    return _close(track, dict.fromkeys(track.now, track.at_ms), mark)


def standing(track: OpenTrack) -> tuple[Stretch, ...]:
    """What is open as it stands, up to the last look, to be written down in case there is no later."""
    return end(track)[1]


def moved(track: OpenTrack, by_ms: int) -> OpenTrack:
    """Move what is open, because the collector's clock was heard and the stretches before were moved alike."""
    now = {kept: replace(was, start_ms=was.start_ms + by_ms) for kept, was in track.now.items()}
    return replace(track, at_ms=track.at_ms + by_ms, now=now)


def restarted(track: OpenTrack) -> OpenTrack:
    """Forget when the last look was, because the time before and the time after do not fit together."""
    return replace(track, seen=None, at_ms=0)


def _cut(track: OpenTrack, seen: Moment, moment: Moment, at_ms: int) -> tuple[OpenTrack, tuple[Stretch, ...]]:
    """Add to the credit, and end everything where time between the two looks cannot be vouched for."""
    passed = moment.mono_ms - seen.mono_ms
    awake = moment.awake_ms - seen.awake_ms
    credit = min(ROWS_SAVED * ROW_MS, track.credit_ms + max(0, passed))
    track = replace(track, credit_ms=credit)
    jumped = abs((moment.wall_ms - seen.wall_ms) - passed) > JUMP_MS
    if jumped or passed - awake >= SLEPT_MS or awake >= STALL_MS or at_ms < track.at_ms:
        return end(track, "clock_jump" if jumped else None)
    return track, ()


def _close(track: OpenTrack, ends: dict[Kept, int], mark: str | None = None) -> tuple[OpenTrack, tuple[Stretch, ...]]:
    """Close things; what only one look saw makes no row, and the credit for it comes back."""
    mark = mark or _mark(track)
    every = [_stretch(track.now[kept], until, mark) for kept, until in ends.items()]
    closed = tuple(one for one in every if one.start_ms < one.end_ms)
    credit = track.credit_ms + (len(every) - len(closed)) * ROW_MS
    now = {kept: was for kept, was in track.now.items() if kept not in ends}
    return replace(track, now=now, credit_ms=credit), closed


def _admit(track: OpenTrack, opened: Sequence[Opened]) -> OpenTrack:
    """Let new things in, in the order given, as far as the credit goes; the others are counted."""
    fresh = [one for one in opened if one.kept not in track.now]
    taken = fresh[: track.credit_ms // ROW_MS]
    waiting = frozenset(one.kept for one in fresh[len(taken) :])
    return replace(
        track,
        now=track.now | {one.kept: Standing(track.at_ms, one) for one in taken},
        credit_ms=track.credit_ms - len(taken) * ROW_MS,
        waiting=waiting,
        left_out=track.left_out + len(waiting - track.waiting),
    )


def _most(was: Standing, count: int) -> Standing:
    return was if count <= was.opened.count else replace(was, opened=replace(was.opened, count=count))


def _mark(track: OpenTrack) -> str | None:
    return FULL if track.waiting else None


def _stretch(was: Standing, until_ms: int, mark: str | None) -> Stretch:
    return Stretch(was.start_ms, max(was.start_ms, until_ms), was.opened.kept, mark, "open", was.opened.count)
