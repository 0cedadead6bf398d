"""The log of looks shows when it was changed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from planwhy_collector.queries.looks import NewLook, append_look, verify_chain
from signed_in import Site
from sqlalchemy import text

LOOK = NewLook(1, "Lead", 1, 2, "timeline", "grant", 3, 4, "security", "a reason — long enough")


def fill(place: Site, rows: int = 5) -> None:
    with place.database.writing() as session:
        for _ in range(rows):
            append_look(session, LOOK)


def test_an_untouched_log_holds(place: Site) -> None:
    fill(place)
    with place.database.reading() as session:
        chain = verify_chain(session)
    assert chain.holds and chain.rows == 5


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE looks SET reason = 'other' WHERE seq = 3", 3),
        ("UPDATE looks SET at_ms = 9 WHERE seq = 1", 1),
        ("UPDATE looks SET actor_id = NULL WHERE seq = 5", 5),
        ("DELETE FROM looks WHERE seq = 2", 3),
        ("UPDATE looks SET digest = previous WHERE seq = 4", 4),
    ],
)
def test_a_change_or_removal_is_found_where_it_is(place: Site, change: str, broken_at: int) -> None:
    fill(place)
    with place.database.writing() as session:
        session.execute(text(change))
    with place.database.reading() as session:
        assert verify_chain(session).broken_at == broken_at


def test_looks_written_at_once_stand_in_one_chain(place: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fill(place, 3), range(8)))
    with place.database.reading() as session:
        chain = verify_chain(session)
    assert chain.holds and chain.rows == 24
