"""Simulated next steps: most of what is open has one, none has run out, and no month knows of them."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest
from planwhy_collector.simulate.history import History, history
from planwhy_collector.simulate.month import client_ids
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.roster import roster
from planwhy_shared.times import day_bounds

LAST = date(2026, 11, 18)


@pytest.fixture(scope="module")
def people() -> list[History]:
    return [history(member, Order(5, 75, 3, LAST)) for member in roster(5, 3)]


def test_most_clients_and_open_deals_have_a_next_step_and_some_have_none(people: list[History]) -> None:
    covered = {(task.entity_type, task.entity_id) for one in people for task in one.ahead.tasks}
    deals = {("deal", d.id) for one in people for d in one.months[-1].deals if d.outcome == "open"}
    clients = {("client", client) for one in people for client in client_ids(one.member)}
    for owed in (deals, clients):
        assert 0.6 * len(owed) < len(owed & covered) < len(owed)


def test_no_step_has_run_out_as_the_days_end_and_a_few_have_no_deadline(people: list[History]) -> None:
    tasks = [task for one in people for task in one.ahead.tasks]
    end_ms = max(day_bounds(LAST, one.member.person.zone).end_ms for one in people)
    assert all(t.created_ms < end_ms and (t.deadline_ms is None or t.deadline_ms > end_ms) for t in tasks)
    assert 0 < sum(t.deadline_ms is None for t in tasks) < 0.1 * len(tasks)


def test_a_few_deadlines_were_moved_several_times_before_they_ran_out(people: list[History]) -> None:
    zones = {task.id: one.member.person.zone for one in people for task in one.ahead.tasks}
    moved = defaultdict(list)
    for move in (move for one in people for move in one.ahead.moves):
        moved[move.task_id].append(move)
        assert move.at_ms < day_bounds(move.old, zones[move.task_id]).end_ms
    assert 0 < len(moved) < 0.1 * len(zones)
    for moves in moved.values():
        assert len(moves) in (3, 4)
        assert all(a.new == b.old and a.at_ms < b.at_ms for a, b in pairwise(moves))


def test_the_truth_of_the_months_knows_nothing_of_next_steps(people: list[History]) -> None:
    judged = {task for one in people for month in one.truth for task in month.overdue}
    assert judged
    assert judged.isdisjoint(task.id for one in people for task in one.ahead.tasks)


def test_the_step_of_a_deal_follows_its_last_talk(people: list[History]) -> None:
    for one in people:
        talked = {c.deal_id: c.at_ms for month in one.months for c in month.contacts if c.deal_id}
        moved = {move.task_id for move in one.ahead.moves}
        steps = [t for t in one.ahead.tasks if t.entity_type == "deal" and t.id not in moved]
        assert steps
        assert all(t.created_ms >= talked[t.entity_id] for t in steps)
