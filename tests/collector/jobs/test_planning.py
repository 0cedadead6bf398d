"""Plans from workload, the whole way from rows, on a week of history that can be computed by hand."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from activity_rows import at, enrol, hire, record
from crm_rows import away, clients, deal, letters, plan
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.planning import proposals, set_target, store_proposals
from planwhy_collector.plan.given import parse_given
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.workload import Order, order_for
from planwhy_collector.queries.plans import changes_of, plan_key, plans_touching

CRM = "https://acme.bitrix24.ru/crm"
NOW = "2026-10-01 08:00"
DAYS = ("24", "25", "28", "29", "30")
DAY = (
    ("09:00", "13:00", "active", f"{CRM}/deal/details/d1/"),
    ("14:00", "15:00", "active", f"{CRM}/company/details/7/"),
    ("15:00", "16:00", "active", "outlook.exe"),
    ("16:00", "17:00", "active", "https://vk.com/"),
    ("17:00", "18:00", "idle", None),
)


@dataclass
class Office:
    """One person with a recorded week before October: of 8 hours a day 4 sales, 1 service, 1 non-work, 1 idle.

    Usable are 30 of 40 hours, service takes 6 of them for 2 clients; 24 sales hours, 12 contacts, 3 contracts.
    """

    database: Database
    who: Person
    settings: Settings = field(default_factory=Settings)

    def proposed(self, period: str = "2026-10", *pairs: tuple[str, str], **more: Any) -> Proposal:
        return self.all_proposed(period, *pairs, **more)[0]

    def all_proposed(self, period: str, *pairs: tuple[str, str], **more: Any) -> tuple[Proposal, ...]:
        plan = order_of(period, more.pop("metric", "contracts"), more.pop("currency", None))
        staff = more.pop("staff", (self.who,))
        now = at(more.pop("now", NOW))
        return proposals(self.database, staff, plan, parse_given(pairs, plan.metric), "test", now, self.settings)

    def set(self, target: float, reason: str = "", period: str = "2026-10", **more: Any) -> tuple[PlanFact, bool]:
        plan = order_of(period, more.get("metric", "contracts"), more.get("currency"))
        return set_target(self.database, self.who, plan, target, "lead", reason, at(NOW), 0.6)

    def stored(self) -> tuple[PlanFact, ...]:
        with self.database.reading() as session:
            return plans_touching(session, self.who.id, parse_period("2026-10").first, parse_period("2026-11").last)


def order_of(period: str, metric: str = "contracts", currency: str | None = None) -> Order:
    return order_for(parse_period(period), metric, currency, None)


def worked(database: Database, who: Person) -> None:
    spans = [(f"2026-09-{d} {a}", f"2026-09-{d} {b}", state, what) for d in DAYS for a, b, state, what in DAY]
    record(database, who, enrol(database, who), spans)
    for n in range(3):
        deal(database, who, f"{who.key}d{n}", "2026-09-30 12:00")
        letters(database, who, f"{who.key}d{n}", *(f"2026-09-{day} 10:00" for day in (25, 28, 29, 30)))


@pytest.fixture
def office(database: Database) -> Office:
    who = hire(database, team="A")
    worked(database, who)
    clients(database, who, "c1", "c2")
    return Office(database, who)


def test_history_calendar_and_clients_make_the_target(office: Office) -> None:
    """176 h x 7/8 x 6/7 = 132; service 2 x 176 x 6/80 = 26.4; 105.6 x 0.5 contacts an hour x 0.25 = 13.2."""
    found = office.proposed()
    assert found.draft.basis is not None and found.draft.target == 13.0
    assert found.draft.basis.usable_hours == pytest.approx(132.0)
    assert found.draft.basis.service_hours == pytest.approx(26.4)
    assert found.draft.basis.worth == pytest.approx(13.2)
    assert set(found.draft.sources.values()) == {"own", "none"} and found.draft.sources["conversion_late"] == "none"


def test_an_approved_vacation_lowers_the_attendance_by_its_share(office: Office) -> None:
    away(office.database, office.who, "2026-10-05", "2026-10-09")
    found = office.proposed()
    assert found.draft.load.absent_hours == 40.0
    assert found.draft.values["attendance"] == pytest.approx(7 / 8 * 17 / 22)
    assert found.draft.basis is not None and found.draft.basis.service_hours == pytest.approx(26.4)


def test_clients_of_a_part_of_the_period_count_for_that_part(office: Office) -> None:
    clients(office.database, office.who, "new", since="2026-10-19")
    clients(office.database, office.who, "gone", until="2026-10-02", deleted_ms=1)
    assert office.proposed().draft.values["clients"] == pytest.approx(2 + 10 / 22)


@pytest.mark.parametrize(("period", "hours"), [("2026-W41", 40), ("2026-Q4", 528), ("2026-10-05..2026-10-06", 16)])
def test_weeks_quarters_and_ranges_scale(office: Office, period: str, hours: int) -> None:
    found = office.proposed(period).draft
    assert found.basis is not None and found.basis.expected_hours == hours
    assert found.basis.worth == pytest.approx(13.2 * hours / 176)


def test_stored_plans_are_frozen_and_explain_themselves_exactly(office: Office) -> None:
    (stored,) = store_proposals(office.database, [office.proposed()], at(NOW))
    record(office.database, office.who, enrol(office.database, office.who),
           [("2026-09-24 18:00", "2026-09-24 23:00", "active", "https://vk.com/")])  # fmt: skip
    clients(office.database, office.who, "c3", "c4")
    again = office.proposed()
    assert (again.plan, again.existing) == (None, stored) == (None, office.stored()[0])
    assert store_proposals(office.database, [again], at(NOW)) == ()
    found = explain(office.database, "e1", parse_period("2026-10"), at("2026-10-08 00:00"), office.settings, "en")
    stretch = next(f for f in found.factors if f.name == "plan_stretch")
    assert stretch.plan == pytest.approx(13 / 13.2)


def test_two_who_store_at_once_store_once(office: Office) -> None:
    both = [office.proposed(), office.proposed()]
    assert [len(store_proposals(office.database, [one], at(NOW))) for one in both] == [1, 0]


def test_the_previous_month_is_compared_with_its_reasons(office: Office) -> None:
    (before,) = store_proposals(office.database, [office.proposed()], at(NOW))
    clients(office.database, office.who, *(f"n{n}" for n in range(6)), since="2026-11-01")
    found = office.proposed("2026-11")
    assert found.change is not None and found.earlier == before and found.plan is not None
    parts = {part.name: part.part for part in found.change.parts}
    assert sum(parts.values()) == pytest.approx(found.plan.target - before.target)
    assert min(parts, key=lambda name: parts[name]) == "clients" and parts["focus"] == pytest.approx(0)


def test_a_newcomer_gets_the_teams_figures_and_a_loner_is_told_what_is_missing(office: Office) -> None:
    new = hire(office.database, "new", team="A")
    loner = hire(office.database, "alone")
    clients(office.database, new, "n1", "n2")
    first, other = office.all_proposed("2026-10", staff=(new, loner))
    assert first.draft.target == 13.0 and first.draft.sources["focus"] == "team"
    assert other.plan is None and other.draft.refusal == "missing"
    assert {"attendance", "focus", "contact_rate"} <= set(other.draft.missing)


def test_what_is_given_by_hand_is_kept_as_given(office: Office) -> None:
    found = office.proposed("2026-10", ("contact_rate", "1"), ("e1.clients", "0"))
    assert found.plan is not None and found.plan.target == 33.0
    assert found.plan.sources["contact_rate"] == found.plan.sources["clients"] == "given"
    with pytest.raises(InvalidInput, match="nobody"):
        office.proposed("2026-10", ("nobody.clients", "1"))


def test_who_left_before_is_left_out_with_a_word(office: Office) -> None:
    gone = hire(office.database, "gone", team="A", left_on=parse_period("2026-09").last)
    assert office.all_proposed("2026-10", staff=(gone,))[0].draft.refusal == "not_there"


def test_revenue_counts_one_currency_and_says_what_it_left_out(office: Office) -> None:
    deal(office.database, office.who, "usd", "2026-09-29 12:00", currency="USD")
    found = office.proposed(metric="revenue", currency="RUB")
    assert (found.draft.values["deal_value"], found.other_currency) == (100.0, 1)
    assert found.draft.basis is not None and found.draft.basis.worth == pytest.approx(1320.0)
    euros = office.proposed(metric="revenue", currency="EUR")
    assert euros.draft.missing == ("deal_value",) and euros.other_currency == 4


@pytest.mark.parametrize("period", ["2020-01", "2026-10-03..2026-10-04"])
def test_periods_beyond_history_or_without_working_days_have_no_plan(office: Office, period: str) -> None:
    assert office.proposed(period).draft.refusal == ("missing" if period == "2020-01" else "no_hours")


def test_a_period_far_ahead_is_planned_from_what_is_known_today(office: Office) -> None:
    assert office.proposed("2027-10").draft.sources["focus"] == "own"


def test_a_bare_target_is_filled_from_history_at_that_moment(office: Office) -> None:
    made, new = office.set(10.0)
    assert new and made.filled and made.assumptions.focus == pytest.approx(6 / 7)
    assert (made.workload, made.made_by, made.sources["focus"]) == (None, "lead", "own")


def test_a_target_changes_only_with_a_reason_that_is_kept(office: Office) -> None:
    made, _ = office.set(10.0)
    with pytest.raises(InvalidInput, match="needs 20"):
        office.set(9.0, "too short")
    changed, new = office.set(9.0, "Two weeks of the fair in Kazan")
    assert (changed.target, new, changed.assumptions) == (9.0, False, made.assumptions)
    with office.database.reading() as session:
        (change,) = changes_of(session, plan_key(made))
    assert (change.old_target, change.new_target, change.changed_by) == (10.0, 9.0, "lead")


@pytest.mark.parametrize("target", [0.0, -3.0, float("nan"), float("inf"), 1e15])
def test_impossible_targets_leave_nothing_behind(office: Office, target: float) -> None:
    with pytest.raises(InvalidInput, match="target"):
        office.set(target)
    assert office.stored() == ()


def test_a_plan_keeps_its_currency(office: Office) -> None:
    office.set(1000.0, metric="revenue", currency="RUB")
    with pytest.raises(InvalidInput, match="currency"):
        office.set(900.0, "A reason that is long enough", metric="revenue", currency="USD")


def test_a_plan_imported_before_is_left_alone(office: Office) -> None:
    plan(office.database, office.who, "2026-10", 7.0)
    found = office.proposed()
    assert found.plan is None and found.existing is not None and found.existing.target == 7.0
