"""Clients in care: counted by day, averaged over working days, added up over working time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.facts import ClientFact
from planwhy_collector.plan.care import care_hours, in_care, mean_in_care
from planwhy_shared.times import HOUR_MS

MONDAY = date(2026, 10, 5)
WEEK = [MONDAY + timedelta(days=n) for n in range(5)]


def client(since: date | None = None, until: date | None = None) -> ClientFact:
    return ClientFact("c", "Client", 1, since, until, None, None)


def test_both_ends_are_days_in_care_and_an_unknown_end_is_none() -> None:
    one = client(MONDAY, MONDAY + timedelta(days=1))
    assert [in_care([one, client()], day) for day in WEEK] == [2, 2, 1, 1, 1]
    assert in_care([one], MONDAY - timedelta(days=1)) == 0


def test_a_client_of_two_days_of_five_counts_for_two_fifths() -> None:
    assert mean_in_care([client(), client(until=WEEK[1])], WEEK) == pytest.approx(1.4)
    assert mean_in_care([client()], []) == 0.0


def test_hours_in_care_leave_approved_absence_out() -> None:
    expected = dict.fromkeys(WEEK, 8 * HOUR_MS)
    absent = {WEEK[0]: 8 * HOUR_MS, WEEK[1]: 4 * HOUR_MS}
    assert care_hours([client(), client()], expected, absent) == pytest.approx(2 * 28)


@given(st.lists(st.tuples(st.sampled_from(WEEK), st.sampled_from(WEEK)), max_size=6))
def test_the_mean_lies_between_the_least_and_the_most(days: list[tuple[date, date]]) -> None:
    found = [client(min(pair), max(pair)) for pair in days]
    counts = [in_care(found, day) for day in WEEK]
    assert min(counts) <= mean_in_care(found, WEEK) <= max(counts)
