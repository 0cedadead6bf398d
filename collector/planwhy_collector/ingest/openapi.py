"""The description of the API, made from the application itself. In: its routes and the wire format. Out: OpenAPI 3.1.

Agents' routes carry the schemas of the wire format; every other route under /api says what its docstring says, and
`openapi_routes` adds statuses and parameters.
SpecTree is not used: it reads bodies before the limits on them are checked.
"""

import re
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app
from planwhy_shared import __version__
from planwhy_shared.wire import Batch, EnrolAnswer, EnrolRequest, Failure, PolicyAnswer, Receipt
from werkzeug.routing import Rule

from planwhy_collector.ingest.openapi_routes import PARAMETERS, READING, REFUSED, WAITING, WORDS

openapi = Blueprint("openapi", __name__)
_ANY: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
REF = "#/components/schemas/{name}"
_CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_BODIES: dict[str, tuple[type[msgspec.Struct] | None, str, type[msgspec.Struct]]] = {
    "agents.enrol_device": (EnrolRequest, "201", EnrolAnswer),
    "agents.take_spans": (Batch, "200", Receipt),
    "agents.tell_policy": (None, "200", PolicyAnswer),
}
_WIRE = (Batch, EnrolAnswer, EnrolRequest, Failure, PolicyAnswer, Receipt)


@openapi.get("/api/openapi.json")
def tell_api() -> Response:
    """Role: public. The description of this API."""
    return Response(msgspec.json.encode(described(current_app)), content_type="application/json")


def described(app: Flask) -> dict[str, Any]:
    """Describe every route under /api as an OpenAPI document."""
    _, schemas = msgspec.json.schema_components(_WIRE, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.rule.startswith("/api/"):
            path = paths.setdefault(_CONVERTER.sub(r"{\1}", rule.rule), {})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path[method.lower()] = _operation(app, rule)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Planwhy", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(app: Flask, rule: Rule) -> dict[str, Any]:
    text = " ".join((app.view_functions[rule.endpoint].__doc__ or "").split())
    taken, status, given = _BODIES.get(rule.endpoint, (None, "200", None))
    operation: dict[str, Any] = {
        "operationId": rule.endpoint,
        "summary": text,
        "responses": {
            status: {"description": "Done", "content": _json(given) if given else _ANY},
            **_refusals(rule.endpoint),
        },
    }
    if rule.endpoint == "agents.tell_policy":
        operation["responses"]["304"] = {"description": "As the ETag in If-None-Match says already"}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in sorted(rule.arguments)
    ]
    if parameters := [*in_path, *PARAMETERS.get(rule.endpoint, ())]:
        operation["parameters"] = parameters
    if taken:
        operation["requestBody"] = {"required": True, "content": _json(taken)}
    if "Role: public" not in text and "valid code" not in text:
        operation["security"] = [{"bearer": []}]
    return operation


def _refusals(endpoint: str) -> dict[str, Any]:
    """Every status that a route refuses with, and in what shape."""
    public = endpoint == "openapi.tell_api"
    told: dict[str, Any] = {"default": {"description": "Refused", "content": _json(Failure)}}
    for status in () if public else REFUSED.get(endpoint, READING):
        told[status] = {"description": WORDS[status], "content": _json(Failure)}
        if status in WAITING:
            told[status]["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 0}}}
    return told


def _json(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(name=kind.__name__)}}}
