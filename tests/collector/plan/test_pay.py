"""What a month brings: exact, adding up, never less than nothing."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_rows import amounts, months, plan_rules, schemes
from planwhy_collector.plan.pay import Goal, MonthFacts, MonthPay, PayItem, coefficient_of, month_pay, slices
from planwhy_collector.plan.pay_scheme import PlanRule, Rate, Scheme, Step, Tier

D = Decimal
RATE = Rate("amount", True, (Tier(D(0), D("0.1")), Tier(D(100), D("0.2"))))
SCHEME = Scheme("RUB", 2, RATE, service=Rate("amount", True, (Tier(D(0), D("0.03")),)))


@st.composite
def cases(draw: st.DrawFn, marginal: bool | None = None) -> tuple[Scheme, MonthFacts]:
    scheme = draw(schemes(marginal))
    return scheme, draw(months(scheme.currency))


def sold(*given: str, part: str = "sale") -> tuple[PayItem, ...]:
    return tuple(PayItem(part, f"{part}{n}", "", D(one), "RUB") for n, one in enumerate(given))  # type: ignore[arg-type]


def paid(scheme: Scheme, items: tuple[PayItem, ...], goal: Goal | None = None, days: int = 31) -> MonthPay:
    return month_pay(scheme, MonthFacts(days, days, items, goal))


@given(cases())
def test_lines_add_up_exactly_and_none_is_below_zero(case: tuple[Scheme, MonthFacts]) -> None:
    pay = month_pay(*case)
    assert sum((Fraction(line.amount) for line in pay.lines), Fraction(0)) == Fraction(pay.total)
    assert all(line.amount >= 0 for line in pay.lines)
    assert all(line.amount.as_tuple().exponent == -pay.digits for line in pay.lines)


@given(cases())
def test_each_line_is_its_own_figures_multiplied_and_rounded_half_up_once(case: tuple[Scheme, MonthFacts]) -> None:
    pay = month_pay(*case)
    for line in pay.lines:
        days = Fraction(1) if line.days is None else Fraction(line.days, pay.month_days)
        exact = Fraction(line.on) * Fraction(line.share) * Fraction(line.coefficient) * days
        assert -Fraction(1, 2) < (exact - Fraction(line.amount)) * -(10**pay.digits) <= Fraction(1, 2)


@given(cases())
def test_every_item_is_either_counted_in_full_or_listed_with_a_reason(case: tuple[Scheme, MonthFacts]) -> None:
    pay = month_pay(*case)
    for item in case[1].items:
        on = [line.on for line in pay.lines if line.id == item.id]
        reasons = [one.reason for one in pay.not_counted if one.id == item.id]
        assert (sum(on) == item.amount and not reasons) if on else len(reasons) == 1


@given(cases(marginal=True), st.integers(0, 7), amounts)
def test_a_larger_sale_never_brings_less_under_marginal_tiers(
    case: tuple[Scheme, MonthFacts], which: int, more: Decimal
) -> None:
    scheme, facts = case
    items = [
        replace(item, amount=item.amount + more) if n == which and item.amount is not None else item
        for n, item in enumerate(facts.items)
    ]
    assert month_pay(scheme, replace(facts, items=tuple(items))).total >= month_pay(scheme, facts).total


@given(cases(), st.lists(st.integers(0, 10**6), min_size=2, max_size=2))
def test_reaching_more_of_the_plan_never_brings_less(case: tuple[Scheme, MonthFacts], targets: list[int]) -> None:
    scheme, facts = case
    hard, easy = (replace(facts, goal=Goal("contracts", D(one))) for one in sorted(targets, reverse=True))
    assert month_pay(scheme, easy).total >= month_pay(scheme, hard).total


@given(plan_rules(), st.fractions(0, 3))
def test_the_coefficient_stays_within_its_limits_on_both_sides_of_the_plan(rule: PlanRule, reached: Fraction) -> None:
    found = coefficient_of(rule, reached)
    assert 0 <= found <= 1 if reached < 1 else 1 <= found <= 3


@given(plan_rules(), st.sampled_from(range(5)))
def test_the_coefficient_at_a_step_is_that_of_the_step(rule: PlanRule, number: int) -> None:
    step = rule.steps[number % len(rule.steps)]
    assert coefficient_of(rule, Fraction(step.reached)) == step.coefficient


def test_the_line_between_two_steps_is_straight_and_cut_at_one_below_the_plan() -> None:
    steps = (Step(D(0), D("0.5")), Step(D("0.8"), D("0.9")), Step(D(1), D("1.5")))
    rule = PlanRule(steps, True, frozenset({"sale"}), None)
    assert coefficient_of(rule, Fraction(4, 10)) == D("0.7")
    assert coefficient_of(rule, Fraction(99, 100)) == 1 < coefficient_of(rule, Fraction(1))
    assert coefficient_of(replace(rule, interpolate=False), Fraction(99, 100)) == D("0.9")


@pytest.mark.parametrize(
    ("by", "marginal", "shares"),
    [("amount", True, ["0.1", "0.1", "0.2"]), ("amount", False, ["0.1", "0.2"]),
     ("count", True, ["0.1", "0.2"]), ("count", False, ["0.2", "0.2"])],
)  # fmt: skip
def test_tiers_cut_amounts_or_their_number_marginally_or_whole(by: str, marginal: bool, shares: list[str]) -> None:
    starts = (D(0), D(100)) if by == "amount" else (D(1), D(2))
    rate = Rate(by, marginal, (Tier(starts[0], D("0.1")), Tier(starts[1], D("0.2"))))  # type: ignore[arg-type]
    found = [cut for rank, amount in enumerate((D(50), D(150)), 1) for cut in slices(rate, rank, 2, amount)]
    assert [share for _, share in found] == [D(one) for one in shares]
    assert sum(on for on, _ in found) == 200


def test_an_amount_at_the_start_of_a_tier_belongs_to_it_whole_and_has_no_slice_of_it_marginally() -> None:
    assert [*slices(replace(RATE, marginal=False), 1, 1, D(100))] == [(D(100), D("0.2"))]
    assert [*slices(RATE, 1, 1, D(100))] == [(D(100), D("0.1"))]
    assert [*slices(RATE, 1, 1, D(0))] == [(D(0), D("0.1"))]


def test_a_client_in_care_for_a_part_of_the_month_counts_by_days() -> None:
    item = PayItem("service", "c", "", D(1000), "RUB", days=10)
    assert paid(SCHEME, (item,), days=30).total == D("10.00")
    assert paid(SCHEME, (item,), days=31).total == D("9.68")


def test_half_a_minor_unit_is_rounded_up() -> None:
    assert paid(SCHEME, sold("0.05")).total == D("0.01")
    assert paid(replace(SCHEME, currency="RUB", digits=0), sold("14.99")).total == D(1)


def test_what_cannot_be_counted_is_listed_and_still_counts_as_a_contract_of_the_plan() -> None:
    scheme = replace(SCHEME, plan=PlanRule((Step(D(0), D("0.5")), Step(D(1), D(1))), False, frozenset({"sale"}), None))
    items = (
        *sold("100"), PayItem("sale", "euro", "", D(100), "EUR"), PayItem("sale", "bare", "", None, None),
        PayItem("upsell", "up", "", D(5), "RUB"), PayItem("recurring", "again", "", D(5), "RUB"),
        PayItem("sale", "minus", "", D(-5), "RUB"),
    )  # fmt: skip
    pay = paid(scheme, items, Goal("contracts", D(5)))
    reasons = {one.id: one.reason for one in pay.not_counted}
    assert reasons == {"euro": "other_currency", "bare": "no_amount", "up": "not_in_scheme", "again": "recurring",
                       "minus": "below_zero"}  # fmt: skip
    assert pay.plan and (pay.plan.actual, pay.plan.coefficient, pay.total) == (5, 1, D("10.00"))


def test_a_plan_for_revenue_counts_amounts_in_its_own_currency() -> None:
    scheme = replace(SCHEME, plan=PlanRule((Step(D(0), D("0.5")), Step(D(1), D(1))), False, frozenset({"sale"}), None))
    items = (*sold("100"), PayItem("sale", "euro", "", D(900), "EUR"))
    pay = paid(scheme, items, Goal("revenue", D(300), "RUB"))
    assert pay.plan and (pay.plan.actual, pay.plan.reached, pay.total) == (100, D("0.3333"), D("5.00"))


def test_without_a_plan_the_coefficient_is_one_and_says_that_there_was_none() -> None:
    scheme = replace(SCHEME, plan=PlanRule((Step(D(0), D("0.5")), Step(D(1), D(1))), False, frozenset({"sale"}), None))
    pay = paid(scheme, sold("100"))
    assert pay.plan and (pay.plan.reached, pay.plan.coefficient, pay.total) == (None, 1, D("10.00"))


def test_the_coefficient_leaves_alone_what_is_no_bonus() -> None:
    rule = PlanRule((Step(D(0), D(0)), Step(D(1), D(1))), False, frozenset({"sale", "upsell"}), None)
    care = PayItem("service", "c", "", D(1000), "RUB", days=31)
    pay = paid(replace(SCHEME, plan=rule, base_salary=D(50)), (*sold("100"), care), Goal("contracts", D(9)))
    assert [(line.part, line.amount) for line in pay.lines] == [("base", 50), ("sale", 0), ("service", 30)]


def test_the_base_salary_of_a_part_of_the_month_goes_by_days_employed() -> None:
    scheme = replace(SCHEME, base_salary=D(3100))
    assert month_pay(scheme, MonthFacts(31, 10, (), None)).total == D("1000.00")
    assert month_pay(scheme, MonthFacts(31, 0, (), None)).lines == ()
