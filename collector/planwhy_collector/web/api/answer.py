"""How the reading API answers: one JSON document, lists in pages. In: plain data. Out: responses."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, request
from msgspec import json

from planwhy_collector.errors import InvalidInput

T = TypeVar("T")
LIMIT = 100
MOST = 1_000


def answer(data: object) -> Response:
    """One JSON document that nobody keeps a copy of."""
    return Response(json.encode(data), content_type="application/json", headers={"Cache-Control": "no-store"})


def listed(items: Sequence[T], key: Callable[[T], str], shown: Callable[[T], Any]) -> Response:
    """A page of a list that is in the order of its keys: `limit` items after `cursor`; the next cursor, or null."""
    limit, cursor = _limit(), request.args.get("cursor", "")
    rest = [one for one in items if not cursor or key(one) > cursor]
    more = len(rest) > limit
    taken = rest[:limit]
    return answer({"items": [shown(one) for one in taken], "next_cursor": key(taken[-1]) if more else None})


def asked(name: str) -> str:
    """A parameter that must be there. Raises InvalidInput that names it."""
    text = request.args.get(name, "")[:100]
    if not text:
        raise InvalidInput(f"parameter {name!r} is missing")
    return text


def _limit() -> int:
    text = request.args.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MOST):
        raise InvalidInput(f"limit {text[:20]!r}: expected a number from 1 to {MOST}")
    return int(text)
