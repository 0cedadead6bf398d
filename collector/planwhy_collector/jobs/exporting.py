"""Everything known of one person as a file for that person: a zip with a file of JSON lines for each table.

In: a person and who asks. Out: the archive. Never: a file handed out before the look is written down; a secret in it.
"""

import zipfile
from dataclasses import replace
from typing import BinaryIO

import msgspec
from planwhy_shared.times import Interval, day_bounds
from sqlalchemy.orm import Session

from planwhy_collector.facts import Person
from planwhy_collector.gate import open_everything, record_look
from planwhy_collector.queries.erasing import subject
from planwhy_collector.queries.exporting import first_day_of, tables_about
from planwhy_collector.queries.users import UserFact

LOOK = "export"
ABOUT = """All that this Planwhy holds of one person. Each file is a table, each line a row (JSON).
Fields named *_ms are milliseconds since 1970-01-01 UTC. timeline.jsonl shows spans with what was in front; those of the
track "open" say what was open beside it, and in how many windows or tabs. They count as no time.
Left out: hashes of passwords, tokens and codes.
"""


def export(
    session: Session, target: BinaryIO, user: UserFact, person: Person, reason: str, now_ms: int, *, cli: bool
) -> None:
    """Write the archive, after the look, in the caller's transaction; on the command line one's own, too, is a look.

    Raises NotFound and InvalidInput like the gate.
    """
    first = first_day_of(session, person.id)
    bounds = Interval(day_bounds(first, person.zone).start_ms if first else now_ms, now_ms)
    opening = open_everything(user, person, reason, bounds)
    if cli and opening.via == "self":
        opening = replace(opening, via="cli")
    record_look(session, user, person, LOOK, opening, bounds, now_ms)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", ABOUT)
        for table, rows in tables_about(session, subject(session, person.id)):
            with archive.open(f"{table}.jsonl", "w", force_zip64=True) as member:
                for row in rows:
                    member.write(msgspec.json.encode(row) + b"\n")
