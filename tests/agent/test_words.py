"""What the agent says: two languages, numbers that agree with their words, times as people say them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.words import LANGUAGES, Words, system_language

ENGLISH, RUSSIAN = Words("en"), Words("ru")


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 минуту"), (2, "2 минуты"), (5, "5 минут"), (11, "11 минут"), (21, "21 минуту"), (112, "112 минут")],
)
def test_russian_words_agree_with_their_numbers(number: int, said: str) -> None:
    assert RUSSIAN.count(number, "minutes") == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "1 minute"), (1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (47 * 60, "47 hours"), (2880, "2 days")],
)
def test_a_stretch_is_told_in_the_largest_unit_that_fits(minutes: int, said: str) -> None:
    assert ENGLISH.span(minutes * 60_000) == said


def test_less_than_a_minute_ago_is_just_now() -> None:
    assert (RUSSIAN.ago(59_999), RUSSIAN.ago(60_000)) == ("только что", "1 минуту назад")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ru:en"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_system(environment: dict[str, str], language: str) -> None:
    assert system_language(environment) == language


def test_an_unknown_language_is_english() -> None:
    assert Words("xx")("Recording") == "Recording"


@pytest.fixture
def moscow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Moscow")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_local_and_have_a_day_unless_it_is_today(moscow: None) -> None:
    noon_ms = 1_792_065_600_000
    assert RUSSIAN.at(noon_ms, noon_ms) == "15:00"
    assert RUSSIAN.at(noon_ms - 86_400_000, noon_ms) == "14.10.2026 15:00"
    assert ENGLISH.at(noon_ms - 86_400_000, noon_ms) == "2026-10-14 15:00"


@given(st.integers(-(2**63), 2**63), st.integers(0, 2**42), st.sampled_from(LANGUAGES))
def test_no_instant_ends_in_an_error(when_ms: int, now_ms: int, language: str) -> None:
    say = Words(language)
    assert say.at(when_ms, now_ms) and say.ago(now_ms - when_ms) and say.span(when_ms)
