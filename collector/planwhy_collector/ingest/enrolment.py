"""Enrolment: a one-off code becomes a machine with a token. In: an employee, or a code. Out: code, or identity.

Never: a code or token stored in plain text, or a code that works once too often.
"""

from dataclasses import dataclass

from planwhy_shared.ids import new_code, new_token, secret_hash
from planwhy_shared.times import day_of
from planwhy_shared.wire import EnrolAnswer, EnrolledEmployee, EnrolRequest
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Person
from planwhy_collector.ingest.policy import policy_answer
from planwhy_collector.ingest.refusal import Refusal
from planwhy_collector.queries.devices import CodeFact, add_code, claim_code, devices, store_device
from planwhy_collector.queries.people import people, person, person_by_id

MOST_MINUTES = 60 * 24 * 30
MOST_DEVICES = 1000


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code, shown once."""

    code: str
    expires_ms: int


def issue_code(session: Session, employee_key: str, now_ms: int, minutes: int = 60, max_devices: int = 1) -> IssuedCode:
    """Make a code for an employee. Raises NotFound for the employee, InvalidInput for the numbers."""
    return _issued(session, person(session, employee_key), now_ms, minutes, max_devices)


def issue_for_all(
    session: Session, now_ms: int, minutes: int, team: str | None = None, enrolled_too: bool = False
) -> tuple[tuple[Person, IssuedCode], ...]:
    """Make a code for each person who has not left, of one team or of all; for one machine each.

    Whoever has a machine in use is left out unless `enrolled_too`. Raises InvalidInput for the minutes.
    """
    done = {device.employee_id for device in devices(session) if device.revoked_ms is None and not enrolled_too}
    here = (one for one in people(session, team) if not (one.left_on and one.left_on < day_of(now_ms, one.zone)))
    return tuple((one, _issued(session, one, now_ms, minutes, 1)) for one in here if one.id not in done)


def enrol(session: Session, settings: Settings, told: EnrolRequest, now_ms: int) -> EnrolAnswer:
    """Turn a code into a machine. Raises Refusal 403 for a code that is unknown, expired or used up, 422 for texts."""
    _check_texts(told)
    claimed = claim_code(session, _hashed(told.code), told.instance_id, now_ms)
    if claimed is None:
        raise Refusal(403, "code_refused", "the code is unknown, expired or used up")
    owner, token = person_by_id(session, claimed.employee_id), new_token()
    device_id = store_device(session, claimed, told, secret_hash(token), now_ms)
    answer = policy_answer(session, settings, owner, now_ms)
    return EnrolAnswer(str(device_id), token, EnrolledEmployee(owner.key, owner.name), answer.notice, answer.policy)


def _issued(session: Session, owner: Person, now_ms: int, minutes: int, max_devices: int) -> IssuedCode:
    if not 1 <= minutes <= MOST_MINUTES:
        raise InvalidInput(f"minutes: {minutes} is not between 1 and {MOST_MINUTES}")
    if not 1 <= max_devices <= MOST_DEVICES:
        raise InvalidInput(f"max-devices: {max_devices} is not between 1 and {MOST_DEVICES}")
    code, expires_ms = new_code(), now_ms + minutes * 60_000
    add_code(session, _hashed(code), CodeFact(owner.id, expires_ms, max_devices, 0), now_ms)
    return IssuedCode(code, expires_ms)


def _hashed(code: str) -> bytes:
    """Hash a code as typed: case, blanks and the dash in the middle do not matter."""
    return secret_hash("".join(c for c in code.upper() if c.isalnum()))


def _check_texts(told: EnrolRequest) -> None:
    for name in ("hostname", "os", "os_user", "agent_version", "instance_id"):
        if not str(getattr(told, name)).isprintable():
            raise Refusal(422, "invalid", f"{name} holds characters that cannot be printed")
