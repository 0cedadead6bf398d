"""Refusals: what a request was answered instead of a success. In: status, slug, sentence. Out: the contract's JSON.

Never: a traceback, a title, an address or a token in an answer.
"""

from collections.abc import Mapping

from flask import request

from planwhy_collector import request_ids

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


MEANINGS: Mapping[str, str] = {
    "batch_conflict": "This batch id was used before for other content: pack the spans under another id.",
    "code_refused": "The enrolment code is unknown, has run out, or was used up.",
    "error": "Something that should not happen did: report it with the request id.",
    "invalid": "Readable, but wrong: the detail names the field, file or limit.",
    "length_required": "A body without a Content-Length is not read.",
    "method_not_allowed": "The address is right, the method is not.",
    "revoked": "The device was revoked: it may enrol again with a new code.",
    "timeout": "The body did not arrive in time.",
    "too_large": "Over a limit, which the detail names: send less at once.",
    "too_many_requests": "Wait as long as Retry-After says.",
    "truncated": "The body or its compressed stream ended too early.",
    "unauthorised": "No token, or one that is unknown or has run out.",
    "unreadable": "Not even readable as what it claims to be.",
    "unsupported_encoding": "A Content-Encoding that is not understood here.",
    "unsupported_type": "A Content-Type that is not understood here.",
}
"""Every slug that only a route gives, in words; `errors` has those that commands share."""


class Refusal(Exception):
    """A request that is not served. `retry_after_s` goes into Retry-After."""

    def __init__(
        self, status: int, slug: str, detail: str, *, retryable: bool | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.retryable = status in RETRYABLE if retryable is None else retryable
        self.retry_after_s = retry_after_s


def request_id() -> str:
    """The id of this request: the server's, else as its sender calls it, else one made on first use."""
    if request_ids.KEY not in request.environ:
        request.environ[request_ids.KEY] = request_ids.chosen(request.headers.get(request_ids.HEADER))
    found: str = request.environ[request_ids.KEY]
    return found
