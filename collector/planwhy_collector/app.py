"""The application: one line per topic of wiring."""

from flask import Flask

from planwhy_collector import ingest, web
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
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
