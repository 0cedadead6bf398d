"""Every answer that is not a success, in the contract's shape. In: errors of any kind. Out: JSON with a request id.

Pages get their own error page; the API never answers a wrong request with 5xx or a traceback.
"""

import logging
import time

from flask import Flask, Response, g, request
from msgspec import json
from planwhy_shared.wire import Failure
from werkzeug.exceptions import HTTPException

from planwhy_collector.away import is_away
from planwhy_collector.errors import PlanwhyError
from planwhy_collector.ingest.refusal import RETRYABLE, Refusal, request_id
from planwhy_collector.request_ids import HEADER
from planwhy_collector.services import services

log = logging.getLogger("planwhy.api")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
RETRY_AFTER_S = 5
"""What a sender is told to wait while something is away."""
_SLUGS = {
    400: "unreadable", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    408: "timeout", 411: "length_required", 413: "too_large", 415: "unsupported_type", 429: "too_many_requests",
}  # fmt: skip


def is_api() -> bool:
    """Whether this request expects JSON."""
    return request.path.startswith("/api/")


def failure(status: int, slug: str, detail: str, *, retryable: bool, retry_after_s: int | None = None) -> Response:
    """Make an error answer. `retry_after_s` goes into Retry-After."""
    services().meters.refusals.labels(slug).inc()
    body = json.encode(Failure(slug, detail, retryable, request_id()))
    answer = Response(body, status, content_type="application/json")
    if retry_after_s is not None:
        answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def register(app: Flask) -> None:
    """Answer errors of the API in JSON and mark each answer with its request id."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(PlanwhyError, _planwhy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_begin)
    app.after_request(_mark)


def _refused(error: Refusal) -> Response:
    return failure(error.status, error.slug, error.detail, retryable=error.retryable, retry_after_s=error.retry_after_s)


def _planwhy(error: PlanwhyError) -> Response:
    wait = RETRY_AFTER_S if error.status == 503 else None
    return failure(error.status, error.slug, error.detail, retryable=error.retryable, retry_after_s=wait)


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
    """The outermost loop of a request."""
    if is_away(error):
        note_away(error)
        said = "the database is away for now"
        return failure(503, "unavailable", said, retryable=True, retry_after_s=RETRY_AFTER_S)
    note_unexpected(error)
    return failure(500, "error", "something that should not happen did", retryable=True)


def note_away(error: BaseException) -> None:
    """Log that the database is away, by kind."""
    log.error("database away", extra={"kind": type(getattr(error, "orig", None) or error).__name__})


def note_unexpected(error: BaseException) -> None:
    """Log what nobody foresaw by kind and place, without its data."""
    log.error("unexpected", extra={"kind": type(error).__name__}, exc_info=error)


def _begin() -> None:
    g.began = time.monotonic()


def _mark(answer: Response) -> Response:
    """Mark an answer with its request's id, count and log it: the rule of the route, never the path."""
    answer.headers[HEADER] = request_id()
    level = logging.DEBUG if answer.status_code < 400 else logging.INFO
    took_s = time.monotonic() - g.began if "began" in g else 0.0
    told = {"method": method(), "route": route(), "status": answer.status_code}
    services().meters.requests.labels(told["route"], told["method"], told["status"]).inc()
    services().meters.request_seconds.labels(told["route"]).observe(took_s)
    told["duration_ms"] = round(took_s * 1000, 1)
    log.log(level, "request", extra=told)
    return answer


def method() -> str:
    """The method of this request; "other" for words that are none."""
    return request.method if request.method in _METHODS else "other"


def route() -> str:
    """The rule that this request's path fits; "-" for none."""
    return request.url_rule.rule if request.url_rule else "-"
