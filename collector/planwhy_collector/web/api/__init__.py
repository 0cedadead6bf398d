"""The reading API: session cookie or personal token, same roles and same gate as the pages. In: GETs. Out: JSON."""

from flask import Blueprint, Flask

from planwhy_collector.web.api.detail import detail
from planwhy_collector.web.api.lists import lists
from planwhy_collector.web.api.objections import objected
from planwhy_collector.web.api.pay import paid
from planwhy_collector.web.api.steps import steps


def register(app: Flask) -> None:
    """Add the routes under /api/v1."""
    reading = Blueprint("api", __name__, url_prefix="/api/v1")
    reading.register_blueprint(lists)
    reading.register_blueprint(detail)
    reading.register_blueprint(paid)
    reading.register_blueprint(steps)
    reading.register_blueprint(objected)
    app.register_blueprint(reading)
