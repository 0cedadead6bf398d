"""Machines with an agent, their tokens, and the codes that enrol them."""

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class Device(Base):
    """One signed-in user's agent on one machine. It belongs to the same employee for good.

    `cloned_ms` says when it was first noticed that two machines send with its token. `policy_tag` is what it last
    said to have in force, as the tag of an answer to its question for the policy.
    """

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    instance_id: Mapped[str] = mapped_column(Text)
    hostname: Mapped[str] = mapped_column(Text)
    os: Mapped[str] = mapped_column(Text)
    os_user: Mapped[str] = mapped_column(Text)
    agent_version: Mapped[str] = mapped_column(Text)
    enrolled_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[int | None] = mapped_column(BigInteger)
    revoked_ms: Mapped[int | None] = mapped_column(BigInteger)
    cloned_ms: Mapped[int | None] = mapped_column(BigInteger)
    policy_tag: Mapped[str | None] = mapped_column(Text)


class DeviceToken(Base):
    """A device's bearer token, as a hash. Two may be valid at once while one replaces the other.

    `code_hash` is the code it was given for, so that an agent whose answer was lost may ask with that code again.
    """

    __tablename__ = "device_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), index=True)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int | None] = mapped_column(BigInteger)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class EnrolCode(Base):
    """A short-lived code bound to an employee; one-off unless it states a larger cap."""

    __tablename__ = "enrol_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    max_devices: Mapped[int] = mapped_column(Integer, default=1)
    used: Mapped[int] = mapped_column(Integer, default=0)
