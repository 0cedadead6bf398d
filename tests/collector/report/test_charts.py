"""Charts draw what they are given, in Russian too, and hostile text stays text."""

from datetime import date
from xml.etree import ElementTree

from planwhy_collector.report.charts import COLOURS, plan_chart, strip_chart, svg, time_chart, waterfall_chart
from planwhy_collector.report.factors import Bar
from planwhy_collector.report.language import language
from planwhy_collector.report.strip import Stretch
from planwhy_collector.report.words import KINDS

RU = language("ru")
HOSTILE = "</svg><script>alert(1)</script>"


def words_in(drawn: str) -> set[str]:
    return {node.text or "" for node in ElementTree.fromstring(drawn).iter() if node.tag.endswith("text")}


def test_the_waterfall_names_each_bar() -> None:
    bars = [
        Bar("План", 0, 12, "total", "12"),
        Bar("Присутствие", 12, 9, "lost", "−3", 8, 10),
        Bar("Факт", 0, 9, "total", "9"),
    ]
    assert {"План", "Присутствие", "Факт", "−3"} <= words_in(svg(waterfall_chart(bars, "договоры", RU)))


def test_hostile_labels_stay_text() -> None:
    bars = [Bar(HOSTILE, 0, 1, "total", HOSTILE)]
    drawn = svg(waterfall_chart(bars, HOSTILE, RU))
    assert "<script" not in drawn


def test_a_strip_names_days_and_kinds_in_the_readers_language() -> None:
    stretches = [Stretch(date(2026, 10, 1), 540, 600, "sales"), Stretch(date(2026, 10, 2), 540, 600, "unrecorded")]
    assert {"Продажи", "Не записано", "чт 1 окт."} <= words_in(svg(strip_chart(stretches, RU)))


def test_empty_charts_are_drawn_too() -> None:
    for spec in (strip_chart([], RU), time_chart({}, RU), plan_chart([], RU), waterfall_chart([], "", RU)):
        assert svg(spec).startswith("<svg")


def test_every_kind_of_time_has_a_colour_of_its_own() -> None:
    assert COLOURS.keys() == KINDS.keys() and len(set(COLOURS.values())) == len(KINDS)


def test_axes_write_numbers_as_the_language_does() -> None:
    bars = [Bar("План", 0, 1_500_000, "total", "")]
    assert "1\xa0000\xa0000" in words_in(svg(waterfall_chart(bars, "", RU)))
    assert "1,000,000" in words_in(svg(waterfall_chart(bars, "", language("en"))))
