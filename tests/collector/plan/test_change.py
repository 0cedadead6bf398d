"""What changed between two plans: parts add up, a longer month is only a longer month, the unknown is not compared."""

from dataclasses import replace
from math import fsum

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.plan.change import Change, change_between
from planwhy_collector.plan.workload import Draft, Load, Order, planned
from workloads import MONTH, draft, order

Drawn = tuple[Draft, Order]


def drawn(load: Load = MONTH, metric: str = "contracts", **told: float | None) -> Drawn:
    plan = order(metric, "RUB" if metric == "revenue" else None, step=0.001)
    return draft(load, plan=plan, **told), plan


def made(load: Load = MONTH, metric: str = "contracts", **told: float | None) -> PlanFact:
    return planned(*drawn(load, metric, **told), 1, "x")


def parts(change: Change) -> dict[str, float]:
    return {part.name: part.part for part in change.parts}


def test_a_longer_month_changes_only_the_expected_hours() -> None:
    before, after = made(), made(Load(184.0, 0.0, 20.0))
    found = parts(change_between(before, after))
    assert found.pop("expected_hours") == pytest.approx(after.target - before.target, abs=0.002)
    assert all(abs(part) < 0.002 for part in found.values())


def test_two_more_clients_take_their_service_hours() -> None:
    found = change_between(made(), made(replace(MONTH, clients=22.0)))
    assert parts(found)["clients"] == pytest.approx(-2 * 1.76 * 1.5 * 0.19, abs=0.002)
    assert max(found.parts, key=lambda part: abs(part.part)).name == "clients"


def test_a_target_raised_by_hand_is_the_stretch() -> None:
    before = made()
    found = parts(change_between(before, replace(before, target=before.target + 5)))
    assert found["stretch"] == pytest.approx(5.0)
    assert all(part == 0 for name, part in found.items() if name != "stretch")


def test_a_bare_plan_is_compared_by_its_service_share() -> None:
    after = made(focus=0.7)
    bare = replace(made(), workload=None)
    found = parts(change_between(bare, after))
    assert "clients" not in found and "service" in found
    assert found["service"] == pytest.approx(0.0, abs=1e-6) and found["focus"] < 0


def test_what_rests_on_nothing_known_is_not_compared() -> None:
    bare = replace(made(), workload=None, assumptions=Assumptions(expected_hours=160.0))
    found = change_between(bare, made())
    assert (found.parts, found.before) == ((), bare.target)
    assert change_between(replace(made(metric="revenue"), currency="USD"), made(metric="revenue")).parts == ()


def test_a_plan_whose_assumptions_give_nothing_still_adds_up() -> None:
    before, after = made(), made()
    nothing = replace(before, target=4.0, assumptions=replace(before.assumptions, contact_rate=0.0))
    found = parts(change_between(nothing, after))
    assert fsum(found.values()) == pytest.approx(after.target - 4.0)


rates = {
    "presence": st.floats(0.1, 1), "focus": st.floats(0.1, 1), "hours_per_client": st.floats(0, 0.05),
    "contact_rate": st.floats(0.01, 5), "late_share": st.floats(0, 1), "conversion_on_time": st.floats(0.01, 1),
    "conversion_late": st.floats(0, 1), "deal_value": st.floats(10, 1e6),
}  # fmt: skip
loads = st.builds(Load, st.floats(10, 500), st.just(0.0), st.floats(0, 30))
drafts = st.builds(drawn, loads, st.sampled_from(["contracts", "revenue"]), **rates)
plans = drafts.filter(lambda pair: pair[0].refusal is None).map(lambda pair: planned(*pair, 1, "x"))


@given(plans, plans, st.booleans())
def test_parts_add_up_to_the_difference(before: PlanFact, after: PlanFact, bare: bool) -> None:
    assume(before.metric == after.metric)
    found = change_between(replace(before, workload=None) if bare else before, after)
    scale = max(before.target, after.target)
    assert fsum(parts(found).values()) == pytest.approx(after.target - before.target, rel=1e-6, abs=1e-6 * scale)


@given(plans)
def test_the_same_plan_again_has_no_reason(plan: PlanFact) -> None:
    assert all(part == 0 for part in parts(change_between(plan, plan)).values())
