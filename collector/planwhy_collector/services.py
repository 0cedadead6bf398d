"""What routes need beside the request: settings, the database, a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.metrics import Meters


def wall_clock_ms() -> int:
    """The time now, Unix epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Services:
    """One per application. `now_ms` is replaced in tests.

    `ingest` is the same database through the pool that is kept for agents; None: through that of everybody.
    """

    settings: Settings
    database: Database
    now_ms: Callable[[], int] = wall_clock_ms
    ingest: Database | None = None
    meters: Meters = field(default_factory=Meters)

    @property
    def for_agents(self) -> Database:
        """The database for requests of agents."""
        return self.ingest or self.database


def attach(app: Flask, services: Services) -> None:
    """Hang the services on an application."""
    app.extensions["planwhy"] = services


def services_of(app: Flask) -> Services:
    """The services of an application that is being wired."""
    found: Services = app.extensions["planwhy"]
    return found


def services() -> Services:
    """The services of the application that handles this request."""
    found: Services = current_app.extensions["planwhy"]
    return found
