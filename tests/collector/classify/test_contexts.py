"""Contexts: what is kept of an address and a title, and the ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.facts import Context

TEXTS = st.text(max_size=20) | st.none()


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://User:pw@ACME.Bitrix24.ru:443/crm/?q=1#top", "acme.bitrix24.ru", "/crm/"),
        ("https://xn--80ajghhoc2aj1c8b.xn--p1ai/", "честныйзнак.рф", None),
        ("https://a.ru/%D1%81%D0%B4%D0%B5%D0%BB%D0%BA%D0%B0", "a.ru", "/сделка"),
        ("https://a.ru./x", "a.ru", "/x"),
        ("chrome://settings/", None, None),
        ("file:///home/u/secret.pdf", None, None),
        ("https://[broken/", None, None),
        ("javascript:alert(1)", None, None),
    ],
)
def test_an_address_leaves_host_and_path_only(url: str, host: str | None, path: str | None) -> None:
    context = context_of("chrome.exe", url, None)
    assert (context.host, context.path) == (host, path)


def test_a_title_loses_what_could_disguise_it() -> None:
    assert context_of(None, None, " Сде\u202eл\u200bка\n№ 5\x00 ").title == "Сделка № 5"


@given(TEXTS, TEXTS, TEXTS)
def test_every_context_can_be_stored_and_has_an_id_under_a_key(
    app: str | None, url: str | None, title: str | None
) -> None:
    context = context_of(app, url, title)
    number = context_id(b"k" * 32, context)
    assert (number == 0) == (context == Context())
    assert -(2**63) <= number < 2**63
    assert number == 0 or number != context_id(b"q" * 32, context)
    "".join(filter(None, (context.app, context.host, context.path, context.title))).encode()
