"""What if: the facts stay, and the differences add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_rows import PLAIN, STEPS, amounts, months, schemes
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.pay import MonthFacts, PayItem
from planwhy_collector.plan.pay_scheme import read_scheme
from planwhy_collector.plan.pay_what_if import Assumed, read_amounts, what_if_pay
from planwhy_collector.report.pay import part_changes

several = st.lists(amounts, max_size=3).map(tuple)
assumptions = st.builds(Assumed, several, several, several, st.none() | st.decimals(1, 100, places=1))
EMPTY = MonthFacts(31, 31, (), None)
SCHEME = read_scheme(PLAIN + STEPS, "scheme")


@given(st.data(), assumptions)
def test_differences_add_up_by_line_and_by_part(data: st.DataObject, assumed: Assumed) -> None:
    scheme = data.draw(schemes())
    other = data.draw(schemes().filter(lambda one: one.currency == scheme.currency))
    both = what_if_pay(scheme, other, data.draw(months(scheme.currency)), assumed)
    assert sum((one.difference for one in both.changes), Decimal(0)) == both.difference
    assert sum((one.difference for one in part_changes(both)), Decimal(0)) == both.difference


@given(st.data())
def test_nothing_assumed_changes_nothing(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    both = what_if_pay(scheme, scheme, data.draw(months(scheme.currency)), Assumed())
    assert both.before == both.after and not Assumed()


def test_assumed_contracts_count_towards_the_plan() -> None:
    facts = MonthFacts(31, 31, (PayItem("sale", "d", "", Decimal(100), "RUB"),), None)
    both = what_if_pay(SCHEME, SCHEME, facts, Assumed(new=(Decimal(100),), target=Decimal(2)))
    assert (both.before.total, both.after.total) == (Decimal("10.00"), Decimal("20.00"))
    assert both.after.plan and (both.after.plan.actual, both.after.plan.coefficient) == (2, 1)
    harder = what_if_pay(SCHEME, SCHEME, facts, Assumed(target=Decimal(2)))
    assert harder.difference == Decimal("-5.00")


def test_an_assumed_client_stays_all_month() -> None:
    both = what_if_pay(SCHEME, SCHEME, EMPTY, Assumed(client=(Decimal(1000),)))
    assert [(one.part, one.assumed, one.difference) for one in both.changes] == [("service", True, 10)]


def test_schemes_in_two_currencies_are_not_compared() -> None:
    with pytest.raises(InvalidInput, match="RUB and in EUR cannot be compared"):
        what_if_pay(SCHEME, read_scheme(PLAIN.replace("RUB", "EUR"), "scheme"), EMPTY, Assumed())


@pytest.mark.parametrize("text", ["-1", "a lot", "1e9", "1,5", "10 %", "9999999999999", "٣", "1" * 50])
def test_amounts_that_are_none_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^new: "):
        read_amounts("new", [text])


def test_empty_fields_assume_nothing_and_too_many_are_refused() -> None:
    assert read_amounts("new", ["", " ", "5"]) == (5,)
    with pytest.raises(InvalidInput, match="at most 50"):
        read_amounts("new", ["1"] * 51)
