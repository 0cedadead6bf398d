"""What routes need beside the request: settings, the database, a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app

from planwhy_collector.config import Settings
from planwhy_collector.db import Database


def wall_clock_ms() -> int:
    """The time now, Unix epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Services:
    """One per application. `now_ms` is replaced in tests."""

    settings: Settings
    database: Database
    now_ms: Callable[[], int] = wall_clock_ms


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
