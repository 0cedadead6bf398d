"""Every answer that is not a success, in the contract's shape. In: errors of any kind. Out: JSON with a request id.

Pages get their own error page; the API never answers a wrong request with 5xx or a traceback.
"""

import logging

from flask import Flask, Response, request
from msgspec import json
from planwhy_shared.wire import Failure
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from planwhy_collector.errors import PlanwhyError
from planwhy_collector.ingest.refusal import RETRYABLE, Refusal, request_id

log = logging.getLogger("planwhy.api")
_SLUGS = {
    400: "unreadable", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    408: "timeout", 411: "length_required", 413: "too_large", 415: "unsupported_type", 429: "too_many_requests",
}  # fmt: skip


def is_api() -> bool:
    """Whether this request expects JSON."""
    return request.path.startswith("/api/")


def failure(status: int, slug: str, detail: str, *, retryable: bool, retry_after_s: int | None = None) -> Response:
    """Make an error answer. `retry_after_s` goes into Retry-After."""
    body = json.encode(Failure(slug, detail, retryable, request_id()))
    answer = Response(body, status, content_type="application/json")
    if retry_after_s is not None:
        answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def register(app: Flask) -> None:
    """Answer errors of the API in JSON and mark each answer with its request id."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(PlanwhyError, _planwhy)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_mark)


def _refused(error: Refusal) -> Response:
    return failure(error.status, error.slug, error.detail, retryable=error.retryable, retry_after_s=error.retry_after_s)


def _planwhy(error: PlanwhyError) -> Response:
    wait = 5 if error.status == 503 else None
    return failure(error.status, error.slug, error.detail, retryable=error.retryable, retry_after_s=wait)


def _database(error: OperationalError) -> Response:
    log.error("database unavailable request_id=%s kind=%s", request_id(), type(error.orig).__name__)
    return failure(503, "unavailable", "the database cannot be reached", retryable=True, retry_after_s=5)


def _http(error: HTTPException) -> Response | HTTPException:
    if not is_api():
        return error
    status = error.code or 500
    answer = failure(
        status, _SLUGS.get(status, "error"), error.description or error.name, retryable=status in RETRYABLE
    )
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    """The outermost loop of a request: what nobody foresaw is logged by kind and place, without its data."""
    log.error("unexpected request_id=%s kind=%s", request_id(), type(error).__name__, exc_info=error)
    return failure(500, "error", "something that should not happen did", retryable=True)


def _mark(answer: Response) -> Response:
    answer.headers["X-Request-Id"] = request_id()
    route = request.url_rule.rule if request.url_rule else "-"
    level = logging.DEBUG if answer.status_code < 400 else logging.INFO
    log.log(level, "%s %s status=%d request_id=%s", request.method, route, answer.status_code, request_id())
    return answer
