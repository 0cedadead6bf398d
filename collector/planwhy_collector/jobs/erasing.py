"""Erasure of one person: everything known of the person goes, provably and for good. Query → query.

In: a person and who asks for it. Out: what went. Never: a name in what remembers the erasure. The erasure is written
into the file beside the database before the transaction ends, so that none is ever lost to a restore.
"""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from sqlalchemy.orm import Session

from planwhy_collector.backup.ledger import ledger_path, remember, remembered
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.queries.erasing import Subject, counts, erase_rows, hold, subject, touched_tables
from planwhy_collector.queries.erasures import Erasure, add_erasures, erasure_of, erasures, named_by
from planwhy_collector.queries.looks import ERASURE, NewLook, forget_words
from planwhy_collector.queries.people import employee_ids, person
from planwhy_collector.queries.users import UserFact


class Erased(Struct, frozen=True):
    """What went, by table. `scrubbed`: whether nothing of it is left in the database's files either.

    `kept_accounts`: e-mails of accounts of the person that stay, because they are not only an employee's.
    """

    counts: dict[str, int]
    scrubbed: bool
    kept_accounts: tuple[str, ...]


def what_would_go(session: Session, key: str) -> dict[str, int]:
    """Count what an erasure would take, by table. Raises NotFound."""
    return counts(session, subject(session, person(session, key).id))


def erase(database: Database, settings: Settings, key: str, by: UserFact | None, now_ms: int) -> Erased:
    """Erase a person. `by` None: the command line. Raises NotFound, and InvalidInput where nothing can remember it."""
    with database.writing() as session:
        who, gone = _erase(session, person(session, key).id, by, now_ms)
        done = erasure_of(key, now_ms, by.id if by else None, gone)
        add_erasures(session, [done])
        remember(ledger_path(settings, database), [done])
    return Erased(gone, database.scrub(touched_tables()), who.kept_accounts)


def erasing_again(database: Database, file: Path, now_ms: int) -> Callable[[Session], int]:
    """Prepare what a restore does before it keeps anything: erase whom the file, the database of now or the backup
    know as erased, and remember it in all of them.
    """
    known = known_erasures(database)

    def finish(session: Session) -> int:
        written = remembered(file)
        union = {one.person: one for one in (*known, *erasures(session), *written)}
        add_erasures(session, union.values())
        ids = employee_ids(session)
        back = named_by(union.values(), ids)
        for key in sorted(back):
            _erase(session, ids[key], None, now_ms)
        missing = union.keys() - {one.person for one in written}
        if missing:
            remember(file, [union[one] for one in sorted(missing)])
        return len(back)

    return finish


def known_erasures(database: Database) -> tuple[Erasure, ...]:
    """The erasures that a database knows."""
    with database.writing() as session:
        return erasures(session)


def _erase(session: Session, employee_id: int, by: UserFact | None, now_ms: int) -> tuple[Subject, dict[str, int]]:
    hold(session, employee_id)
    who = subject(session, employee_id)
    gone = erase_rows(session, who)
    actor = f"{by.name} <{by.email}>" if by else "command line"
    told = NewLook(now_ms, actor, by.id if by else None, employee_id, "", "admin", now_ms, now_ms, ERASURE, "")
    gone["looks"] = forget_words(session, employee_id, who.users, told)
    return who, gone
