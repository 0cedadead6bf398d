"""Questions to the history of tasks."""

from planwhy_collector.db import Database
from planwhy_collector.facts import TaskChangeFact
from planwhy_collector.queries.task_changes import append_changes, changes_of, tasks_given_away

MOVED = TaskChangeFact("t", 20, "deadline", old_ms=1, new_ms=None)
HANDED = TaskChangeFact("t", 10, "owner", old_owner=1, new_owner=None)


def test_changes_come_by_task_in_order_of_time_and_are_told_again_in_place(database: Database) -> None:
    with database.writing() as session:
        append_changes(session, [MOVED, HANDED, TaskChangeFact("u", 5, "closed")], 30)
        append_changes(session, [TaskChangeFact("t", 20, "deadline", old_ms=2, new_ms=3)], 40)
        found = changes_of(session, ["t", "nope"])
        assert {key: [(c.at_ms, c.old_ms, c.new_ms) for c in rows] for key, rows in found.items()} == {
            "t": [(10, None, None), (20, 2, 3)]
        }


def test_a_task_given_away_is_found_by_whoever_had_it_since(database: Database) -> None:
    with database.writing() as session:
        append_changes(session, [MOVED, HANDED], 30)
        found = [tasks_given_away(session, who, since) for who, since in ((1, 10), (1, 11), (2, 0))]
        assert found == [("t",), (), ()]
