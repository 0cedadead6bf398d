"""The id of a request, which its sender, its answer and every line of the log about it share.

In: what the sender calls it, where that is harmless. Out: that, or an id made here. Never: text of a stranger's making
that could pose as a line of the log.
"""

import re
from contextvars import ContextVar

from planwhy_shared.ids import new_uuid

HEADER = "X-Request-Id"
KEY = "planwhy.request_id"
"""Where the id stands in the environment of a request."""
current: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this thread is at, for the log."""
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


def chosen(told: str | None) -> str:
    """The id of a request whose sender calls it so; a new one where that is missing, odd, or short enough to repeat."""
    return told if told and _HARMLESS.fullmatch(told) else new_uuid()
