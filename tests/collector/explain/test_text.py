"""The summary: both languages, no words of blame, nothing said that is not known; two whole paragraphs as gold."""

import re
from dataclasses import replace
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measured_people import assumptions, hours, measured
from planwhy_collector.explain import words
from planwhy_collector.explain.compose import compose
from planwhy_collector.explain.evidence import Evidence, JudgedTask
from planwhy_collector.explain.overdue import TaskTime
from planwhy_collector.explain.quantities import Sales
from planwhy_collector.explain.text import summary
from planwhy_collector.facts import Assumptions, Person, TaskFact
from planwhy_collector.plan.measured import Measured, SalesCounts
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.target import Target
from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import HOUR_MS, Interval

GOLD = Path(__file__).parents[2] / "gold"
FORBIDDEN = re.compile(
    r"\b(because|caus|due to|fault|blam|guilt|lazy|lazi|culprit|punish|penalt|fine[ds]?\b|score|rank|slack|wast|"
    r"negligen|underperform|fail)|из-за|вин[аоуые]\b|винов|причин|лен[ьи]|ленив|штраф|наказ|рейтинг|балл|провал|прогул|"
    r"бездель|халат|нарушен|недобросов",
    re.IGNORECASE,
)
PERSON = Person(1, "e1", "One", None, "", ZoneInfo("Europe/Moscow"), parse_hours(DEFAULT), "")
GIVEN = Assumptions(80, 0.95, 0.9, 0.8, 1.0, 0.1, 0.2, 0.1, 90.0)
TASK = TaskFact("t1", 1, "Offer", 0, 8 * HOUR_MS, False, None, "", "", "")
JUDGED = JudgedTask(
    TASK, "no_capacity", Interval(0, 8 * HOUR_MS), TaskTime(sales=5), TaskTime(sales=12 * HOUR_MS), HOUR_MS // 3
)


def evidence(found: Measured, target: float, assumed: Assumptions = GIVEN, **more: object) -> Evidence:
    sources = {name: "none" if getattr(assumed, name) is None else "given" for name in ("focus", "contact_rate")}
    plan = Target("contracts", None, target, target, assumed, sources, None)
    base = Evidence(PERSON, parse_period("2026-10"), 1793000000000, plan, found, Sales(), {}, {}, {}, (), 0.6, "v1")
    return base if not more else type(base)(**{f: more.get(f, getattr(base, f)) for f in base.__slots__})  # type: ignore[attr-defined]


SCENE = evidence(
    Measured(hours(sales=36, service=12, general=8, non_work=6, neutral=4, unclassified=4, idle=6, none=4),
             SalesCounts(24, 6, 2, 0, (90.0, 90.0))),
    11.0,
    met_plan={"focus": 0.9, "attendance": 0.9},
    overdue=(JUDGED,),
    absence_ms={},
    sales=Sales(other_currency=1, no_card=3),
)  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_the_paragraph_is_as_kept(locale: str) -> None:
    kept = (GOLD / f"summary_{locale}.txt").read_text(encoding="utf-8").strip()
    assert compose(SCENE, locale).summary == kept


def every_text() -> list[str]:
    tables = (words.FACTORS, words.ABSENCES, words.VERDICTS, words.SENTENCES)
    return [text for table in tables for texts in table.values() for text in texts.values()]


def test_no_sentence_blames() -> None:
    assert [text for text in every_text() if FORBIDDEN.search(text)] == []
    assert FORBIDDEN.search("they failed") and FORBIDDEN.search("по вине сотрудника")


def test_both_languages_say_the_same_things() -> None:
    for table in (words.FACTORS, words.ABSENCES, words.VERDICTS, words.SENTENCES):
        assert table["en"].keys() == table["ru"].keys()
    for name, text in words.SENTENCES["en"].items():
        assert places(text) == places(words.SENTENCES["ru"][name]), name


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(measured, assumptions, st.one_of(st.just(0.0), st.floats(0.5, 1e6)), st.sampled_from(["en", "ru"]))
def test_whatever_was_measured_there_is_a_plain_answer(
    found: Measured, assumed: Assumptions, target: float, locale: str
) -> None:
    explained = compose(evidence(found, target, assumed), locale)
    text = msgspec.json.encode(explained).decode()
    assert not re.search(r"\b(nan|inf|infinity)\b", explained.summary, re.IGNORECASE)
    assert "null" not in re.findall(r'"(?:low|high|plan|actual|contribution)":(\w+)', text)
    time = explained.time
    rest = sum(v for k, v in msgspec.structs.asdict(time).items() if k != "work")
    assert rest + sum(msgspec.structs.astuple(time.work)) == pytest.approx(explained.coverage.expected_hours)
    assert len(explained.factors) == (8 if explained.coverage.conclusive else 5)


def test_a_plan_that_was_reached_is_not_explained_away() -> None:
    text = compose(evidence(SCENE.measured, 2.0), "en").summary
    assert "The plan was reached." in text and "shortfall" not in text


def test_a_part_of_a_plan_is_told_as_a_part() -> None:
    running = replace(SCENE, target=replace(SCENE.target, prorated_from="2026-10"))
    told = compose(running, "en").summary
    assert told.startswith("Of the plan for October 2026, 11 contracts fall on the working hours so far; the result is")
    ended = replace(SCENE, target=replace(SCENE.target, prorated_from="2026-Q4"), as_of_ms=1_795_000_000_000)
    told = compose(ended, "ru").summary
    assert told.startswith("Из плана на 1 окт. – 31 дек. 2026\u202fг. на октябрь 2026 приходится 11 договоров")


def test_what_is_said_once_is_not_said_again() -> None:
    text = compose(SCENE, "en").summary
    assert "Non-work time does not explain the shortfall" in text
    assert "share of work in the time at work" not in text


def test_an_interval_is_spoken_of_where_it_matters() -> None:
    factor = next(f for f in compose(SCENE, "en").factors if f.name == "conversion")
    narrow = msgspec.structs.replace(factor, low=factor.contribution * 0.95, high=factor.contribution * 1.05)
    told = [summary(msgspec.structs.replace(compose(SCENE, "en"), factors=(f,)), "en") for f in (factor, narrow)]
    assert ["possibly between" in text for text in told] == [True, False]
