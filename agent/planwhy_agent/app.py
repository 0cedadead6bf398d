"""The pipeline on one screen: sample, privacy, span, spool; beside it the uploader in a thread of its own.

In: settings, sources, clocks. Out: an exit code. Never: a decision of a stage; this only connects them.
"""

import logging
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from planwhy_agent import health
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError, SpoolBroken, SpoolFull
from planwhy_agent.files import clear_parts, owned_folder, remove
from planwhy_agent.identity import load_identity
from planwhy_agent.pause import paused_until
from planwhy_agent.policy import PolicyStore
from planwhy_agent.privacy import (
    Kept,
    Rules,
    at_work,
    keep,
    may_look_around,
    next_turn_ms,
    opened,
    reads_title_of,
    rules_of,
)
from planwhy_agent.recorder import TOLERANCE_MS, Recorder
from planwhy_agent.sender import Sender, open_spool
from planwhy_agent.spans import OFF, Moment
from planwhy_agent.system import clock
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.system.waiting import Waiting
from planwhy_agent.upload import Heard, NewPolicy, News
from planwhy_agent.watch import Watch, no_one_waits

LOOK_MS = 5_000
"""How often idle time is looked at; everything else comes as an event."""
TELL_MS = 2_000
AGAIN_S = 5.0
DAMAGED_S = 1.0

log = logging.getLogger("planwhy.agent")


def _nobody(_what: tuple[object, ...]) -> None:
    """Nobody wants to know."""


class Agent:
    """One run of the agent, from lock to last upload."""

    def __init__(
        self,
        settings: Settings,
        watch: Watch,
        read_clocks: Callable[[], Moment] = clock.now,
        told: Callable[[tuple[object, ...]], None] = _nobody,
    ) -> None:
        self.settings = settings
        self.watch = watch
        self.clocks = read_clocks
        self.told = told
        self.folder = owned_folder(settings.data)
        self.started_ms = read_clocks().wall_ms
        self.policies = PolicyStore(self.folder)
        self._health: health.Health | None = None
        watch.titled = self._may_read_title
        self._doubted = False
        self._learn()

    def run(self) -> int:
        """Record until told to stop; 0 then. Raises AlreadyRunning, NotEnrolled, ConfigError, OSError."""
        lock = InstanceLock(lock_path(self.settings))
        clear_parts(self.folder)
        waiting: Waiting[News] = Waiting()
        try:
            waiting.take_signals()
            self.watch.on_event = waiting.wake
            while not waiting.stopped:
                self._guarded_session(waiting)
            return 0
        finally:
            self.watch.on_event = no_one_waits
            waiting.close()
            self.watch.close()
            with suppress(OSError):  # of a process that has ended nobody believes it
                remove(self.settings.runtime / "health.json")
            lock.release()

    def _guarded_session(self, waiting: Waiting[News]) -> None:
        """The outermost loop: an error that nobody foresaw is logged by its place, and recording begins again."""
        try:
            self._session(waiting)
        except (SpoolFull, SpoolBroken, OSError) as error:
            told = error.strerror if isinstance(error, OSError) else error.detail
            log.error("nothing is recorded until the disk lets it: %s", told)
            waiting.until(AGAIN_S, ())
        except AgentError:
            raise
        except Exception as error:  # noqa: BLE001  nobody else would start the agent again
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.critical("%s at %s:%s", type(error).__name__, Path(place.filename).name, place.lineno)
            waiting.until(AGAIN_S, ())

    def _session(self, waiting: Waiting[News]) -> None:
        """Record with one spool and one identity, until told to stop or until one of them has to be opened anew."""
        self._identity = load_identity(self.folder)
        spool = open_spool(self.settings, thorough=self._doubted)
        self._doubted = False
        self.recorder = Recorder(spool, health.load_offset(self.folder))
        sender = Sender(self.settings, self.policies, waiting.post)
        try:
            sender.start()
            self._look(sender)
            while not waiting.stopped:
                news = waiting.until(self._wait_s(), self._watched())
                if self._changed(waiting, sender):
                    break
                self._take_news(news, sender)
                self._look(sender)
            self.recorder.stop(self.clocks())
        except SpoolBroken as error:
            log.error("the spool is damaged: %s", error.detail)
            self._doubted = True
            waiting.until(DAMAGED_S, ())  # one that stays damaged must not keep a core busy
        finally:
            sender.stop()
            spool.close()

    def _look(self, sender: Sender) -> None:
        moment = self.clocks()
        kept, idle_ms = self._kept(moment)
        if self.watch.settle_ms == 0:
            self.recorder.take(moment, kept, idle_ms)
            self._look_around(moment, kept)
        self._tell(moment, sender)

    def _look_around(self, moment: Moment, kept: Kept | None) -> None:
        """What is open beside the focus, about once a minute and only where what is in front may be recorded."""
        if self.rules is None or not may_look_around(self.rules, kept, self._corrected_ms(moment)):
            self.recorder.look_around(None)
        elif self.recorder.may_look_around():
            around = self.watch.around(moment)
            self.recorder.look_around(opened(self.rules, *around) if around else None)

    def _kept(self, moment: Moment) -> tuple[Kept | None, int]:
        """Stages 1 and 2. None where nothing may be recorded; `off` while the desktop is out of sight."""
        if self.rules is None or not self.acknowledged:
            self.watch.rest()
            return None, 0
        paused = moment.wall_ms < self.paused_until_ms
        self.watch.idle_after_ms = None if paused else self.rules.idle_after_ms
        sample = self.watch.look(moment)
        if sample is None:
            return OFF, 0
        quiet_ms = sample.idle_ms if sample.quiet_ms is None else sample.quiet_ms
        return keep(self.rules, sample, self._corrected_ms(moment), True, paused), quiet_ms

    def _may_read_title(self, app: str | None, _pid: int | None) -> bool:
        """What would be dropped is not even read."""
        if self.rules is None or not self.acknowledged or not reads_title_of(self.rules, app):
            return False
        moment = self.clocks()
        return moment.wall_ms >= self.paused_until_ms and at_work(self.rules, self._corrected_ms(moment))

    def _watched(self) -> tuple[int, ...]:
        """What to wait on: nothing that would not be read."""
        return self.watch.filenos() if self.acknowledged else ()

    def _wait_s(self) -> float:
        """How long nothing has to be done if nothing happens."""
        moment = self.clocks()
        waits = [LOOK_MS, self.recorder.due_ms(moment.mono_ms)]
        if self.watch.settle_ms:
            waits.append(self.watch.settle_ms)
        if self.acknowledged and (poll_ms := self.watch.poll_ms()) is not None:
            waits.append(poll_ms)
        if self.paused_until_ms > moment.wall_ms:
            waits.append(self.paused_until_ms - moment.wall_ms)
        if self.rules is not None:
            now_ms = self._corrected_ms(moment)
            waits.append(next_turn_ms(self.rules, now_ms) - now_ms)
        return min(waits) / 1000

    def _take_news(self, news: list[News], sender: Sender) -> None:
        for one in news:
            if isinstance(one, Heard):
                self._hear(one)
            elif isinstance(one, NewPolicy):
                self._learn()
            else:
                raise SpoolBroken("the uploader cannot read it")
            sender.used.set()

    def _hear(self, heard: Heard) -> None:
        """Take the collector's clock over; a difference as small as its Date header is coarse counts as none."""
        moment = self.clocks()
        offset_ms = heard.server_ms - (moment.wall_ms - moment.mono_ms + heard.mono_ms)
        self.recorder.offset_ms = offset_ms if abs(offset_ms) >= TOLERANCE_MS else 0
        with suppress(OSError):  # a full disk; the offset is heard again
            health.save_offset(self.folder, self.recorder.offset_ms)
        self.recorder.correct(heard.server_ms, heard.mono_ms)

    def _changed(self, waiting: Waiting[News], sender: Sender) -> bool:
        """After a nudge look at the files again; whether this machine was enrolled anew."""
        if not waiting.nudged:
            return False
        waiting.nudged = False
        self._health = None
        self._learn()
        sender.wake.set()
        return load_identity(self.folder) != self._identity

    def _learn(self) -> None:
        """Read policy, acknowledgement and private time."""
        stored = self.policies.load()
        self.rules: Rules | None = rules_of(stored.answer.policy, self.settings.idle_after_s) if stored else None
        self.acknowledged = stored is not None and self.policies.acknowledged() == stored.answer.policy.notice_version
        self.paused_until_ms = paused_until(self.folder)

    def _corrected_ms(self, moment: Moment) -> int:
        fold = self.recorder.fold
        return moment.mono_ms + fold.shift_ms if fold else moment.wall_ms + self.recorder.offset_ms

    def _tell(self, moment: Moment, sender: Sender) -> None:
        """Write what `status` shows, when it has changed or a minute has passed, and not too often."""
        if self._health and 0 <= moment.wall_ms - self._health.written_ms < TELL_MS:
            return
        fold = self.recorder.fold
        fresh = health.Health(
            pid=os.getpid(),
            started_ms=self.started_ms,
            written_ms=self._health.written_ms if self._health else 0,
            recording=fold.open.kept.state if fold else "nothing",
            since_ms=fold.open.start_ms if fold else None,
            app=fold.open.kept.app if fold else None,
            browsers=self.watch.browsers(),
            browser_trouble=self.watch.browser_trouble(),
            display=self.watch.problem,
            disk_full=self.recorder.disk_full,
            clock_offset_ms=self.recorder.offset_ms,
            sending=sender.sending(),
            remote=self.watch.remote(),
            policy_problem=sender.policy_problem(),
        )
        if fresh != self._health or moment.wall_ms - fresh.written_ms > 60_000:
            self._health = health.told_now(fresh, moment.wall_ms)
            with suppress(OSError):  # without room `status` is old, recording is not
                health.save_health(self.settings.runtime, self._health)
            kept = (fresh.recording, fresh.app is None, fresh.display, fresh.disk_full)
            self.told((*kept, self.acknowledged, self.paused_until_ms, fresh.sending.state))


def lock_path(settings: Settings) -> Path:
    """Where the lock of the running agent is."""
    return settings.lock
