"""Addresses of cards: the CRM's own paths, https only, and no id that leaves its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.facts import EntityRef
from planwhy_collector.report.cards import card_address


@pytest.mark.parametrize(
    ("crm", "entity", "path"),
    [
        ("https://acme.bitrix24.ru/", EntityRef("deal", "7"), "https://acme.bitrix24.ru/crm/deal/details/7/"),
        ("https://crm.example.test", EntityRef("client", "7"), "https://crm.example.test/crm/company/details/7/"),
        ("https://acme.amocrm.ru", EntityRef("deal", "7"), "https://acme.amocrm.ru/leads/detail/7"),
        ("https://acme.amocrm.ru", EntityRef("task", "7"), None),
        ("http://acme.bitrix24.ru", EntityRef("deal", "7"), None),
        ("", EntityRef("deal", "7"), None),
    ],
)
def test_a_card_has_the_address_that_its_crm_gives_it(crm: str, entity: EntityRef, path: str | None) -> None:
    assert card_address(crm, entity) == path


@given(st.text(st.characters(codec="utf-8")))
def test_no_id_leaves_its_segment(key: str) -> None:
    found = card_address("https://acme.bitrix24.ru", EntityRef("deal", key))
    assert found and found.count("/") == 7 and not set(found) & set("?#\"'<> \\\n")
