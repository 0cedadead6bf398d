"""Who runs which tick of which job. In: a claim. Out: yes or no. Never: two owners of one tick at a time."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from planwhy_collector.models import JobRun
from planwhy_collector.queries.upsert import inserting


@dataclass(frozen=True, slots=True)
class RunFact:
    """A tick: which, how it ended (`running`, `done`, `failed`), how often it was begun, and what went wrong."""

    job: str
    slot_ms: int
    status: str
    attempts: int
    error: str | None


def claim(session: Session, job: str, slot_ms: int, owner: str, now_ms: int, lease_ms: int) -> bool:
    """Claim a tick, or take over one whose lease ran out without an end; whether it is the owner's now."""
    first = inserting(session, JobRun).values(
        job=job, slot_ms=slot_ms, owner=owner, lease_until_ms=now_ms + lease_ms, attempts=1, status="running"
    )
    if session.execute(first.on_conflict_do_nothing().returning(JobRun.job)).first():
        return True
    over = (
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot_ms == slot_ms)
        .where(JobRun.status == "running", JobRun.lease_until_ms < now_ms)
        .values(owner=owner, lease_until_ms=now_ms + lease_ms, attempts=JobRun.attempts + 1)
    )
    return bool(session.execute(over.returning(JobRun.job)).first())


def is_free(session: Session, job: str, slot_ms: int, now_ms: int) -> bool:
    """Whether a tick may be claimed: nobody has, or its owner's lease ran out. Takes no lock."""
    row = session.get(JobRun, (job, slot_ms))
    return row is None or (row.status == "running" and row.lease_until_ms < now_ms)


def last_runs(session: Session) -> tuple[RunFact, ...]:
    """The newest tick of each job."""
    newest = select(JobRun.job, func.max(JobRun.slot_ms).label("slot_ms")).group_by(JobRun.job).subquery()
    same = (JobRun.job == newest.c.job) & (JobRun.slot_ms == newest.c.slot_ms)
    rows = session.execute(
        select(JobRun.job, JobRun.slot_ms, JobRun.status, JobRun.attempts, JobRun.error).join(newest, same)
    )
    return tuple(RunFact(*row) for row in rows)


def finish(session: Session, job: str, slot_ms: int, owner: str, fault: str | None) -> None:
    """End a tick, done or failed; nothing changes where another owner has taken it over."""
    session.execute(
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot_ms == slot_ms, JobRun.owner == owner)
        .values(status="failed" if fault else "done", error=fault)
    )


def forget_runs(session: Session, before_ms: int) -> int:
    """Delete the record of ticks before an instant; how many."""
    gone = delete(JobRun).where(JobRun.slot_ms < before_ms).returning(JobRun.job)
    return len(session.execute(gone).all())
