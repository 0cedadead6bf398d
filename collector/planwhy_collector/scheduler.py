"""The clock of scheduled jobs. In: a table of jobs. Out: each tick run once, by whichever process claims it.

APScheduler only tells the time, in every process; a row in `job_runs` decides who runs. Never: a job that cannot run
twice, or that runs only from here (`planwhy job run NAME` does the same by hand).
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from planwhy_shared.ids import new_uuid
from planwhy_shared.times import rfc3339
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NotFound, PlanwhyError
from planwhy_collector.heartbeat import Heartbeat
from planwhy_collector.jobs.digest import send_digests
from planwhy_collector.jobs.months import make_months
from planwhy_collector.jobs.pack import pack
from planwhy_collector.jobs.prune import prune
from planwhy_collector.jobs.settle import settle
from planwhy_collector.metrics import Meters
from planwhy_collector.queries.job_runs import Claim, claim, database_now, finish, is_free

log = logging.getLogger("planwhy.jobs")
LEASE_MS = 60_000
"""After so long without a beat of its owner, another process takes a tick over."""
LOOK_S = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job: every how many seconds, and what to do; it answers how many things it did."""

    name: str
    every_s: int
    run: Callable[[Database, Settings, int], int]


@dataclass(frozen=True, slots=True)
class Beside:
    """What ticks need beside the job. `clock` tells the database's time; tests replace it."""

    database: Database
    settings: Settings
    meters: Meters = field(default_factory=Meters)
    lease_ms: int = LEASE_MS
    clock: Callable[[Session], int] = database_now


def _cases(database: Database, settings: Settings, now_ms: int) -> int:
    from planwhy_collector.jobs.cases import open_cases  # noqa: PLC0415  it loads the calendar of holidays: not at the start

    return open_cases(database, now_ms, settings)


def _suggestions(database: Database, settings: Settings, now_ms: int) -> int:
    from planwhy_collector.jobs.suggesting import suggest  # noqa: PLC0415  it loads numpy: not at the start

    return suggest(database, settings, now_ms)


JOBS = (
    Job("settle", 60, lambda database, _settings, now_ms: settle(database, now_ms)),
    Job("cases", 3600, _cases),
    Job("digest", 15 * 60, send_digests),
    Job("months", 3600, make_months),
    Job("prune", 24 * 3600, prune),
    Job("pack", 3600, pack),
    Job("suggestions", 3600, _suggestions),
)


class Scheduler:
    """Ticks in the background of one process, and ends with it.

    Every job is looked at every minute, so that a tick that nobody ran, because no process lived at its time or its
    owner was killed, is made up for.
    """

    def __init__(self, beside: Beside, jobs: Sequence[Job] = JOBS, look_s: float = LOOK_S) -> None:
        self._beside, self._jobs, self._look_s = beside, jobs, look_s
        self._clock = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        self._at_work: set[str] = set()

    @property
    def running(self) -> bool:
        """Whether it was started."""
        return bool(self._clock.running)

    def start(self) -> None:
        """Begin to tick."""
        for job in self._jobs:
            now = datetime.now(UTC)
            self._clock.add_job(self._look, "interval", [job], seconds=self._look_s, next_run_time=now, id=job.name)
        self._clock.start()

    def pause(self) -> None:
        """Begin no tick from now on."""
        self._clock.pause()

    def ended(self, within_s: float) -> bool:
        """Wait for the jobs at work; whether they ended. One that did not leaves its tick to be taken over."""
        end = time.monotonic() + within_s
        while self._at_work and time.monotonic() < end:
            time.sleep(0.05)
        for name in self._at_work:
            log.warning("a job at work is left to be taken over", extra={"job": name})
        return not self._at_work

    def _look(self, job: Job) -> None:
        self._at_work.add(job.name)
        try:
            run_tick(job, self._beside)
        finally:
            self._at_work.discard(job.name)


def run_tick(job: Job, beside: Beside) -> bool:
    """Run this moment's tick if nobody has, or one that its owner left; whether it ran here.

    Errors are logged and stored.
    """
    try:
        mine = _claimed(job, beside)
        if mine is None:
            return False
        began = time.monotonic()
        with Heartbeat(beside.database, mine, beside.lease_ms):
            fault = _fault_of(job, beside)
        with beside.database.writing() as session:
            status = ("failed" if fault else "done") if finish(session, mine, fault) else "lost"
    except (SQLAlchemyError, PlanwhyError) as error:
        log.error("a tick was left", extra={"job": job.name, "kind": type(error).__name__})
        return False
    beside.meters.ticks.labels(job.name, status).inc()
    took_ms = round((time.monotonic() - began) * 1000)
    told = {"job": job.name, "slot": rfc3339(mine.slot_ms), "status": status, "attempts": mine.attempts}
    log.log(logging.DEBUG if status == "done" else logging.ERROR, "job", extra=told | {"duration_ms": took_ms})
    return True


def _claimed(job: Job, beside: Beside) -> Claim | None:
    owner = f"{socket.gethostname()}:{os.getpid()}:{new_uuid()}"
    with beside.database.reading() as session:
        now_ms = beside.clock(session)
        slot_ms = now_ms - now_ms % (job.every_s * 1000)
        if not is_free(session, job.name, slot_ms, now_ms):
            return None
    with beside.database.writing() as session:
        return claim(session, job.name, slot_ms, owner, beside.clock(session), beside.lease_ms)


def run_by_hand(name: str, database: Database, settings: Settings, now_ms: int) -> int:
    """Run a job now; how many things it did. Raises NotFound for a name that there is not."""
    for job in JOBS:
        if job.name == name:
            return job.run(database, settings, now_ms)
    raise NotFound(f"there is no job {name!r}; there are {', '.join(job.name for job in JOBS)}")


def _fault_of(job: Job, beside: Beside) -> str | None:
    """The outermost loop of a job: whatever happens is stored with the tick, and the clock goes on."""
    try:
        with beside.database.reading() as session:
            now_ms = beside.clock(session)
        job.run(beside.database, beside.settings, now_ms)
    except PlanwhyError as error:
        log.error("job failed", extra={"job": job.name, "slug": error.slug})
        return error.fault
    except Exception as error:
        log.exception("job failed", extra={"job": job.name, "kind": type(error).__name__})
        return type(error).__name__
    return None
