"""Assumptions of bare targets: shrunk from the person's history towards the colleagues', never over what was given."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_people import hours
from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.plan.assume import CARE, PRESENCE, History, assume, complete, known, together
from planwhy_collector.plan.measured import NOTHING, Measured, SalesCounts

BARE = PlanFact(
    1, "2026-10", date(2026, 10, 1), date(2026, 10, 31), "contracts", 10.0, None, Assumptions(), {}, False
)  # fmt: skip
TEAM = Measured(hours(sales=400, service=100, general=100, non_work=200, idle=200), SalesCounts(200, 0, 20, 0))
NEW = History(NOTHING, NOTHING)


def history(found: Measured) -> History:
    return History(found, found)


def filled(own: History, team: History, plan: PlanFact = BARE, limit: float = 0.6) -> PlanFact:
    return assume(plan, 176.0, own, team, limit)


def test_a_short_history_is_shrunk_towards_the_colleagues() -> None:
    """20 contacts with 6 contracts against 0.1 of the colleagues: (6 + 20 x 0.1) / (20 + 20) = 0.2."""
    own = Measured(NOTHING.time, SalesCounts(20, 0, 6, 0))
    found = filled(history(own), history(TEAM))
    assert found.assumptions.conversion_on_time == pytest.approx(0.2)
    assert found.sources["conversion_on_time"] == "own"


def test_the_source_is_the_team_where_own_history_weighs_less() -> None:
    own = Measured(hours(sales=8, non_work=2), SalesCounts(5, 0, 5, 0))
    found = filled(history(own), history(TEAM))
    assert (found.sources["conversion_on_time"], found.sources["focus"]) == ("team", "team")
    assert found.assumptions.focus == pytest.approx((8 + 40 * 0.75) / (10 + 40))


def test_without_any_history_nothing_is_guessed() -> None:
    found = filled(NEW, NEW)
    assert found.assumptions == Assumptions(expected_hours=176.0)
    assert found.sources["focus"] == "none" and not complete(found)


def test_time_that_was_hardly_recorded_tells_nothing() -> None:
    own = Measured(hours(sales=30, non_work=10, none=60), SalesCounts(20, 0, 6, 0))
    found = filled(history(own), NEW)
    assert found.assumptions.focus is None and found.assumptions.contact_rate is None
    assert found.assumptions.conversion_on_time == pytest.approx(0.3)


def test_what_was_given_stays() -> None:
    plan = PlanFact(
        1, "2026-10", BARE.first, BARE.last, "contracts", 10.0, None, Assumptions(focus=0.5), {"focus": "given"}, False
    )  # fmt: skip
    found = filled(NEW, history(TEAM), plan)
    assert (found.assumptions.focus, found.sources["focus"]) == (0.5, "given")
    assert found.sources["attendance"] == "team" and complete(found)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_shrunk_ratio_lies_between_the_own_and_the_colleagues(contacts: int, contracts: int) -> None:
    made = max(contacts, contracts, 1)
    own = Measured(NOTHING.time, SalesCounts(made, 0, contracts, 0))
    value = filled(history(own), history(TEAM)).assumptions.conversion_on_time
    low, high = sorted((contracts / made, 0.1))
    assert value is not None and low - 1e-9 <= value <= high + 1e-9


def test_service_hours_are_told_per_client_and_working_hour() -> None:
    """100 h, all of them work, a fifth service: 20 h for 10 clients in 100 h each."""
    own = History(Measured(hours(sales=80, service=20), SalesCounts()), NOTHING, care_hours=1000)
    found = known(own, NEW, 0.6)[CARE]
    assert (found.value, found.source) == (pytest.approx(0.02), "own")


def test_a_short_service_history_is_shrunk_like_hours_with_the_own_number_of_clients() -> None:
    """20 h with 10 clients weigh 200; the colleagues 40 h with 10 clients: (200 x 0.02 + 400 x 0.05) / 600 = 0.04."""
    own = History(Measured(hours(sales=16, service=4), SalesCounts()), NOTHING, care_hours=200)
    team = History(Measured(hours(sales=50, service=50), SalesCounts()), NOTHING, care_hours=1000)
    found = known(own, team, 0.6)[CARE]
    assert (found.value, found.source) == (pytest.approx(0.04), "team")


def test_presence_leaves_approved_absence_out() -> None:
    own = history(Measured(hours(sales=72, idle=8, absent=20), SalesCounts()))
    assert known(own, NEW, 0.6)[PRESENCE].value == pytest.approx(0.9)
    assert known(own, NEW, 0.6)["attendance"].value == pytest.approx(0.72)


def test_colleagues_add_up_with_their_clients() -> None:
    one = History(Measured(hours(sales=8, service=2), SalesCounts(3, 0, 1, 0)), NOTHING, 50.0, 1)
    both = together([one, one])
    assert (both.care_hours, both.other_currency, both.timed.sales.contacts) == (100.0, 2, 6)
    assert together([]) == NEW


@given(st.floats(1, 300), st.floats(1, 300), st.integers(1, 40), st.integers(1, 40))
def test_shrunk_service_lies_between_the_own_and_the_colleagues(
    own: float, team: float, mine: int, theirs: int
) -> None:
    histories = [
        History(Measured(hours(sales=100, service=served), SalesCounts()), NOTHING, (100 + served) * count)
        for served, count in ((own, mine), (team, theirs))
    ]
    found = known(*histories, 0.6)[CARE].value
    low, high = sorted(h.timed.time.service_hours / h.care_hours for h in histories)
    assert found is not None and low * (1 - 1e-6) <= found <= high * (1 + 1e-6)
