"""Whatever other programs write, a short clean line results."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.texts import clean, from_compound, from_latin1, from_utf8


@given(st.text(st.characters(exclude_categories=[]), max_size=300), st.integers(0, 60))
def test_a_clean_text_is_short_and_has_nothing_invisible_but_joiners(text: str, limit: int) -> None:
    out = clean(text, limit)
    assert len(out) <= limit
    assert not [c for c in out if unicodedata.category(c)[0] in "C" and c not in "\u200c\u200d"]
    assert not {"\u2028", "\u2029", "\n"} & set(out)
    out.encode()


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=40))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text, 40) == text


def test_bidi_overrides_and_line_ends_do_not_survive() -> None:
    assert clean("a\u202egnp.exe\u202c b\r\nc\x00\x1b[31m", 100) == "agnp.exe b  c  [31m"


@given(st.binary(max_size=64))
def test_no_bytes_are_an_error(data: bytes) -> None:
    assert all(isinstance(read(data), str) for read in (from_utf8, from_latin1, from_compound))


@pytest.mark.parametrize("end", range(1, 9))
def test_a_character_cut_off_by_the_limit_is_left_out(end: int) -> None:
    assert from_utf8("Мир!".encode()[:end]) == "Мир!"[: (end + 1) // 2 if end > 6 else end // 2]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("Überweisung".encode("latin-1"), "Überweisung"),
        (b"\x1b-L" + "Сделка".encode("iso8859-5"), "Сделка"),
        (b"a \x1b%G" + "Сделка".encode() + b"\x1b%@ b", "a Сделка b"),
    ],
)
def test_compound_text_is_read_in_its_character_sets(data: bytes, text: str) -> None:
    assert from_compound(data) == text


def test_an_old_title_may_be_latin_1_or_by_mistake_utf_8() -> None:
    assert from_latin1("Überweisung".encode("latin-1")) == from_latin1("Überweisung".encode()) == "Überweisung"
