"""The clock of scheduled jobs. In: a table of jobs. Out: each tick run once, by whichever process claims it.

APScheduler only tells the time, in every process; a row in `job_runs` decides who runs. Never: a job that cannot run
twice, or that runs only from here (`planwhy job run NAME` does the same by hand).
"""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import NotFound, PlanwhyError
from planwhy_collector.jobs.digest import send_digests
from planwhy_collector.jobs.months import make_months
from planwhy_collector.jobs.pack import pack
from planwhy_collector.jobs.prune import prune
from planwhy_collector.jobs.settle import settle
from planwhy_collector.queries.job_runs import claim, finish, is_free
from planwhy_collector.services import wall_clock_ms

log = logging.getLogger("planwhy.jobs")
LEASE_MS = 15 * 60_000
"""After so long without an end, another process may take a tick over."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job: every how many minutes, and what to do; it answers how many things it did."""

    name: str
    every_min: int
    run: Callable[[Database, Settings, int], int]


def _cases(database: Database, settings: Settings, now_ms: int) -> int:
    from planwhy_collector.jobs.cases import open_cases  # noqa: PLC0415  it loads the calendar of holidays: not at the start

    return open_cases(database, now_ms, settings)


JOBS = (
    Job("settle", 1, lambda database, _settings, now_ms: settle(database, now_ms)),
    Job("cases", 60, _cases),
    Job("digest", 15, send_digests),
    Job("months", 60, make_months),
    Job("prune", 24 * 60, prune),
    Job("pack", 60, pack),
)


def start_scheduler(database: Database, settings: Settings) -> BackgroundScheduler:
    """Start ticking in the background of this process; it ends with the process.

    Every job is looked at every minute, so that a tick that nobody ran, because no process lived at its time or its
    owner was killed, is made up for.
    """
    clock = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    for job in JOBS:
        tick = partial(run_tick, job, database, settings, wall_clock_ms)
        clock.add_job(tick, "interval", seconds=60, next_run_time=datetime.now(UTC), id=job.name)
    clock.start()
    return clock


def run_tick(job: Job, database: Database, settings: Settings, clock: Callable[[], int]) -> bool:
    """Run this moment's tick if nobody has; whether it ran here. Errors are logged and stored."""
    now_ms = clock()
    slot_ms = now_ms - now_ms % (job.every_min * 60_000)
    owner = f"{socket.gethostname()}:{os.getpid()}"
    try:
        if not _claimed(job, database, slot_ms, owner, now_ms):
            return False
        fault = _fault_of(job, database, settings, now_ms)
        with database.writing() as session:
            finish(session, job.name, slot_ms, owner, fault)
    except (SQLAlchemyError, PlanwhyError) as error:
        log.error("job=%s database unavailable kind=%s", job.name, type(error).__name__)
        return False
    return True


def _claimed(job: Job, database: Database, slot_ms: int, owner: str, now_ms: int) -> bool:
    with database.reading() as session:
        if not is_free(session, job.name, slot_ms, now_ms):
            return False
    with database.writing() as session:
        return claim(session, job.name, slot_ms, owner, now_ms, LEASE_MS)


def run_by_hand(name: str, database: Database, settings: Settings, now_ms: int) -> int:
    """Run a job now; how many things it did. Raises NotFound for a name that there is not."""
    for job in JOBS:
        if job.name == name:
            return job.run(database, settings, now_ms)
    raise NotFound(f"there is no job {name!r}; there are {', '.join(job.name for job in JOBS)}")


def _fault_of(job: Job, database: Database, settings: Settings, now_ms: int) -> str | None:
    """The outermost loop of a job: whatever happens is stored with the tick, and the clock goes on."""
    try:
        job.run(database, settings, now_ms)
    except PlanwhyError as error:
        log.error("job=%s failed slug=%s", job.name, error.slug)
        return error.fault
    except Exception as error:
        log.exception("job=%s failed", job.name)
        return type(error).__name__
    return None
