"""A page without a title shows its address as the window's title: only the host may stay."""

import pytest
from planwhy_agent.masks import masked


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("https://x.example/a?key=1#part", "https://x.example"),
        ("x.example/path?q=hidden&b=1 - Chromium", "x.example - Chromium"),
        ("x.example?q=hidden", "x.example"),
        ("пример.рф/путь/5 - Браузер", "пример.рф - Браузер"),
        ("http://127.0.0.1:8000/case?x", "http://127.0.0.1:8000"),
        ("Готово? Да #1", "Готово? Да #1"),
        ("reference.md - editor", "reference.md - editor"),
        ("Цена 2.5/шт", "Цена 2.5/шт"),
    ],
)
def test_only_the_host_of_an_address_stays(title: str, kept: str) -> None:
    assert masked(title) == kept
