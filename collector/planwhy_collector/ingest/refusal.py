"""Refusals: what a request was answered instead of a success. In: status, slug, sentence. Out: the contract's JSON.

Never: a traceback, a title, an address or a token in an answer.
"""

from flask import g
from planwhy_shared.ids import new_uuid

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


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
    """The id of this request, made on first use."""
    if "request_id" not in g:
        g.request_id = new_uuid()
    found: str = g.request_id
    return found
