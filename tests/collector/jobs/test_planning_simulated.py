"""Plans of a simulated team whose true figures are known: simulate, import, upload, settle, plan."""

from datetime import date
from pathlib import Path

import pytest
from planwhy_collector.app import create_app
from planwhy_collector.config import Settings
from planwhy_collector.csvimport import import_folder
from planwhy_collector.db import Database
from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.jobs.planning import proposals
from planwhy_collector.jobs.settle import settle
from planwhy_collector.plan.given import NOTHING_GIVEN
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.workload import order_for
from planwhy_collector.queries.people import people
from planwhy_collector.services import Services
from planwhy_collector.simulate.roster import Member, roster
from planwhy_collector.simulate.writing import Order, write
from planwhy_shared.times import day_bounds

LAST, SEED, PEOPLE = date(2026, 9, 30), 7, 3
ENROL = {"hostname": "pc", "os": "linux", "os_user": "u", "agent_version": "0"}


def filled(database: Database, folder: Path) -> tuple[Proposal, ...]:
    """Three months of three people the way real data comes in, and plans for the month after."""
    keys = list(write(Order(PEOPLE, 92, SEED, LAST), folder))
    now_ms = day_bounds(LAST, next(roster(1, SEED)).person.zone).end_ms + 8 * 3_600_000
    settings = Settings(device_rate_per_minute=1_000_000)
    client = create_app(settings, database, Services(settings, database, lambda: now_ms)).test_client()
    with database.writing() as session:
        assert import_folder(session, folder, now_ms).errors == ()
        codes = {key: issue_code(session, key, now_ms).code for key in keys}
    for key, code in codes.items():
        token = client.post("/api/v1/enrol", json=ENROL | {"code": code, "instance_id": key}).get_json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for line in (folder / "spans" / f"{key}.jsonl").read_bytes().splitlines():
            assert client.post("/api/v1/spans", data=line, headers=headers).status_code == 200
    settle(database, now_ms)
    with database.reading() as session:
        staff = sorted(people(session), key=lambda one: one.key)
    order = order_for(parse_period("2026-10"), "contracts", None, None)
    return proposals(database, staff, order, NOTHING_GIVEN, "test", now_ms, settings)


def usual_worth(member: Member, hours: float) -> float:
    """What the person's true usual figures give in so many working hours."""
    t = member.traits
    conversion = (1 - t.late_share) * t.conversion_on_time + t.late_share * t.conversion_late
    return hours * t.attendance * t.focus * t.sales_share * t.contact_rate * conversion


@pytest.mark.slow
def test_plans_of_a_simulated_team_lie_near_what_its_usual_figures_give(database: Database, tmp_path: Path) -> None:
    """Among the three months are some with causes and chance, so that a plan may differ, but not by more than half."""
    found = filled(database, tmp_path / "made")
    members = list(roster(PEOPLE, SEED))
    assert [one.person.key for one in found] == [m.person.key for m in members]
    for one, member in zip(found, members, strict=True):
        basis = one.draft.basis
        assert basis is not None and one.plan is not None and one.draft.values["clients"] == member.clients
        assert 0.5 < one.plan.target / usual_worth(member, basis.expected_hours) < 1.5
        assert basis.service_hours + basis.sales_hours == pytest.approx(basis.usable_hours)
        assert one.change is not None
        whole = one.change.after - one.change.before
        assert sum(part.part for part in one.change.parts) == pytest.approx(whole)
