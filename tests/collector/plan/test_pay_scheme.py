"""Pay schemes are read exactly, and whatever is wrong is named with its key, value and limit."""

from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_rows import PLAIN, STEPS
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.pay_scheme import SHARES, Scheme, read_scheme

EXAMPLE = (resources.files("planwhy_collector.plan") / "pay_example.toml").read_text(encoding="utf-8")
TIERS = '[sale]\nby = "amount"\nmode = "whole"\n[[sale.tiers]]\nfrom = "0"\nshare = "10 %"\n'


def read(text: str) -> Scheme:
    return read_scheme(text, "scheme.toml")


def sale(text: str) -> str:
    return f'currency = "RUB"\n{text}'


def test_the_example_is_a_scheme_with_every_part() -> None:
    scheme = read(EXAMPLE)
    assert scheme.base_salary and scheme.upsell and scheme.service and scheme.plan
    assert [step.reached for step in scheme.plan.steps] == [0, Decimal("0.8"), 1, Decimal("1.2")]


@given(st.decimals(*SHARES["sale"], places=6))
def test_a_share_is_read_exactly_as_percentage_text_or_number(share: Decimal) -> None:
    written = [f'"{share * 100:f} %"', f'"{share * 100:f}%"', f'"{share:f}"', f"{share:f}"]
    assert {read(sale(f"[sale]\nshare = {one}")).sale.tiers[0].share for one in written} == {share}


def test_parts_may_be_left_out_but_the_currency_and_new_contracts() -> None:
    scheme = read(sale('[sale]\nshare = "10 %"'))
    assert (scheme.base_salary, scheme.upsell, scheme.service, scheme.plan) == (None, None, None, None)


@pytest.mark.parametrize(("code", "digits"), [("RUB", 2), ("JPY", 0), ("KWD", 3)])
def test_the_minor_unit_is_that_of_the_currency(code: str, digits: int) -> None:
    assert read(PLAIN.replace("RUB", code)).digits == digits


def test_the_bonus_part_is_sales_and_upsells_unless_the_scheme_says_more() -> None:
    plan = read(PLAIN + STEPS).plan
    more = read(PLAIN + STEPS.replace("[plan]", '[plan]\nparts = ["service"]\nmetric = "revenue"')).plan
    assert plan and more and (plan.parts, plan.metric) == ({"sale", "upsell"}, None)
    assert (more.parts, more.metric) == ({"service"}, "revenue")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "currency: missing"),
        ('currency = "RUB"', "sale: missing"),
        ('currency = "rub"', "currency: 'rub' is not a currency code"),
        ('currency = "XYZ"', "currency: 'XYZ' is not a currency code"),
        ("currency = 5", "currency: 5 is not a text"),
        (sale("sale = 5"), r"sale: 5 is not a table \[sale\]"),
        (sale("[sale]"), "sale.by: missing"),
        (sale('[sale]\nshare = "9.99 %"'), "sale.share: '9.99 %' is outside of 10 % to 50 %"),
        (sale('[sale]\nshare = "-10 %"'), "sale.share: '-10 %' is outside of 10 % to 50 %"),
        (sale("[sale]\nshare = 0.51"), "sale.share: '0.51' is outside of 10 % to 50 %"),
        (sale("[sale]\nshare = nan"), "sale.share: 'nan' is not a share"),
        (sale("[sale]\nshare = 1e-1"), "sale.share: '1e-1' is not a share"),
        (sale("[sale]\nshare = true"), "sale.share: True is not a share"),
        (sale('[sale]\nshare = "10 %"\nfine = "5 %"'), "sale.fine: there is no such key here, only share"),
        ('fine = "1"\n' + PLAIN, "fine: there is no such key here, only base_salary, currency"),
        ('base_salary = "-1"\n' + PLAIN, "base_salary: '-1' is outside of 0 to 1000000000"),
        (PLAIN.replace("5 %", "20.1 %"), "upsell.share: '20.1 %' is outside of 0 % to 20 %"),
        (PLAIN.replace('"1 %"', '"3.1 %"'), "service.share: '3.1 %' is outside of 0.25 % to 3 %"),
        (PLAIN.replace('"1 %"', '"0.2 %"'), "service.share: '0.2 %' is outside of 0.25 % to 3 %"),
        (sale(TIERS.replace("amount", "mood")), "sale.by: 'mood' is none of amount, count"),
        (sale(TIERS.replace("whole", "best")), "sale.mode: 'best' is none of marginal, whole"),
        (sale('[sale]\nby = "amount"\nmode = "whole"\ntiers = []'), r"sale.tiers: \[\] is not a list of tables"),
        (sale(TIERS.replace('"0"', '"5"')), r"sale.tiers\[1\].from: 5 must be 0"),
        (sale(TIERS.replace("amount", "count")), r"sale.tiers\[1\].from: 0 must be 1"),
        (sale(TIERS.replace("amount", "count").replace('"0"', '"1.5"')), r"sale.tiers\[1\].from: '1.5' is not a whole"),
        (sale(TIERS + '[[sale.tiers]]\nfrom = "0"\nshare = "20 %"'), r"sale.tiers\[2\].from: 0 must be above the 0"),
        (sale(TIERS + '[[sale.tiers]]\nfrom = "9"'), r"sale.tiers\[2\].share: missing"),
        (sale(TIERS + '[[sale.tiers]]\nfrom = "9"\nshare = "5 %"'), r"sale.tiers\[2\].share: '5 %' is outside of 10 %"),
        (PLAIN + STEPS.replace("0 %", "10 %"), r"plan.steps\[1\].reached: 0.10 must be 0"),
        (PLAIN + STEPS.replace("0.5", "1.1"), r"plan.steps\[1\].coefficient: '1.1' is outside of 0 to 1"),
        (PLAIN + STEPS.replace("0.5", "-0.1"), r"plan.steps\[1\].coefficient: '-0.1' is outside of 0 to 1"),
        (PLAIN + STEPS + '[[plan.steps]]\nreached = "100 %"\ncoefficient = "0.9"', "'0.9' is outside of 1 to 3"),
        (PLAIN + STEPS + '[[plan.steps]]\nreached = "120 %"\ncoefficient = "3.1"', "'3.1' is outside of 1 to 3"),
        (PLAIN + STEPS + '[[plan.steps]]\nreached = "50 %"\ncoefficient = "0.4"', "0.4 must be at least the 0.5"),
        (PLAIN + STEPS.replace("false", '"no"'), "plan.interpolate: 'no' is neither true nor false"),
        (PLAIN + STEPS.replace("[plan]", '[plan]\nparts = ["base"]'), "plan.parts: 'base' is none of sale, upsell"),
        (PLAIN + STEPS.replace("[plan]", "[plan]\nparts = []"), r"plan.parts: \[\] is not a list of sale"),
        (PLAIN + STEPS.replace("[plan]", '[plan]\nmetric = "hours"'), "plan.metric: 'hours' is none of contracts"),
        ("currency = ", "Invalid value"),
        ('currency = "RUB"\ncurrency = "EUR"', "Cannot overwrite a value"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a = " + "9" * 5000, "a number is too long"),
        ("#" * 20_001, "longer than 20000 characters"),
    ],
)
def test_what_is_wrong_is_named_with_key_value_and_limit(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^scheme.toml: .*{said}"):
        read(text)


@given(st.text(max_size=200) | st.text(alphabet='[]."=%0159 \nsaletirfom', max_size=200))
def test_any_text_is_either_a_scheme_or_refused(text: str) -> None:
    for written in (text, PLAIN + text):
        try:
            assert read(written).currency
        except InvalidInput as error:
            assert error.detail.startswith("scheme.toml: ")
