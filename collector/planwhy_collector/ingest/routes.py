"""Stage 6: the routes of agents. In: requests. Out: answers of the contract. Never: SQL, or a decision about spans."""

from zoneinfo import ZoneInfo

import msgspec
from flask import Blueprint, Response, request
from planwhy_shared.ids import secret_hash
from planwhy_shared.wire import EnrolRequest, PolicyAnswer

from planwhy_collector.errors import NotFound
from planwhy_collector.ingest.batch import CheckedBatch, check_batch
from planwhy_collector.ingest.body import announced_length, read_body
from planwhy_collector.ingest.enrolment import enrol
from planwhy_collector.ingest.pace import paces
from planwhy_collector.ingest.policy import policy_answer, tag_of, versions, with_looks
from planwhy_collector.ingest.refusal import Refusal
from planwhy_collector.queries.devices import DeviceFact, device_by_token, note_policy
from planwhy_collector.queries.ingest import BatchConflict, DeviceGone, NewBatch, store_batch
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.services import services

LATE = "planwhy.late"
"""In the environment of a request whose body missed the server's deadline."""

PATHS = ("/api/v1/spans", "/api/v1/enrol", "/api/v1/agent/")
"""Beginnings of the paths below: what is kept apart for agents serves these."""

MOST_TAG = 64

agents = Blueprint("agents", __name__, url_prefix="/api/v1")


@agents.post("/enrol")
def enrol_device() -> Response:
    """Role: anyone with a valid code. A code becomes a device with a token."""
    now_ms, address = services().now_ms(), request.remote_addr or ""
    _keep_pace(paces().refused_codes.wait_s(address, now_ms))
    told = _decode(_body(), EnrolRequest)
    try:
        with services().for_agents.writing() as session:
            return _json(enrol(session, services().settings, told, now_ms), 201)
    except Refusal:
        paces().refused_codes.take(address, now_ms)
        raise


@agents.post("/spans")
def take_spans() -> Response:
    """Role: device. A batch is stored and answered with a receipt, after the commit."""
    now_ms = services().now_ms()
    length = announced_length(request.headers.get("Content-Length"))
    device = _device(now_ms)
    _keep_pace(paces().device.take(str(device.id), now_ms))
    batch = check_batch(_body(length), now_ms)
    try:
        version = versions().of(device.employee_id, now_ms, lambda: _policy(device, now_ms))
        with services().for_agents.writing() as session:
            receipt = store_batch(session, _new_batch(device, batch, version), now_ms)
    except (DeviceGone, NotFound):
        raise Refusal(401, "unauthorised", "the device is no longer known") from None
    except BatchConflict:
        raise Refusal(409, "batch_conflict", "this batch_id was used before for other content") from None
    services().meters.stored(receipt, batch.gaps)
    return _json(receipt)


@agents.get("/agent/policy")
def tell_policy() -> Response:
    """Role: device. What to record and who looked lately, with an ETag over both."""
    now_ms = services().now_ms()
    device = _device(now_ms)
    with services().for_agents.reading() as session:
        person = person_by_id(session, device.employee_id)
        answer = with_looks(session, policy_answer(session, services().settings, person, now_ms), person, now_ms)
    _note_tag(device)
    response = _json(answer)
    response.set_etag(tag_of(answer))
    response.make_conditional(request)
    return response


def _note_tag(device: DeviceFact) -> None:
    """Note which policy a machine has, where it is another than the last time: it shows who stays behind."""
    tag = next(iter(request.if_none_match.as_set()), None)
    known = tag[:MOST_TAG] if tag else None
    if known is not None and known != device.policy_tag:
        with services().for_agents.writing() as session:
            note_policy(session, device.id, known)


def _device(now_ms: int) -> DeviceFact:
    """The machine that asks. Raises Refusal 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(401, "unauthorised", "a device token is required: Authorization: Bearer TOKEN")
    with services().for_agents.reading() as session:
        device = device_by_token(session, secret_hash(token), now_ms)
    if device is None:
        raise Refusal(401, "unauthorised", "the device token is unknown or expired")
    if device.revoked_ms is not None:
        raise Refusal(401, "revoked", "this device was revoked")
    return device


def _keep_pace(wait_s: int) -> None:
    if wait_s:
        raise Refusal(429, "too_many_requests", f"wait {wait_s} s", retry_after_s=wait_s)


def _body(length: int | None = None) -> bytes:
    if request.mimetype != "application/json":
        raise Refusal(415, "unsupported_type", "Content-Type is application/json")
    size = announced_length(request.headers.get("Content-Length")) if length is None else length
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    return read_body(request.environ["wsgi.input"], size, encoding, late=request.environ.get(LATE, False))


def _decode(body: bytes, kind: type[EnrolRequest]) -> EnrolRequest:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refusal(422, "invalid", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "unreadable", f"the body is not JSON: {error}") from None


def _policy(device: DeviceFact, now_ms: int) -> PolicyAnswer:
    with services().for_agents.reading() as session:
        return policy_answer(session, services().settings, person_by_id(session, device.employee_id), now_ms)


def _new_batch(device: DeviceFact, batch: CheckedBatch, policy_version: str) -> NewBatch:
    return NewBatch(
        device_id=device.id,
        employee_id=device.employee_id,
        zone=ZoneInfo(device.time_zone),
        batch_id=batch.batch_id,
        epoch=batch.epoch,
        digest=batch.digest,
        spans=batch.spans,
        gaps=batch.gaps,
        rejected=batch.rejected,
        repeated=batch.repeated,
        ignored_fields=batch.ignored_fields,
        policy_version=policy_version,
    )


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, content_type="application/json")
