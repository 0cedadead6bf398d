"""Machines with an agent, their tokens and the codes that enrol them.

In: hashes, ids. Out: plain facts. Never: a token or a code in plain text.
"""

from dataclasses import dataclass
from typing import Any

from planwhy_shared.ids import new_key
from planwhy_shared.wire import EnrolRequest
from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from planwhy_collector.models import Device, DeviceToken, Employee, EnrolCode
from planwhy_collector.queries.retention import changed

TOKEN_OVERLAP_MS = 24 * 3_600_000
"""How long the old token stays valid after a machine was enrolled again."""


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """A machine as the collector knows it."""

    id: int
    employee_id: int
    employee_key: str
    employee_name: str
    time_zone: str
    hostname: str
    os: str
    os_user: str
    agent_version: str
    instance_id: str
    enrolled_ms: int
    seen_ms: int | None
    revoked_ms: int | None
    cloned_ms: int | None
    policy_tag: str | None


@dataclass(frozen=True, slots=True)
class CodeFact:
    """An enrolment code: whose, until when, for how many machines, and how many used it."""

    employee_id: int
    expires_ms: int
    max_devices: int
    used: int


@dataclass(frozen=True, slots=True)
class ClaimedCode:
    """A code that holds good: for whom, and the machine that asks, where it is known already."""

    employee_id: int
    code_hash: bytes
    device_id: int | None


_FIELDS: tuple[Any, ...] = (
    Device.id, Device.employee_id, Employee.key, Employee.name, Employee.time_zone, Device.hostname, Device.os,
    Device.os_user, Device.agent_version, Device.instance_id, Device.enrolled_ms, Device.seen_ms, Device.revoked_ms,
    Device.cloned_ms, Device.policy_tag,
)  # fmt: skip
_BY_TOKEN = (
    select(*_FIELDS)
    .join(Employee, Employee.id == Device.employee_id)
    .join(DeviceToken, DeviceToken.device_id == Device.id)
    .where(DeviceToken.token_hash == bindparam("hash"))
    .where(or_(DeviceToken.expires_ms.is_(None), DeviceToken.expires_ms > bindparam("now")))
)


def device_by_token(session: Session, token_hash: bytes, now_ms: int) -> DeviceFact | None:
    """Find the machine whose token this is, revoked ones too; None for unknown and expired tokens."""
    found = session.connection().execute(_BY_TOKEN, {"hash": token_hash, "now": now_ms}).first()
    return DeviceFact(*found) if found else None


def devices(session: Session, employee_id: int | None = None) -> tuple[DeviceFact, ...]:
    """List machines by employee, then host name; of one employee or of all."""
    query = select(*_FIELDS).join(Employee, Employee.id == Device.employee_id)
    if employee_id is not None:
        query = query.where(Device.employee_id == employee_id)
    return tuple(DeviceFact(*row) for row in session.execute(query.order_by(Employee.key, Device.hostname)))


def revoke_device(session: Session, device_id: int, now_ms: int) -> bool:
    """Refuse a machine from now on; False where there is none or it was revoked before. Its spans stay."""
    change = update(Device).where(Device.id == device_id, Device.revoked_ms.is_(None)).values(revoked_ms=now_ms)
    return bool(session.execute(change.returning(Device.id)).all())


def note_policy(session: Session, device_id: int, tag: str | None) -> None:
    """Note which policy a machine said to have."""
    session.execute(update(Device).where(Device.id == device_id).values(policy_tag=tag))


def add_code(session: Session, code_hash: bytes, code: CodeFact, now_ms: int) -> None:
    """Store an enrolment code, as a hash."""
    session.add(
        EnrolCode(
            code_hash=code_hash,
            employee_id=code.employee_id,
            created_ms=now_ms,
            expires_ms=code.expires_ms,
            max_devices=code.max_devices,
            used=0,
        )
    )
    session.flush()


def claim_code(session: Session, code_hash: bytes, instance_id: str, now_ms: int) -> ClaimedCode | None:
    """Use a code once more, in the caller's transaction; None where it is unknown, expired or used up.

    An installation that this very code enrolled, and that nobody has revoked since, does not count again.
    """
    row = session.scalar(select(EnrolCode).where(EnrolCode.code_hash == code_hash).with_for_update())
    if row is None or row.expires_ms <= now_ms:
        return None
    device_id = _enrolled(session, row.employee_id, instance_id)
    if device_id is None or not _given_for(session, device_id, code_hash):
        if row.used >= row.max_devices:
            return None
        row.used += 1
        session.flush()
    return ClaimedCode(row.employee_id, code_hash, device_id)


def store_device(session: Session, claimed: ClaimedCode, told: EnrolRequest, token_hash: bytes, now_ms: int) -> int:
    """Enrol a machine, or enrol it again with a new token while the old one runs out; its id."""
    device = session.get(Device, claimed.device_id) if claimed.device_id is not None else None
    if device is None:
        device = Device(id=new_key(), employee_id=claimed.employee_id, instance_id=told.instance_id)
        device.enrolled_ms = now_ms
        session.add(device)
    device.hostname, device.os, device.os_user = told.hostname, told.os, told.os_user
    device.agent_version = told.agent_version
    session.flush()
    old = update(DeviceToken).where(DeviceToken.device_id == device.id, DeviceToken.expires_ms.is_(None))
    session.execute(old.values(expires_ms=now_ms + TOKEN_OVERLAP_MS))
    session.add(DeviceToken(token_hash=token_hash, device_id=device.id, created_ms=now_ms, code_hash=claimed.code_hash))
    session.flush()
    return device.id


def _enrolled(session: Session, employee_id: int, instance_id: str) -> int | None:
    """Find the machine that an installation of this employee is known as; one that was revoked stays revoked."""
    query = select(Device.id).where(Device.employee_id == employee_id, Device.instance_id == instance_id)
    return session.scalar(query.where(Device.revoked_ms.is_(None)))


def _given_for(session: Session, device_id: int, code_hash: bytes) -> bool:
    query = select(DeviceToken.device_id).where(DeviceToken.device_id == device_id, DeviceToken.code_hash == code_hash)
    return session.scalar(query.limit(1)) is not None


def forget_expired(session: Session, now_ms: int) -> int:
    """Delete codes and tokens that ran out; how many."""
    codes = changed(session, delete(EnrolCode).where(EnrolCode.expires_ms <= now_ms))
    return codes + changed(session, delete(DeviceToken).where(DeviceToken.expires_ms <= now_ms))
