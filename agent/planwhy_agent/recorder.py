"""Stages 3 and 4 together: what may be kept becomes spans, spans reach the disk every few seconds.

In: what may be kept, moment by moment; the collector's clock. Out: rows in the spool. Never: more than a few seconds
of memory that kill -9 could take; while the disk is full, a bounded number of spans in memory, the rest declared lost.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from planwhy_agent import spans, spans_open
from planwhy_agent.errors import SpoolFull
from planwhy_agent.privacy import Kept, Opened
from planwhy_agent.spans import Fold, Moment, Stretch
from planwhy_agent.spans_open import OpenTrack
from planwhy_agent.spool import Before, Loss, Spool

CHECKPOINT_MS = 5_000
PENDING = 5_000
"""Closed spans held in memory while the disk is full."""
TOLERANCE_MS = 2_500
"""A difference to the collector's clock that is left alone: its Date header shows whole seconds."""
AHEAD_MS = 3_600_000
"""Being ahead of the collector by up to this much is lived with until the next start."""

log = logging.getLogger("planwhy.record")


class Recorder:
    """One spool, one fold. `offset_ms` is what the collector's clock was ahead of the wall clock when last heard."""

    def __init__(self, spool: Spool, offset_ms: int) -> None:
        self.spool = spool
        self.offset_ms = offset_ms
        self.disk_full = False
        self.fold: Fold | None = None
        self.track = OpenTrack()
        self._track_written = True
        self._left_out = 0
        self._first_seq: int | None = None
        self._before = Before()
        self._pending: list[Stretch] = []
        self._lost: Loss | None = None
        self._written_ms = 0

    def take(self, moment: Moment, kept: Kept | None, idle_ms: int) -> None:
        """Take a sample in; None means that nothing may be recorded, and recording stops until something may."""
        if kept is None:
            self.stop(moment)
            return
        if self.fold is None:
            with self._fullness():
                self._begin(moment, kept)
            return
        self.fold, closed = spans.advance(self.fold, moment, kept, idle_ms)
        self._hold(closed)
        if moment.mono_ms - self._written_ms >= CHECKPOINT_MS or (len(self._pending) >= 100 and not self.disk_full):
            self.write(moment)

    def may_look_around(self) -> bool:
        """Whether what is open beside the focus is to be looked at again."""
        return self.fold is not None and spans_open.due(self.track, self.fold.seen)

    def look_around(self, opened: Sequence[Opened] | None) -> None:
        """Take in what is open beside the focus at the moment of the last sample; None: that may not be recorded."""
        if self.fold is None:
            return
        if opened is None:
            self._follow(*spans_open.end(self.track))
        else:
            self._follow(*spans_open.look(self.track, self.fold.seen, self.fold.now_ms, opened))

    def due_ms(self, mono_ms: int) -> int:
        """How long until the open span has to be written down again."""
        return max(0, self._written_ms + CHECKPOINT_MS - mono_ms) if self.fold else CHECKPOINT_MS

    def stop(self, moment: Moment) -> None:
        """Close the last span and write everything down."""
        if self.fold is None:
            return
        self._hold(spans.finish(self.fold, moment))
        self._follow(*spans_open.end(self.track))
        self.fold = None
        self.write(moment)

    def write(self, moment: Moment) -> bool:
        """Bring what is in memory to the disk, the open stretch included; whether that worked."""
        self._written_ms = moment.mono_ms
        unfinished = spans.open_until(self.fold) if self.fold else None
        losses = [self._lost] if self._lost else []
        standing = None if self._track_written else spans_open.standing(self.track)
        for _ in range(2):
            try:
                self.spool.write(self._pending, unfinished, losses, standing)
                self._tally()
            except SpoolFull:
                if not self.spool.release():
                    break
            else:
                self._written()
                return True
        if not self.disk_full:
            log.error("the disk is full: %d spans wait in memory", len(self._pending))
        self.disk_full = True
        return False

    def correct(self, server_ms: int, mono_ms: int) -> None:
        """Take the collector's clock over: spans not yet in a batch move, else time skips forward as `off`."""
        if self.fold is None:
            return
        drift = server_ms - (mono_ms + self.fold.shift_ms)
        if abs(drift) < TOLERANCE_MS or not self.write(self.fold.seen):
            return
        with self._fullness():
            self._move(self.fold, drift)

    def _move(self, fold: Fold, drift: int) -> None:
        moved = self.spool.retime(self._first_seq, drift, self._before) if self._first_seq is not None else 0
        self.fold = spans.retimed(fold, moved)
        self.track = spans_open.moved(self.track, moved)
        rest = drift - moved
        log.info("clock corrected: %d ms moved, %d ms left", moved, rest)
        if rest >= TOLERANCE_MS:
            self.fold, closed = spans.skipped(self.fold, rest)
            self._hold(closed)
            self._follow(*spans_open.end(self.track, "clock_jump"))
        elif rest <= -AHEAD_MS:
            self._restart(rest)

    def _begin(self, moment: Moment, kept: Kept) -> None:
        waits = [one.end_ms for one in self._pending if one.track == "focus"]
        written_ms = self.spool.end_ms if self._pending else self.spool.settle_open()
        last_end_ms = waits[-1] if waits else written_ms
        since_ms: int | None = None
        if last_end_ms is not None and last_end_ms - (moment.wall_ms + self.offset_ms) > AHEAD_MS:
            self.spool.begin_epoch()
            last_end_ms, since_ms = None, last_end_ms
        self.fold, closed = spans.begin(moment, kept, self.offset_ms, last_end_ms)
        if since_ms is not None:  # should the clock turn out to be wrong, the pause is known after all
            closed = (Stretch(self.fold.open.start_ms, self.fold.open.start_ms, spans.OFF),)
        self._hold(closed)
        self._before = Before(len(closed), since_ms)
        self._first_seq = self.spool.next_seq + len(self._pending)
        self.write(moment)

    def _restart(self, by_ms: int) -> None:
        """Go on in a new epoch, because the time before lies too far in the future."""
        assert self.fold is not None  # noqa: S101  asked before
        self._hold(spans.finish(self.fold, self.fold.seen))
        self._follow(*spans_open.end(self.track, "clock_jump"))
        self.track = spans_open.restarted(self.track)
        kept, moment = self.fold.open.kept, self.fold.seen
        at = self.fold.now_ms + by_ms
        self.fold = None
        if self.write(moment):
            self.spool.begin_epoch()
            self._first_seq, self._before = self.spool.next_seq, Before(0)
        self.fold = Fold(at - moment.mono_ms, moment, Stretch(at, at, kept, "clock_jump"))

    @contextmanager
    def _fullness(self) -> Iterator[None]:
        try:
            yield
        except SpoolFull as error:
            self.disk_full = True
            log.error("the spool cannot be written: %s", error.detail)

    def _hold(self, closed: tuple[Stretch, ...]) -> None:
        self._pending.extend(closed)
        over = len(self._pending) - PENDING
        if over > 0:
            gone, self._pending = self._pending[:over], self._pending[over:]
            before = self._lost or Loss(gone[0].start_ms, gone[0].start_ms, 0, "disk_full")
            self._lost = Loss(before.from_ms, gone[-1].end_ms, before.count + over, "disk_full")

    def _follow(self, track: OpenTrack, closed: tuple[Stretch, ...]) -> None:
        self._track_written = self._track_written and track == self.track
        self.track = track
        self._hold(closed)

    def _tally(self) -> None:
        """Count what was open but has no row."""
        more = self.track.left_out - self._left_out
        if more:
            log.warning("%d open programs and sites are left out: too many come and go", more)
            self.spool.tally(spans_open.FULL, more)
            self._left_out = self.track.left_out

    def _written(self) -> None:
        self._pending.clear()
        self._lost = None
        self._track_written = True
        if self.disk_full:
            log.info("the disk has room again")
            self.spool.reserve()
        self.disk_full = False
