"""One server process: it opens when its database is there, serves, and ends in order. In: settings. Out: answers.

Never: an end because the database is away, at the start or later; agents are told to come again, and people too.
"""

import asyncio
import gc
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.app import create_app
from planwhy_collector.away import is_away
from planwhy_collector.bridge import Bridge, Lanes
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.condition import Condition
from planwhy_collector.config import Settings, load_settings
from planwhy_collector.db import Database
from planwhy_collector.engines import JOBS, PROBE, Pool, ingest_pool, report_pool
from planwhy_collector.errors import PlanwhyError, Unavailable
from planwhy_collector.lanes import Lane
from planwhy_collector.lifeline import end_with_parent, when_asked_to_stop
from planwhy_collector.logs import set_up
from planwhy_collector.metrics import Meters
from planwhy_collector.metrics_port import listen
from planwhy_collector.scheduler import Beside, Scheduler
from planwhy_collector.services import Services, wall_clock_ms

log = logging.getLogger("planwhy.server")
TRY_S = 1.0
SAY_S = 60.0
INGEST_S, REPORT_S = 30.0, 180.0
"""How long a request of an agent, and of anyone else, may take until its sender is told to come again."""
MARGIN_S = 1.0
"""So long before the time to stop is over this process ends by itself."""


def served() -> "Serving":
    """What the server runs in each of its processes, from the environment."""
    end_with_parent()
    try:
        named = os.environ.get("PLANWHY_CONFIG") or ("planwhy.toml" if Path("planwhy.toml").is_file() else "")
        settings = load_settings(os.environ, Path(named) if named else None)
        set_up(settings.log_level, settings.log_format)
        serving = Serving(settings, os.environ.get("PLANWHY_RUN_SCHEDULER") == "1")
        serving.begin()
    except (PlanwhyError, OSError) as error:
        log.critical("cannot serve: %s", error)
        sys.exit(1)
    except Exception as error:
        log.critical("cannot serve", exc_info=error)
        sys.exit(1)
    return serving


@dataclass(frozen=True, slots=True)
class Databases:
    """The database through a pool for each kind of work."""

    reports: Database
    ingest: Database
    jobs: Database
    probe: Database

    def close(self) -> None:
        """Close the connections that nobody works with."""
        for one in (self.reports, self.ingest, self.jobs, self.probe):
            one.close()


class Serving:
    """A server process, as the server wants it: `__rsgi__` serves, the two others begin and end."""

    def __init__(self, settings: Settings, scheduler: bool) -> None:
        self._settings, self._run_scheduler, self.meters = settings, scheduler, Meters()
        self._databases = _databases(settings, self.meters)
        self._condition = Condition(self._databases.probe, self.meters, settings.metrics_token)
        self._bridge = Bridge(_lanes(settings, self.meters), self._condition, self.meters)
        self._scheduler = Scheduler(Beside(self._databases.jobs, settings, self.meters))
        self._stop_at: float | None = None
        self._leaving: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Open, now or as soon as the database is there. Raises PlanwhyError, OSError for what no wait will mend."""
        if self._settings.metrics_address:
            listen(self._settings.metrics_address, self._condition.metrics)
        if not self._opened():
            log.warning("waiting for the database")
            threading.Thread(target=self._open_later, name="opening", daemon=True).start()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen to signals, in this process's main thread."""
        loop.set_exception_handler(_log_uncaught)
        when_asked_to_stop(lambda: loop.call_soon_threadsafe(self._stop, loop))

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Serve one request."""
        await self._bridge.serve(scope, protocol)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """End: all requests have their answers, and no connection is left."""
        self._end()

    def _opened(self) -> bool:
        """Open where the database is there and as this release wants it."""
        databases, settings = self._databases, self._settings
        try:
            if not databases.probe.current():
                return False
            services = Services(settings, databases.reports, wall_clock_ms, databases.ingest, self.meters)
            self._bridge.application = create_app(settings, databases.reports, services)
        except (SQLAlchemyError, Unavailable) as error:
            if isinstance(error, SQLAlchemyError) and not is_away(error):
                raise
            return False
        if self._run_scheduler and self._stop_at is None:
            self._scheduler.start()
        builtin_rules()
        gc.freeze()  # what lives as long as the process is not looked through again: a third of the time of settling
        gc.set_threshold(50_000, 20, 100)  # a batch makes thousands of objects that all go with it, and no cycles
        self._condition.open = True
        return True

    def _open_later(self) -> None:
        """Open when the database is there; end where that fails for another reason, so that the server starts anew."""
        try:
            self._keep_trying()
        except Exception as error:
            log.critical("cannot open", exc_info=error)
            logging.shutdown()
            os._exit(1)

    def _keep_trying(self) -> None:
        said = time.monotonic()
        while not self._opened():
            if time.monotonic() - said > SAY_S:
                said = time.monotonic()
                log.warning("still waiting for the database at this release's schema")
            time.sleep(TRY_S)
        log.warning("the database is there: open")

    def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to end, once."""
        if self._stop_at is not None:
            return
        self._stop_at = time.monotonic() + self._settings.stop_s - MARGIN_S
        log.info("stopping")
        if self._scheduler.running:
            self._scheduler.pause()
        self._bridge.stop(self._settings.stop_s)
        self._leaving = loop.create_task(self._leave())

    async def _leave(self) -> None:
        """End when nothing is at work, although connections without a request are still open."""
        left_s = (self._stop_at or 0) - time.monotonic()
        try:
            await asyncio.wait_for(self._bridge.quiet(), left_s)
        except TimeoutError:
            log.error("requests at work are cut off: the time to stop is over")
        await asyncio.get_running_loop().run_in_executor(None, self._end)

    def _end(self) -> None:
        """Wait for jobs, and end this process without waiting for threads that are stuck."""
        if self._scheduler.running:
            self._scheduler.ended(max(0.0, (self._stop_at or 0) - time.monotonic()))
        self._databases.close()
        log.info("stopped")
        logging.shutdown()
        os._exit(0)


def _databases(settings: Settings, meters: Meters) -> Databases:
    pools = (
        report_pool(settings.report_pool, settings.pool_wait_s),
        ingest_pool(settings.ingest_pool, settings.pool_wait_s),
        JOBS,
        PROBE,
    )
    first = Database(settings.database_url, pools[0])
    found = (first, *(first.beside(pool) for pool in pools[1:]))
    for database, pool in zip(found, pools, strict=True):
        _count_connections(database, pool, meters)
    return Databases(*found)


def _count_connections(database: Database, pool: Pool, meters: Meters) -> None:
    busy = meters.pool_busy.labels(pool.name)
    meters.pool_size.labels(pool.name).inc(pool.size)
    event.listen(database.engine, "checkout", lambda *_: busy.inc())
    event.listen(database.engine, "checkin", lambda *_: busy.dec())


def _lanes(settings: Settings, meters: Meters) -> Lanes:
    wait_s = settings.pool_wait_s
    return Lanes(
        Lane("ingest", settings.ingest_pool, wait_s, INGEST_S, meters),
        Lane("reports", settings.report_pool, wait_s, REPORT_S, meters),
    )


def _log_uncaught(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    log.error("uncaught", exc_info=error if isinstance(error, BaseException) else None)
