"""Cases of the release before have a history from the first day of this one on."""

from pathlib import Path

from alembic import command
from planwhy_collector.db import Database, alembic_config
from planwhy_collector.queries.case_events import events_of
from sqlalchemy import text

CASES = """INSERT INTO cases (id, employee_id, first_day, last_day, period, opened_ms, opened_by, reason,
    detail_until_ms, conclusion, conclusion_text, concluded_by, concluded_ms) VALUES
    (7, 1, '2026-10-01', '2026-10-31', '2026-10', 5, NULL, 'rule', 9, 'none', '', 3, 8),
    (8, 1, '2026-09-01', '2026-09-30', '2026-09', 5, 2, 'Why', 9, NULL, NULL, NULL, NULL)"""


def test_what_the_rows_of_older_cases_know_becomes_their_history(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'older.sqlite3'}")
    command.upgrade(alembic_config(database.url), "0001")
    with database.writing() as session:
        session.execute(text(CASES))
    with database:
        database.upgrade()
        with database.reading() as session:
            told = [(e.kind, e.user_id, e.what, e.text, e.at_ms) for case in (7, 8) for e in events_of(session, case)]
    assert told == [
        ("opened", None, "rule", "", 5), ("concluded", 3, "none", "", 8), ("opened", 2, "hand", "Why", 5)
    ]  # fmt: skip
