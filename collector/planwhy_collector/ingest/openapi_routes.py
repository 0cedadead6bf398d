"""What the description of the API says of single routes beyond their docstrings. Data, no rules.

In: nothing. Out: statuses, headers and query parameters by endpoint. Never: a route of pages.
"""

from collections.abc import Mapping
from typing import Any

MOST_ITEMS = 1_000
"""Of a list on one page: the reading API's own limit, which lies above this module; a test holds them equal."""
DEVICE = ("401",)
BODY = ("400", "408", "411", "413", "415", "422")
REFUSED: Mapping[str, tuple[str, ...]] = {
    "agents.enrol_device": (*BODY, "403", "429", "503"),
    "agents.take_spans": (*DEVICE, *BODY, "409", "429", "503"),
    "agents.tell_policy": (*DEVICE, "503"),
}
"""Statuses of refusals by endpoint of an agent's route."""
READING = ("401", "403", "404", "422", "503")
"""Statuses of refusals of every route that people read."""
WORDS: Mapping[str, str] = {
    "400": "Unreadable, or cut short",
    "401": "No token or session, or one that is unknown, has run out or was revoked",
    "403": "Not for this sender: `code_refused`, `forbidden`, `purpose_required`",
    "404": "No such thing, or none that this sender may know of",
    "408": "The body did not arrive in time",
    "409": "This batch id was used before for other content",
    "411": "A body without a Content-Length is not read",
    "413": "Over 1 MiB on the wire, 8 MiB inflated, 1,000 spans, or more values than those need",
    "415": "A Content-Type or Content-Encoding that is not understood here",
    "422": "Readable, but wrong: the detail names the field",
    "429": "Too often: wait as long as Retry-After says",
    "503": "Something needed is away: wait as long as Retry-After says",
}
"""What each of these statuses means."""
WAITING = frozenset({"429", "503"})
"""Statuses that say how long to wait."""


def _query(name: str, about: str, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": required, "description": about, "schema": {"type": "string"} | schema,
    }  # fmt: skip


ENCODING: Mapping[str, Any] = {
    "name": "Content-Encoding", "in": "header", "required": False,
    "description": "How the body is compressed", "schema": {"enum": ["identity", "gzip", "zstd"]},
}  # fmt: skip
PERIOD = _query("period", "Such as 2026-10, 2026-W43 or 2026-10-01..2026-10-15", required=True, maxLength=100)
PAGE = (
    _query("limit", "Items on a page", type="integer", minimum=1, maximum=MOST_ITEMS),
    _query("cursor", "`next_cursor` of the page before"),
)
LANGUAGE = _query("lang", "Language of the summary", enum=["ru", "en"])
PARAMETERS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "agents.enrol_device": (ENCODING,),
    "agents.take_spans": (ENCODING,),
    "api.lists.employees": PAGE,
    "api.lists.teams": PAGE,
    "api.lists.plans": PAGE,
    "api.lists.case_list": PAGE,
    "api.lists.audit": PAGE,
    "api.detail.explanation": (PERIOD, LANGUAGE),
    "api.detail.quantities": (PERIOD, _query("currency", "Code of the currency of revenue")),
    "api.detail.overdue": (PERIOD, LANGUAGE, *PAGE),
    "api.detail.pace": (PERIOD,),
    "api.detail.times": (
        _query("from", "A day, or an instant in RFC 3339", required=True),
        _query("to", "A day, or an instant in RFC 3339", required=True),
        *PAGE,
    ),
    "api.detail.weekly": (
        _query("week", "Such as 2026-W43; the last whole week by default"), _query("team", "Only this team"),
    ),
    "api.objected.objection_list": (
        _query("state", "Which ones: all by default", enum=["open", "decided", "all"]), *PAGE,
    ),
    "api.paid.pay": (PERIOD,),
    "api.steps.next_step_list": (
        _query("team", "Only this team"), _query("employee", "Only this person"), _query("kind", "Only this finding"),
        *PAGE,
    ),
}  # fmt: skip
"""Parameters by endpoint, those of the path left out."""
