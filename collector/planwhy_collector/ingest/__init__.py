"""Stage 6: thin routes that authenticate a device, store its batch and answer with a receipt."""

from flask import Flask

from planwhy_collector.ingest import answers
from planwhy_collector.ingest.openapi import openapi
from planwhy_collector.ingest.pace import attach_paces
from planwhy_collector.ingest.policy import attach_versions
from planwhy_collector.ingest.routes import agents
from planwhy_collector.services import services_of


def register(app: Flask) -> None:
    """Add the routes that agents talk to, and the API's way of answering errors."""
    answers.register(app)
    attach_paces(app, services_of(app).settings)
    attach_versions(app)
    app.register_blueprint(agents)
    app.register_blueprint(openapi)
