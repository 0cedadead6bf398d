"""What is decided in a case: each deed is written down, nothing is undone in silence, and of two at once one wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from activity_rows import at, hire
from crm_rows import plan
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.jobs.adjusting import adjust
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries import decisions
from planwhy_collector.queries.case_events import EventFact, events_of, recognised_in
from planwhy_collector.queries.cases import BY_RULE, CaseFact, case_by_id, conclude, open_case
from planwhy_collector.queries.plans import changes_of, plan_key, plans_touching
from planwhy_collector.queries.users import UserFact
from sqlalchemy.orm import Session

NOW = at("2026-11-02 12:00")
LEAD = UserFact(5, "lead@example.test", "Lead", "supervisor", None, None)
REASON = "Two clients left in the middle of the month"
Deed = Callable[[Session], object]


@pytest.fixture
def case(database: Database) -> CaseFact:
    return opened(database)


def opened(database: Database) -> CaseFact:
    person = hire(database)
    plan(database, person, "2026-10", 12.0)
    with database.writing() as session:
        return open_case(session, person.id, parse_period("2026-10"), REASON, LEAD.id, NOW, 14)[0]


def done(database: Database, *deeds: Deed) -> None:
    for deed in deeds:
        with database.writing() as session:
            deed(session)


def told(database: Database, case: CaseFact) -> tuple[EventFact, ...]:
    with database.reading() as session:
        return events_of(session, case.id)


def concluding(case: CaseFact, conclusion: str = "none") -> Deed:
    return lambda session: conclude(session, case.id, conclusion, "", LEAD.id, NOW)


def adjusting(case: CaseFact, new: float, based_on: float = 12.0, reason: str = REASON) -> Deed:
    return lambda session: adjust(session, case, based_on, new, reason, LEAD, NOW)


def recognising(case: CaseFact, **given: str) -> Deed:
    return lambda session: decisions.recognise(session, case.id, given, LEAD.id, NOW)


def test_the_history_tells_each_deed_in_its_order(database: Database, case: CaseFact) -> None:
    steps = (
        recognising(case, illness="Ill for a week", other="A fair"),
        lambda session: decisions.withdraw(session, case.id, "other", LEAD.id, NOW),
        adjusting(case, 9.0),
        lambda session: decisions.extend(session, case.id, REASON, LEAD.id, NOW, 14),
        concluding(case, "circumstances"),
        lambda session: decisions.reopen(session, case.id, REASON, LEAD.id, NOW, 14),
    )
    done(database, *steps)
    kinds = [event.kind for event in told(database, case)]
    assert kinds == [
        "opened", "recognised", "recognised", "withdrawn", "adjusted", "extended", "concluded", "reopened"
    ]  # fmt: skip
    assert list(recognised_in(told(database, case))) == ["illness"]


def test_an_adjusted_plan_keeps_its_assumptions_and_both_targets(database: Database, case: CaseFact) -> None:
    done(database, adjusting(case, 9.0))
    event = told(database, case)[-1]
    assert (event.old_value, event.new_value, event.text) == (12.0, 9.0, REASON)
    with database.reading() as session:
        (stored,) = plans_touching(session, case.employee_id, case.period.first, case.period.last)
        (change,) = changes_of(session, plan_key(stored))
    assert stored.target == 9.0 and (change.case_id, change.changed_by) == (case.id, "Lead <lead@example.test>")


@pytest.mark.parametrize("text", ["", "  ", "too short", " " * 40, "x" * 4_001])
def test_reasons_are_typed(database: Database, case: CaseFact, text: str) -> None:
    for deed in (adjusting(case, 9.0, reason=text), lambda s: decisions.extend(s, case.id, text, 5, NOW, 14)):
        with pytest.raises(InvalidInput, match="reason"):
            done(database, deed)
    assert [event.kind for event in told(database, case)] == ["opened"]


@pytest.mark.parametrize("target", [0.0, 2e12, float("inf"), 12.0])
def test_a_target_is_a_new_number_above_zero(database: Database, case: CaseFact, target: float) -> None:
    with pytest.raises(InvalidInput, match="target"):
        done(database, adjusting(case, target))


@pytest.mark.parametrize("conclusion", ["circumstances", "plan_adjusted", "fined"])
def test_a_conclusion_needs_something_behind_it(database: Database, case: CaseFact, conclusion: str) -> None:
    with pytest.raises(InvalidInput, match=conclusion):
        done(database, concluding(case, conclusion))
    with database.reading() as session:
        assert not case_by_id(session, case.id).concluded


def test_a_concluded_case_takes_nothing_but_to_be_opened_again(database: Database, case: CaseFact) -> None:
    done(database, concluding(case))
    extending = lambda session: decisions.extend(session, case.id, REASON, LEAD.id, NOW, 14)  # noqa: E731
    for deed in (recognising(case, other="A fair"), adjusting(case, 9.0), extending, concluding(case)):
        with pytest.raises(InvalidInput, match="conclusion already"):
            done(database, deed)


def test_detail_is_extended_once_for_each_opening(database: Database, case: CaseFact) -> None:
    def extend(session: Session) -> None:
        decisions.extend(session, case.id, REASON, LEAD.id, NOW, 14)

    done(database, extend)
    with pytest.raises(InvalidInput, match="already"):
        done(database, extend)
    done(database, concluding(case), lambda s: decisions.reopen(s, case.id, REASON, LEAD.id, NOW, 14), extend)
    with database.reading() as session:
        assert case_by_id(session, case.id).detail_until_ms == NOW + 2 * 14 * decisions.DAY_MS


def test_unknown_and_repeated_circumstances_are_refused(database: Database, case: CaseFact) -> None:
    done(database, recognising(case, illness="Ill for a week"))
    refused = (
        recognising(case, illness="Again"), recognising(case, luck="Bad"), recognising(case),
        lambda s: decisions.withdraw(s, case.id, "other", 5, NOW),
    )  # fmt: skip
    for deed in refused:
        with pytest.raises(InvalidInput, match="circumstance"):
            done(database, deed)
    with pytest.raises(NotFound):
        done(database, lambda s: decisions.withdraw(s, 1, "other", 5, NOW))


def at_once(database: Database, deeds: list[Deed]) -> list[str]:
    """Do deeds in threads with databases of their own that start together; what each was told."""
    start = Barrier(len(deeds))

    def one(deed: Deed) -> str:
        with Database(database.url) as own:
            start.wait()
            try:
                done(own, deed)
            except InvalidInput as error:
                return error.detail
        return ""

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(one, deeds))


def test_of_two_conclusions_at_once_one_wins_and_the_other_is_told(either: Database) -> None:
    case = opened(either)
    first, second = at_once(either, [concluding(case), concluding(case, "help_agreed")])
    assert first == "" and "conclusion already" in second
    assert [event.kind for event in told(either, case)] == ["opened", "concluded"]


def test_of_two_adjustments_at_once_one_wins_and_the_other_is_told(either: Database) -> None:
    case = opened(either)
    first, second = at_once(either, [adjusting(case, 9.0), adjusting(case, 8.0)])
    assert first == "" and "changed it meanwhile" in second
    assert [event.kind for event in told(either, case)] == ["opened", "adjusted"]


def test_of_two_openings_at_once_one_is_new_and_written_down_once(either: Database) -> None:
    person, new = hire(either), []

    def opening(session: Session) -> None:
        new.append(open_case(session, person.id, parse_period("2026-10"), BY_RULE, None, NOW, 14))

    at_once(either, [opening] * 6)
    assert sum(is_new for _, is_new in new) == 1 and len({case.id for case, _ in new}) == 1
    assert [event.kind for event in told(either, new[0][0])] == ["opened"]
