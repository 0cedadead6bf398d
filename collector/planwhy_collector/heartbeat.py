"""Keeps a claimed tick while its job is at work. In: a claim. Out: its lease, renewed. Never: a lease without a beat.

A process that is killed beats no more, and its tick is free when the lease has run out.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.db import Database
from planwhy_collector.errors import Unavailable
from planwhy_collector.queries.job_runs import Claim, database_now, renew

log = logging.getLogger("planwhy.jobs")
BEATS = 4
"""Beats in a lease: some may fail before it runs out."""


class Heartbeat:
    """Renews the lease of a claim from a thread of its own, for as long as the `with` block lasts."""

    def __init__(self, database: Database, mine: Claim, lease_ms: int) -> None:
        self._database, self._mine, self._lease_ms = database, mine, lease_ms
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease of {mine.job}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(self._lease_ms / 1000 / BEATS):
            try:
                with self._database.writing() as session:
                    if not renew(session, self._mine, database_now(session) + self._lease_ms):
                        log.warning("a tick was taken over", extra={"job": self._mine.job})
                        return
            except (SQLAlchemyError, Unavailable) as error:
                log.warning("a lease was not renewed", extra={"job": self._mine.job, "kind": type(error).__name__})
