"""The application: one line per topic of wiring."""

import os
from pathlib import Path

from flask import Flask

from planwhy_collector import ingest, web
from planwhy_collector.bridge import Bridge
from planwhy_collector.config import Settings, load_settings
from planwhy_collector.db import Database
from planwhy_collector.lifeline import end_with_parent
from planwhy_collector.logs import set_up
from planwhy_collector.scheduler import start_scheduler
from planwhy_collector.services import Services, attach, wall_clock_ms

PAGE_BYTES = 1 << 20
"""Largest form that a page takes; agents' bodies have limits of their own."""


def create_app(settings: Settings, database: Database, services: Services | None = None) -> Flask:
    """Wire the collector's application. The database must be at this release's schema."""
    app = Flask("planwhy_collector", template_folder="web/templates", static_folder="web/static")
    app.config["MAX_CONTENT_LENGTH"] = PAGE_BYTES
    attach(app, services or Services(settings, database, wall_clock_ms))
    ingest.register(app)
    web.register(app)
    return app


def served() -> Bridge:
    """The application of one server process, from the environment; with its share of the scheduler."""
    end_with_parent()
    named = os.environ.get("PLANWHY_CONFIG") or ("planwhy.toml" if Path("planwhy.toml").is_file() else "")
    settings = load_settings(os.environ, Path(named) if named else None)
    set_up(settings.log_level, settings.log_format)
    database = Database(settings.database_url)
    if os.environ.get("PLANWHY_RUN_SCHEDULER") == "1":
        start_scheduler(database, settings)
    return Bridge(create_app(settings, database))
