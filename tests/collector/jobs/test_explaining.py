"""The whole way from rows to an explanation, on a week that can be computed by hand."""

import json
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import msgspec
import pytest
from activity_rows import at, enrol, hire, record
from crm_rows import away, deal, letters, plan, task
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NoPlan, NotFound
from planwhy_collector.explain.result import Explanation, FactorOut
from planwhy_collector.facts import Person
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.plan.period import parse_period

SETTINGS = Settings(default_locale="en")
WEEK = "2026-10-05..2026-10-09"
CRM = "https://acme.bitrix24.ru/crm"
DAYS = ("05", "06", "07", "08", "09")
DAY = (
    ("09:00", "11:00", "active", f"{CRM}/deal/details/d1/"),
    ("11:00", "12:00", "active", f"{CRM}/company/details/7/"),
    ("12:00", "13:00", "active", "https://vk.com/"),
    ("14:00", "15:00", "active", "outlook.exe"),
    ("15:00", "17:00", "active", f"{CRM}/deal/details/d2/"),
    ("17:00", "18:00", "idle", None),
)
ASSUMED = {
    "expected_hours": 40.0, "attendance": 0.875, "focus": 6 / 7, "sales_share": 0.8, "contact_rate": 1.0,
    "late_share": 0.0, "conversion_on_time": 0.25, "conversion_late": 0.25,
}  # fmt: skip


@dataclass
class Scene:
    """A person with one recorded week: of 8 hours a day 4 sales, 1 service, 1 general, 1 non-work, 1 idle."""

    database: Database
    who: Person

    def explained(self, period: str = WEEK, as_of: str = "2026-10-12 00:00", locale: str = "en") -> Explanation:
        return explain(self.database, self.who.key, parse_period(period), at(as_of), SETTINGS, locale)

    def factor(self, name: str, **asked: str) -> FactorOut:
        return next(f for f in self.explained(**asked).factors if f.name == name)


def worked(database: Database, who: Person, days: tuple[str, ...] = DAYS) -> None:
    spans = [(f"2026-10-{d} {a}", f"2026-10-{d} {b}", state, what) for d in days for a, b, state, what in DAY]
    record(database, who, enrol(database, who), spans)


@pytest.fixture
def scene(database: Database) -> Scene:
    who = hire(database)
    worked(database, who)
    for key in ("d1", "d2", "d3"):
        deal(database, who, key, "2026-10-08 12:00")
        letters(database, who, key, *(f"2026-10-0{n} 10:00" for n in (5, 6, 7, 8)))
    return Scene(database, who)


def test_a_week_of_half_the_contacts_is_explained_by_the_contact_rate_alone(scene: Scene) -> None:
    """40 h x 7/8 x 6/7 x 4/5 = 24 sales hours; 12 contacts are 0.5 an hour; 3 of 12 won is 0.25; plan 24 x 1 x 0.25."""
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    found = scene.explained()
    actual = {f.name: f.actual for f in found.factors}
    assert (actual["attendance"], actual["focus"]) == (pytest.approx(0.875), pytest.approx(6 / 7))
    assert (actual["sales_share"], actual["contact_rate"]) == (pytest.approx(0.8), pytest.approx(0.5))
    parts = {f.name: f.contribution for f in found.factors}
    assert parts["contact_rate"] == pytest.approx(3.0)
    assert all(abs(part) < 1e-9 for name, part in parts.items() if name != "contact_rate")


def test_time_is_a_partition_of_the_expected_hours(scene: Scene) -> None:
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    time, cover = scene.explained().time, scene.explained().coverage
    assert (time.work.sales, time.work.service, time.work.general) == (20.0, 5.0, 5.0)
    assert (time.non_work, time.idle, time.unrecorded, cover.share) == (5.0, 5.0, 0.0, 1.0)
    assert cover.expected_hours == 40.0


def test_a_target_above_the_assumptions_is_plan_stretch(scene: Scene) -> None:
    """The assumptions give 6; a target of 9 is 1.5 times that. With r from 1 to 0.5 and stretch from 1.5 to 1:

    stretch moves 6 x (1.5 - 1) = 3 first, or 3 x 0.5 = 1.5 after the rate: 2.25 on average.
    """
    plan(scene.database, scene.who, WEEK, 9.0, **ASSUMED)
    stretch = scene.factor("plan_stretch")
    assert (stretch.plan, stretch.actual) == (pytest.approx(1.5), 1.0)
    assert stretch.contribution == pytest.approx(2.25)
    assert scene.factor("contact_rate").contribution == pytest.approx(3.75)


def test_little_recorded_time_leaves_only_contacts(database: Database) -> None:
    who = hire(database)
    worked(database, who, ("05", "06"))
    letters(database, who, "d1", "2026-10-05 10:00", "2026-10-06 10:00")
    plan(database, who, WEEK, 6.0, **ASSUMED)
    found = Scene(database, who).explained()
    assert [f.name for f in found.factors] == ["contacts", "follow_up", "conversion", "deal_value", "plan_stretch"]
    assert (found.coverage.share, found.coverage.conclusive) == (pytest.approx(0.4), False)
    assert found.factors[0].plan == pytest.approx(24.0) and found.factors[0].actual == 2.0
    assert "not enough recorded" in found.summary
    assert [(c.kind, c.hours) for c in found.circumstances] == [("no_word", 24.0)]


def test_nothing_at_all_recorded_or_sold_is_still_an_answer(database: Database) -> None:
    who = hire(database)
    plan(database, who, WEEK, 6.0)
    found = Scene(database, who).explained()
    assert found.plan.shortfall == pytest.approx(sum(f.contribution for f in found.factors)) == 6.0
    assert json.loads(msgspec.json.encode(found))["chance"] is None
    assert "NaN" not in found.summary and "inf" not in found.summary


def test_an_approved_absence_is_a_circumstance_and_lowers_attendance(scene: Scene) -> None:
    plan(scene.database, scene.who, "2026-10-05..2026-10-16", 12.0, **ASSUMED)
    away(scene.database, scene.who, "2026-10-12", "2026-10-16")
    found = scene.explained("2026-10-05..2026-10-16", "2026-10-20 00:00")
    assert [(c.kind, c.detail, c.hours) for c in found.circumstances] == [("approved_absence", "vacation", 40.0)]
    assert (found.coverage.approved_absence_hours, found.coverage.share) == (40.0, 1.0)
    assert {f.name: f.actual for f in found.factors}["attendance"] == pytest.approx(0.4375)


def test_a_part_of_a_plan_is_measured_against_its_part_of_the_working_hours(scene: Scene) -> None:
    """October 2026 has 22 working days: a contract a day; the 1st, the 2nd and the morning of the 5th are 2.5."""
    plan(scene.database, scene.who, "2026-10", 22.0, **ASSUMED)
    found = scene.explained().plan
    assert (found.target, found.prorated_from) == (pytest.approx(5.0), "2026-10")
    assert scene.explained("2026-10", as_of="2026-10-05 13:00").plan.target == pytest.approx(2.5)


def test_what_happens_after_as_of_does_not_count(scene: Scene) -> None:
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    found = scene.explained(as_of="2026-10-07 00:00")
    assert found.plan.actual == 0.0
    assert found.chance is not None and found.chance.expected_contracts == pytest.approx(6 * 0.25)
    assert found.coverage.expected_hours == 16.0


def test_a_task_left_open_shows_as_overdue_and_makes_contacts_late(scene: Scene) -> None:
    """Overdue from Tuesday 18:00: Wednesday 10:00 is one working hour later, within the grace; Thursday is late."""
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    card = {"entity_type": "deal", "entity_id": "d3"}
    task(scene.database, scene.who, "t1", "2026-10-05 09:00", "2026-10-06 18:00", **card)
    found = scene.explained(as_of="2026-10-10 00:00")
    only = found.overdue[0]
    assert (only.task_id, only.overdue_hours, only.closed_at) == ("t1", 24.0, None)
    assert only.verdict == "worked_not_closed" and only.time.sales == 8.0
    assert sum(msgspec.structs.astuple(only.overdue_time)) == 24.0
    assert scene.factor("follow_up").actual == pytest.approx(1 / 12)


def test_a_late_task_that_nobody_touched_had_capacity(scene: Scene) -> None:
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    task(scene.database, scene.who, "t1", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-07 10:00")
    only = scene.explained().overdue[0]
    assert (only.verdict, only.overdue_hours) == ("had_capacity", 1.0)
    assert (only.time.non_work, only.time.idle, only.time.service) == (2.0, 2.0, 2.0)


def test_assumptions_of_a_bare_target_come_from_history_and_then_stay(database: Database) -> None:
    who = hire(database)
    worked(database, who, ("26", "27", "28", "29", "30"))
    letters(database, who, "d1", *(f"2026-10-{n} 10:00" for n in range(21, 31)))
    record(database, who, enrol(database, who), [("2026-11-02 09:00", "2026-11-02 18:00", "active", "outlook.exe")])
    plan(database, who, "2026-11-02..2026-11-02", 2.0)
    scene = Scene(database, who)
    asked = {"period": "2026-11-02..2026-11-02", "as_of": "2026-12-01 00:00"}
    first = scene.factor("focus", **asked)
    assert (first.plan, first.source, first.own_trailing) == (pytest.approx(6 / 7), "own", pytest.approx(6 / 7))
    late = [("2026-10-26 13:00", "2026-10-26 14:00", "active", "https://vk.com/")]
    moved = [(f"2026-10-{n} 14:00", f"2026-10-{n} 18:00", "active", "https://vk.com/") for n in (26, 27, 28)]
    record(database, who, enrol(database, who), late + moved)
    again = scene.factor("focus", **asked)
    assert again.plan == first.plan and again.own_trailing < first.own_trailing  # type: ignore[operator]


def test_medians_come_from_colleagues_who_met_the_same_plan(database: Database) -> None:
    who, other, third = (hire(database, key, team="A") for key in ("e1", "e2", "e3"))
    for one in (who, other, third):
        worked(database, one)
        plan(database, one, WEEK, 1.0, **ASSUMED)
    scene = Scene(database, who)
    assert scene.factor("focus").met_plan_median is None
    deal(database, other, "x", "2026-10-07 12:00")
    assert scene.factor("focus").met_plan_median is None, "one colleague's own figure"
    deal(database, third, "y", "2026-10-07 12:00")
    assert scene.factor("focus").met_plan_median == pytest.approx(6 / 7)
    assert "does not explain" in scene.explained().summary


def test_revenue_counts_only_the_plans_currency_and_says_so(scene: Scene) -> None:
    plan(scene.database, scene.who, WEEK, 600.0, metric="revenue", currency="RUB", **ASSUMED, deal_value=100.0)
    deal(scene.database, scene.who, "usd", "2026-10-06 12:00", currency="USD")
    found = scene.explained()
    assert (found.plan.actual, found.plan.currency) == (300.0, "RUB")
    assert [(c.kind, c.count) for c in found.circumstances] == [("other_currency", 1)]
    assert sum(f.contribution for f in found.factors) == pytest.approx(found.plan.shortfall)


def test_refusals_are_clear(scene: Scene) -> None:
    with pytest.raises(NoPlan, match="no plan for"):
        scene.explained()
    plan(scene.database, scene.who, WEEK, 6.0)
    with pytest.raises(NoPlan, match="cover only a part"):
        scene.explained("2026-10")
    with pytest.raises(InvalidInput, match="not begun"):
        scene.explained(as_of="2026-10-01 00:00")
    with pytest.raises(NotFound):
        explain(scene.database, "nobody", parse_period(WEEK), at("2026-10-12 00:00"), SETTINGS)


def test_the_json_has_the_published_shape(scene: Scene) -> None:
    plan(scene.database, scene.who, WEEK, 6.0, **ASSUMED)
    task(scene.database, scene.who, "t1", "2026-10-05 09:00", "2026-10-06 18:00")
    schema = json.loads((Path(__file__).parents[2] / "gold" / "explanation.schema.json").read_text())
    jsonschema.validate(json.loads(msgspec.json.encode(scene.explained(locale="ru"))), schema)
