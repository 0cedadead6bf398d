"""What a month brings as text: every figure in full, nothing that could harm a terminal, both languages."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_rows import PLAIN, STEPS, amounts
from planwhy_collector.plan.pay import Goal, MonthFacts, MonthPay, PayItem, month_pay
from planwhy_collector.plan.pay_scheme import read_scheme
from planwhy_collector.plan.pay_what_if import Assumed, what_if_pay
from planwhy_collector.report.language import language
from planwhy_collector.report.pay import money, part_sums
from planwhy_collector.report.pay_table import changes_table, pay_table

D = Decimal
SCHEME = read_scheme(PLAIN + STEPS, "scheme")
ITEMS = (
    PayItem("sale", "d", "Deal\x1b[31m\u202e\nend", D("1234.5"), "RUB"),
    PayItem("service", "c", "Client", D(3100), "RUB", days=10),
    PayItem("sale", "e", "Other", D(7), "EUR"),
)
FACTS = MonthFacts(31, 31, ITEMS, Goal("contracts", D(4)))


def pay() -> MonthPay:
    return month_pay(SCHEME, FACTS)


def test_a_table_shows_each_figure_and_what_was_left_out() -> None:
    lines = pay_table(pay(), language("en")).splitlines()
    cells = [re.split(r" {2,}", line) for line in lines]
    assert cells[1][-4:] == ["1,234.50 RUB", "10%", "0.5", "61.73 RUB"]
    assert cells[2] == ["Client in care: Client", "3,100.00 RUB", "1%", "10/31", "1", "10.00 RUB"]
    assert cells[3] == ["Total", "71.73 RUB"]
    assert lines[-1] == "  New contract: Other, 7.00 €: in another currency than the scheme"


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_no_control_character_and_no_hidden_space_reaches_a_terminal(locale: str) -> None:
    say = language(locale)
    both = what_if_pay(SCHEME, SCHEME, FACTS, Assumed(new=(D(1),)))
    text = pay_table(pay(), say) + changes_table(both, say)
    assert "Deal" in text and all(char.isprintable() or char == "\n" for char in text)
    assert "\xa0" not in text and "Deal [31m" in text


def test_lines_that_stay_are_left_out_of_differences() -> None:
    both = what_if_pay(SCHEME, SCHEME, replace(FACTS, goal=None), Assumed(new=(D(1000),)))
    text = changes_table(both, language("en"))
    assert "assumed" in text and "Client" not in text and "+100.00 RUB" in text


def test_sums_of_parts_add_up_to_the_total() -> None:
    sums = part_sums(pay())
    assert [(one.part, one.count) for one in sums] == [("sale", 1), ("service", 1)]
    assert sum(one.amount for one in sums) == pay().total


@given(amounts | st.decimals(0, 100, places=4), st.sampled_from([0, 2, 3]))
def test_money_is_written_with_its_minor_unit_and_nothing_is_lost(value: Decimal, digits: int) -> None:
    text = money(value, digits)
    assert Decimal(text) == value and "E" not in text
    assert len(text.partition(".")[2]) >= digits


@given(st.decimals(0, 10**9, places=4), st.sampled_from(["RUB", "JPY", "KWD"]))
def test_pages_write_amounts_in_full(value: Decimal, currency: str) -> None:
    text = language("en").exact_money(value, currency).rpartition("\xa0")[0].replace(",", "")
    assert Decimal(text) == value


def test_shares_and_coefficients_are_written_in_full_in_both_languages() -> None:
    assert [language(one).exact_share(D("0.0025")) for one in ("ru", "en")] == ["0,25\xa0%", "0.25%"]
    assert [language(one).decimal(D("0.8143")) for one in ("ru", "en")] == ["0,8143", "0.8143"]
