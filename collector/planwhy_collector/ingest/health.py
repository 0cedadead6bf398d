"""Whether the collector lives and is ready. In: nothing. Out: one word. Never: anything about people."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.queries.ready import answers
from planwhy_collector.services import services

health = Blueprint("health", __name__)


@health.get("/livez")
def live() -> Response:
    """Role: public. The process answers."""
    return Response("ok\n", content_type="text/plain")


@health.get("/readyz")
def ready() -> Response:
    """Role: public. The database answers too."""
    try:
        with services().database.reading() as session:
            answers(session)
    except SQLAlchemyError:
        return Response("the database does not answer\n", 503, {"Retry-After": "5"}, content_type="text/plain")
    return Response("ok\n", content_type="text/plain")
