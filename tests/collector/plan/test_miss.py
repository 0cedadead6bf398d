"""The thresholds: each boundary, and that a miss alone or overdue tasks alone are no case."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.miss import NAMES, OwnThresholds, Thresholds, behind, checked, missed, plainly_overdue
from planwhy_collector.plan.pace import Running

USUAL = Thresholds(0.1, 3, 8.0, 0.7, 1 / 3)


def run(share: float, pace: float) -> Running:
    """A plan of 100 contracts over 300 hours."""
    return Running("contracts", None, 100.0, 300.0, 300 * share, 300 * (1 - share), round(100 * share * pace))


@pytest.mark.parametrize(("actual", "is_missed"), [(100, False), (90, False), (89.9, True), (0, True), (120, False)])
def test_a_plan_is_missed_by_more_than_the_share(actual: float, is_missed: bool) -> None:
    assert missed(100, actual, USUAL) is is_missed


@pytest.mark.parametrize(
    ("share", "pace", "is_behind"),
    [
        (1 / 3, 0.6, True),
        (0.33, 0.0, False),
        (0.5, 0.7, False),
        (0.5, 0.68, True),
        (0.9, 1.2, False),
        (0.0, 0.0, False),
    ],
)
def test_a_plan_is_behind_once_enough_has_passed_and_the_pace_is_below_the_share(
    share: float, pace: float, is_behind: bool
) -> None:
    assert behind(run(share, pace), USUAL) is is_behind


@pytest.mark.parametrize(
    ("hours", "plainly"), [([], False), ([1, 1], False), ([0.1, 0.1, 0.1], True), ([8.0], True), ([4.0, 3.9], False)]
)
def test_tasks_are_plainly_overdue_by_number_or_by_hours(hours: list[float], plainly: bool) -> None:
    assert plainly_overdue(hours, USUAL) is plainly


def test_without_any_overdue_task_no_threshold_is_low_enough() -> None:
    assert not plainly_overdue([], OwnThresholds(miss_overdue_hours=0.0).over(USUAL))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), 10_001])
def test_a_threshold_out_of_its_range_is_named(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=name):
        checked(OwnThresholds(**{name: value}))


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(0.0, 1.0)))
def test_what_a_team_has_of_its_own_holds_and_the_setting_for_the_rest(own: dict[str, float]) -> None:
    assert asdict(OwnThresholds(**own).over(USUAL)) == asdict(USUAL) | own  # type: ignore[arg-type]
