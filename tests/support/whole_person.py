"""One person in every table that can hold something of anyone, with planted words to be looked for after an erasure."""

from datetime import date
from pathlib import Path

from activity_rows import at, enrol, hire, record
from crm_rows import away, changed, clients, deal, letters, plan, task
from planwhy_collector.classify.contexts import context_id
from planwhy_collector.db import Database
from planwhy_collector.facts import Context, EmployeeRecord, Person
from planwhy_collector.jobs.settle import settle
from planwhy_collector.models import (
    ApiToken,
    Base,
    BatchRow,
    Case,
    CaseEvent,
    Comment,
    ContextRow,
    Device,
    DeviceToken,
    EnrolCode,
    Epoch,
    GapRow,
    Grant,
    Membership,
    ObjectionRow,
    PayScheme,
    PlanChange,
    RecordingRow,
    RejudgedRow,
    RuleEvent,
    SentMail,
    SeqRange,
    SignInLink,
    SpanRow,
    Team,
    UserSession,
    VerdictRow,
)  # fmt: skip
from planwhy_collector.queries.blocks import StoredSpan
from planwhy_collector.queries.looks import NewLook, append_look
from planwhy_collector.queries.people import add_employee, person
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.spans import store_spans
from planwhy_collector.queries.users import add_user
from sqlalchemy import select, update
from staff_rows import other_hours

KEY, NAME, EMAIL, HOST = "planted-key", "Planted Name", "planted@example.test", "planted-host"
TITLE, SHARED = "Planted title of one person", "A title that two people saw"
PLANTED = ("planted", "Planted")
NOW = at("2026-11-02 12:00")
SIGNED = f"{NAME} <{EMAIL}>"


def planted(database: Database) -> tuple[Person, Person]:
    """The person to be erased and a colleague of the same team, both with a full life."""
    with database.writing() as session:
        more = {"time_zone": "Europe/Moscow", "team": "North", "supervisor_email": "lead@example.test"}
        add_employee(session, EmployeeRecord(KEY, NAME, email=EMAIL, position="Planted position", **more))
        who = person(session, KEY)
    colleague = hire(database, "e2", team="North", supervisor_email=EMAIL)
    for one in (who, colleague):
        live(database, one)
    decided(database, who, colleague)
    signed(database, who, colleague)
    settle(database, NOW)
    with database.writing() as session:  # as within a change of rules, which settling ends
        own = session.scalars(select(ContextRow.id).where(ContextRow.title == TITLE)).one()
        session.add(RejudgedRow(context_id=own, profile="", step_ms=1, old="", new=""))
    return who, colleague


def live(database: Database, who: Person) -> None:
    """Machines, time, titles, deals, tasks, contacts, plans, absences."""
    device = enrol(database, who)
    record(database, who, device, [
        ("2026-10-05 09:00", "2026-10-05 10:00", "active", "https://acme.bitrix24.ru/crm/deal/details/7/"),
        ("2026-10-05 10:00", "2026-10-05 11:00", "active", "https://hh.ru/"),
        ("2026-10-05 11:00", "2026-10-05 12:00", "idle", None),
    ])  # fmt: skip
    own = who.key == KEY
    with database.writing() as session:
        session.execute(update(Device).where(Device.id == device).values(hostname=HOST if own else "other"))
        key = secret(session, "context")
        for at_s, title in enumerate([SHARED, TITLE if own else "Other title"]):
            found = Context("chrome.exe", None, None, title)
            number = context_id(key, found)
            session.merge(ContextRow(id=number, app="chrome.exe", title=title, seen_day=1))
            start = at("2026-10-05 12:00") + at_s * 60_000
            store_spans(session, device, 1, {0: [StoredSpan(start, start + 60_000, 9_000 + at_s, number, 0, 0, 0)]})
            row = {"epoch_no": 0, "seq": at_s, "context_id": number, "state": 0, "track": 0, "source": 0, "mark": 0}
            session.add(SpanRow(device_id=device, start_ms=start, end_ms=start + 1, **row))
            session.merge(VerdictRow(context_id=number, profile="", label="", category="", area="", entity_type="",
                                     entity_id="", rule="", version="0"))  # fmt: skip
        session.add_all([
            Epoch(device_id=device, epoch_no=1, epoch=f"{who.key}-epoch", first_ms=1),
            SeqRange(device_id=device, epoch_no=1, first_seq=1, last_seq=2),
            BatchRow(device_id=device, batch_id=f"{who.key}-b", digest=bytes(32), received_ms=1, receipt=b"{}"),
            GapRow(device_id=device, batch_id=f"{who.key}-b", ordinal=0, from_ms=0, to_ms=1, count=1, reason="evicted"),
            DeviceToken(token_hash=bytes([device % 256]) * 32, device_id=device, created_ms=1),
            EnrolCode(code_hash=bytes([100 + device % 100]) * 32, employee_id=who.id, created_ms=1, expires_ms=9**15),
        ])  # fmt: skip
        team = session.scalar(select(Team.id))
        session.merge(Membership(employee_id=who.id, since=date(2026, 1, 1), team_id=team))
    deal(database, who, f"{who.key}-deal".replace("planted-key", "d1"), won="2026-10-06 12:00")
    clients(database, who, "c1" if own else "c2")
    task(database, who, f"{who.key}-task", "2026-10-01 09:00", "2026-10-06 12:00")
    changed(database, f"{who.key}-task", "2026-10-02 09:00", "deadline", old="2026-10-05 12:00", new="2026-10-06 12:00")
    letters(database, who, None, "2026-10-05 09:30", task_id=f"{who.key}-task")
    plan(database, who, "2026-10", 12.0, attendance=0.9, focus=0.8)
    away(database, who, "2026-10-20", "2026-10-21")
    other_hours(database, who, "2026-10-22", None, "Mon-Fri 10:00-12:00")


def decided(database: Database, who: Person, colleague: Person) -> None:
    """A case with all that belongs to it, a grant, changes of plans, tasks that both had in hands."""
    task(database, colleague, "t-handed-on", "2026-10-01 09:00", "2026-10-06 12:00")
    changed(database, "t-handed-on", "2026-10-03 09:00", "owner", old=who, new=colleague)
    task(database, who, "t-taken-over", "2026-10-01 09:00", "2026-10-06 12:00")
    changed(database, "t-taken-over", "2026-10-07 09:00", "owner", old=colleague, new=who)
    task(database, who, "t-written-about", "2026-10-01 09:00", "2026-10-06 12:00")
    letters(database, colleague, None, "2026-10-05 09:40", task_id="t-written-about")
    days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31)}
    with database.writing() as session:
        session.add_all([
            Case(id=1, employee_id=who.id, period="2026-10", opened_ms=1, reason=NAME, detail_until_ms=2, **days),
            CaseEvent(id=1, case_id=1, at_ms=1, kind="opened", text=f"about {NAME}"),
            Comment(id=1, employee_id=who.id, case_id=1, user_id=5, at_ms=1, text=f"said {NAME}"),
            Grant(id=1, user_id=5, employee_id=who.id, purpose="person_asked", reason=NAME, from_ms=0, to_ms=1,
                  granted_ms=0, expires_ms=1),
            PlanChange(employee_id=who.id, metric="contracts", at_ms=1, old_target=1, new_target=2, changed_by="x",
                       reason=NAME, **days),
        ])  # fmt: skip


def signed(database: Database, who: Person, colleague: Person) -> None:
    """The person's account, what it signed, and looks at and by the person."""
    with database.writing() as session:
        user = add_user(session, EMAIL, NAME, "employee", who.id, 0, password_hash="planted-hash")
        session.add_all([
            SignInLink(token_hash=b"l" * 32, user_id=user, expires_ms=9**15),
            UserSession(token_hash=b"s" * 32, user_id=user, created_ms=0, seen_ms=0, expires_ms=9**15),
            ApiToken(token_hash=b"t" * 32, user_id=user, label="planted token", created_ms=0),
            SentMail(kind="digest", user_id=user, day=date(2026, 10, 5), at_ms=1),
            PlanChange(employee_id=colleague.id, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31), at_ms=1,
                       metric="contracts", old_target=1, new_target=2, changed_by=SIGNED, reason="x"),
            RecordingRow(applied_ms=1, body="", applied_by=SIGNED, asked="{}"),
            RuleEvent(at_ms=1, version="v", changed_by=SIGNED, kind="decided", note="host a.example"),
            ObjectionRow(id=1, employee_id=who.id, user_id=user, at_ms=1, kind="host", subject="a.example",
                         label="non_work", category="shopping", area="", rule="H-a.example", text=f"said {NAME}"),
            PayScheme(since=date(2026, 1, 1), body="x", applied_ms=1, applied_by=SIGNED),
        ])  # fmt: skip
        for actor, actor_id, whom, reason in (
            ("Lead <lead@example.test>", 5, who.id, f"why is {NAME} late"),
            ("Lead <lead@example.test>", 5, colleague.id, "why is the colleague late"),
            (SIGNED, user, colleague.id, "helping out the colleague"),
        ):
            append_look(session, NewLook(1, actor, actor_id, whom, "timeline", "grant", 0, 1, "person_asked", reason))


def traces(database: Database) -> list[str]:
    """Every row that still holds a planted word."""
    with database.reading() as session:
        found = []
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                if any(word in repr(tuple(row)) for word in PLANTED):
                    found.append(f"{table.name}: {tuple(row)}")
    return found


def bytes_of(database: Database) -> bytes:
    """All files of an embedded database."""
    beside = (Path(f"{database.path}{end}") for end in ("", "-wal", "-shm", "-journal"))
    return b"".join(path.read_bytes() for path in beside if path.exists())
