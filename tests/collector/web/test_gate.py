"""The one gate: each way in, each refusal, and what is written down."""

import pytest
from activity_rows import at
from planwhy_collector.errors import InvalidInput, NotFound, PurposeRequired
from planwhy_collector.gate import Opening, ask_grant, may_see_detail, record_look
from planwhy_collector.queries.cases import conclude
from planwhy_collector.queries.looks import looks_at
from planwhy_shared.times import HOUR_MS, Interval
from signed_in import ADMIN, COUNCIL, LEAD, OTHER, OWN, Site

DAY = Interval(at("2026-10-05 00:00"), at("2026-10-06 00:00"))
REASON = "The client complained about late answers"


def ask(place: Site, email: str, bounds: Interval = DAY) -> Opening:
    with place.database.reading() as session:
        return may_see_detail(session, place.user(email), place.person, bounds, place.now)


def grant(
    place: Site, email: str, purpose: str = "client_complaint", reason: str = REASON, bounds: Interval = DAY
) -> None:
    with place.database.writing() as session:
        ask_grant(session, place.user(email), place.person, purpose, reason, bounds, place.now)


def test_a_person_always_sees_the_own_detail(place: Site) -> None:
    assert ask(place, OWN).via == "self"


def test_the_supervisor_needs_a_case_or_a_grant(place: Site) -> None:
    with pytest.raises(PurposeRequired):
        ask(place, LEAD)


@pytest.mark.parametrize("email", [OTHER, ADMIN, COUNCIL])
def test_nobody_else_gets_in_even_with_a_case(place: Site, email: str) -> None:
    place.case()
    with pytest.raises(NotFound):
        ask(place, email)
    with pytest.raises(NotFound):
        grant(place, email)


def test_an_open_case_opens_its_period_and_no_day_more(place: Site) -> None:
    place.case("2026-10")
    assert ask(place, LEAD).via == "case"
    with pytest.raises(PurposeRequired):
        ask(place, LEAD, Interval(at("2026-10-31 12:00"), at("2026-11-01 00:01")))


def test_a_case_closes_the_detail_after_its_days(place: Site) -> None:
    place.case()
    place.now += 14 * 24 * HOUR_MS
    with pytest.raises(PurposeRequired):
        ask(place, LEAD)


def test_a_conclusion_closes_the_detail(place: Site) -> None:
    case = place.case()
    with place.database.writing() as session:
        conclude(session, case, "help_agreed", "", place.user(LEAD).id, place.now)
    with pytest.raises(PurposeRequired):
        ask(place, LEAD)


def test_a_grant_opens_its_range_for_four_hours_to_the_one_who_asked(place: Site) -> None:
    grant(place, LEAD)
    assert ask(place, LEAD).purpose == "client_complaint"
    with pytest.raises(PurposeRequired):
        ask(place, LEAD, Interval(DAY.start_ms - 1, DAY.end_ms))
    place.now += 4 * HOUR_MS
    with pytest.raises(PurposeRequired):
        ask(place, LEAD)


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [("", REASON), ("curiosity", REASON), ("security", "too short"), ("security", " " * 40), ("security", "x" * 1001)],
)
def test_a_grant_needs_a_purpose_from_the_list_and_a_real_reason(place: Site, purpose: str, reason: str) -> None:
    with pytest.raises(InvalidInput):
        grant(place, LEAD, purpose, reason)


def test_a_grant_has_a_longest_range(place: Site) -> None:
    with pytest.raises(InvalidInput):
        grant(place, LEAD, bounds=Interval(at("2026-10-01 00:00"), at("2026-11-02 00:00")))


def test_a_look_is_written_down_with_the_reason_and_ones_own_is_not(place: Site) -> None:
    grant(place, LEAD)
    with place.database.writing() as session:
        for email in (LEAD, OWN):
            opening = may_see_detail(session, place.user(email), place.person, DAY, place.now)
            record_look(session, place.user(email), place.person, "timeline", opening, DAY, place.now)
        (found,) = looks_at(session, place.person.id)
    assert (found.look.actor, found.look.reason) == (f"Lead <{LEAD}>", REASON)
