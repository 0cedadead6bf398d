"""One row typed by hand, with the same checks and consequences as in a file. In: its cells. Out: what was stored.

Never: a check of its own.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from planwhy_collector.csvimport.rows import RawTable, Row
from planwhy_collector.csvimport.store import Stored, store
from planwhy_collector.csvimport.tables import TABLES, People, parse_table
from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries.people import employee_ids, zones


def store_row(session: Session, file: str, cells: Mapping[str, str], now_ms: int) -> Stored:
    """Store a row as if it stood in that file alone; columns left out are empty.

    Raises InvalidInput that names each column with what is wrong.
    """
    table = next(one for one in TABLES if one.file == file)
    people = People(employee_ids(session), zones(session))
    row = Row(0, {name: cell.strip() for name, cell in cells.items()})
    lines, errors = parse_table(table, RawTable(file, (row,), (), ()), people)
    if errors:
        raise InvalidInput("; ".join(f"{error.column}: {error.reason}" for error in errors))
    return store(session, {file: tuple(line.fact for line in lines)}, people.ids, now_ms)
