"""Quantities by hand: for everyone, for one person, and whatever is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.given import parse_given, split_pair
from planwhy_collector.plan.workload import QUANTITIES


def test_a_person_goes_before_everyone() -> None:
    found = parse_given([("contact_rate", "1.6"), ("e.1.contact_rate", "2,5"), ("e2.clients", "0")], "contracts")
    assert (found.of("e.1"), found.of("e3")) == ({"contact_rate": 2.5}, {"contact_rate": 1.6})
    assert found.of("e2") == {"contact_rate": 1.6, "clients": 0.0}


@pytest.mark.parametrize("text", ["0.159", "0,159", "15.9%", "15,9 %", "15,9\xa0%"])
def test_a_share_may_be_typed_as_it_is_shown(text: str) -> None:
    assert parse_given([("focus", text)], "contracts").of("e1")["focus"] == pytest.approx(0.159)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("contact_rate", "expected such as"),
        ("joy=1", "'joy': expected one of"),
        ("sales_share=0.5", "follows from clients"),
        ("deal_value=5", "only plans of revenue"),
        ("focus=1.5", "more than 1"),
        ("e1.clients=-1", "e1.clients: '-1' is not a number"),
        ("clients=nan", "not a number"),
        ("clients=1_0", "not a number"),
        ("clients=", "not a number"),
    ],
)
def test_what_is_wrong_is_named(pair: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_given([split_pair(pair)], "contracts")


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_or_refused(name: str, value: str) -> None:
    try:
        found = parse_given([(name, value)], "revenue")
    except InvalidInput:
        return
    assert {*found.everyone, *(q for one in found.persons.values() for q in one)} <= set(QUANTITIES)
