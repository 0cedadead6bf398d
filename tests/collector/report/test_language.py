"""Numbers, money and days as people of both languages write them."""

from datetime import date

import pytest
from activity_rows import MOSCOW, at
from planwhy_collector.report.language import Language, language
from planwhy_shared.times import HOUR_MS

RU, EN = language("ru"), language("en")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (RU.number(-1234.55, 1), "−1\xa0234,5"), (EN.number(1234.0), "1,234"), (RU.number(-0.01, 1), "0"),
        (EN.signed(0.3), "+0.3"), (RU.signed(-0.3), "−0,3"), (EN.signed(0.001), "0"),
        (EN.percent(0.123, 1), "12.3%"), (RU.percent(0.5), "50\xa0%"),
        (RU.money(1234567.0, "RUB"), "1\xa0234\xa0567\xa0₽"), (EN.money(-5.0, "XYZ"), "−5\xa0XYZ"),
        (RU.hours(3.25), "3,2 ч"), (EN.days(date(2026, 10, 1), date(2026, 10, 31)), "October 2026"),
        (EN.days(date(2026, 10, 1), date(2026, 10, 30)), "1 Oct 2026 – 30 Oct 2026"),
        (EN.deadline("2026-10-03T00:00:00+03:00"), "2 Oct 2026"),
        (EN.deadline("2026-10-03T18:00:00+03:00"), "3 Oct 2026, 18:00"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(said: str, expected: str) -> None:
    assert said.replace(" ", "\xa0") == expected.replace(" ", "\xa0")


def test_an_unknown_text_is_said_as_it_is() -> None:
    assert RU.say("never translated: 100 %") == "never translated: 100 %"


def test_another_locale_is_english() -> None:
    assert isinstance(language("de"), Language) and language("de").locale == "en"


def test_whole_days_are_written_as_days() -> None:
    midnight, zone = at("2026-10-05 00:00"), MOSCOW
    assert EN.stretch(midnight, midnight + 24 * HOUR_MS, zone) == "5 Oct 2026"
    assert EN.stretch(midnight, midnight + HOUR_MS, zone) == "5 Oct 2026, 00:00 – 5 Oct 2026, 01:00"
