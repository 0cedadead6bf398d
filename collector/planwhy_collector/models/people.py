"""Teams, employees, and the users who sign in."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, LargeBinary, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from planwhy_collector.models.base import Base


class Team(Base):
    """A team; its name is what imports and reports call it by."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, unique=True)


class Employee(Base):
    """A person whose plan is explained. `key` is the id that imports and the API use.

    `team_id` is the team that the record named last; where there are memberships, they say who is where.
    """

    __tablename__ = "employees"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    supervisor_email: Mapped[str | None] = mapped_column(Text, index=True)
    position: Mapped[str] = mapped_column(Text, default="")
    time_zone: Mapped[str] = mapped_column(Text, default="UTC")
    working_hours: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text, default="")
    crm_user_id: Mapped[str | None] = mapped_column(Text)
    hired_on: Mapped[date | None] = mapped_column()
    left_on: Mapped[date | None] = mapped_column()


class Membership(Base):
    """The team of a person from a day on, until the next such row. `team_id` None: no team.

    Rows stay: what is told of a past period depends on them.
    """

    __tablename__ = "memberships"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class CalendarException(Base):
    """Other working hours for some days than the usual ones: part time, a moved holiday, an extra working Saturday.

    `employee_id` 0: everybody. `working_hours` "": free days. `last_day` None: until further notice. Rows stay: the
    expected hours of past periods depend on them. Nothing in them is recorded by a machine.
    """

    __tablename__ = "calendar_exceptions"

    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date | None] = mapped_column()
    working_hours: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")


class TeamThresholds(Base):
    """From when on a team's missed plan is a case; None takes the setting."""

    __tablename__ = "team_thresholds"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    miss_share: Mapped[float | None] = mapped_column(Float)
    miss_overdue_tasks: Mapped[int | None] = mapped_column(Integer)
    miss_overdue_hours: Mapped[float | None] = mapped_column(Float)
    pace_share: Mapped[float | None] = mapped_column(Float)
    pace_after: Mapped[float | None] = mapped_column(Float)


class User(Base):
    """Someone who signs in. `employee_id` opens the own page; supervision follows from `supervisor_email`."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))  # employee, supervisor, admin, council
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    password_hash: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str | None] = mapped_column(String(8))
    created_ms: Mapped[int] = mapped_column(BigInteger)
    disabled_ms: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())


class SentMail(Base):
    """A mail of a day for an account, claimed before it is sent so that it goes out at most once; kept for 90 days.

    `kind` is `digest`, or `digest_refused` where the mail server took it for good as none to deliver. A digest that
    had nothing to say is claimed too, so that it is not looked for again that day.
    """

    __tablename__ = "sent_mails"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)


class SignInLink(Base):
    """A one-off link that signs a user in; only its hash is stored."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    used_ms: Mapped[int | None] = mapped_column(BigInteger)


class UserSession(Base):
    """A signed-in browser; only the hash of its cookie is stored, so that it can be ended here."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    seen_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)


class ApiToken(Base):
    """A personal token for the reading API: the same rights as its user; only its hash is stored."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str] = mapped_column(Text)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int | None] = mapped_column(BigInteger)
