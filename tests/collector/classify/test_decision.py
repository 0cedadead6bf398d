"""Decisions become lines of the own rules, and later ones replace earlier ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_collector.classify.decision import Decision, with_decision, with_left
from planwhy_collector.classify.load import rules_with
from planwhy_collector.classify.subject import Subject
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context

HOST, PROGRAM = Subject("host", "acme.example"), Subject("program", "telegram")
WORK = Decision(HOST, "business_info", "work", "sales", why="our supplier")
GAMES = Decision(HOST, "games", "non_work")


def test_a_decision_stands_at_the_end_with_its_reason_and_says_what_it_says() -> None:
    before = "# mine\n[games non_work]\nhost b.example\n"
    own = with_decision(before, WORK)
    assert (
        own
        == "# mine\n[games non_work]\nhost b.example\n\n[business_info work sales]\nhost acme.example -- our supplier\n"
    )
    verdict = rules_with(own).judge(Context("chrome.exe", "shop.acme.example", "/x", "t"), "default")
    assert (verdict.label, verdict.area, verdict.rule) == ("work", "sales", "H-acme.example")


def test_the_next_decision_of_the_same_kind_stands_below_the_same_header() -> None:
    own = with_decision(with_decision("", GAMES), Decision(Subject("host", "b.example"), "games", "non_work"))
    assert own == "[games non_work]\nhost acme.example\nhost b.example\n"


def test_a_later_decision_replaces_the_earlier_and_no_empty_header_stays() -> None:
    assert with_decision(with_decision("", WORK), GAMES) == "[games non_work]\nhost acme.example\n"


def test_only_the_one_name_goes_from_a_line_of_several() -> None:
    own = "[news neutral]\nhost a.example acme.example -- press\nprogram X | Telegram.exe | y\n"
    assert with_decision(own, GAMES).startswith(
        "[news neutral]\nhost a.example -- press\nprogram X | Telegram.exe | y\n"
    )
    later = with_decision(own, Decision(PROGRAM, "messengers", "work"))
    assert "program X | y\n" in later and rules_with(later).judge_program("Telegram.exe", "default").label == "work"


def test_profiles_have_decisions_of_their_own() -> None:
    own = with_decision(with_decision("", GAMES), Decision(HOST, "social", "work", "sales", profile="smm"))
    rules, context = rules_with(own), Context("chrome.exe", "acme.example", None, None)
    assert (rules.judge(context, "smm").label, rules.judge(context, "sales").label) == ("work", "non_work")
    assert with_decision(own, WORK).count("acme.example") == 2


def test_what_is_left_on_purpose_is_known_until_it_is_decided() -> None:
    own = with_left(with_left("", HOST), PROGRAM)
    assert rules_with(own).left == {HOST, PROGRAM}
    assert rules_with(own).judge(Context(None, "acme.example", None, None), "default").label is None
    assert rules_with(with_decision(own, WORK)).left == {PROGRAM}
    assert rules_with(with_left(with_decision("", WORK), HOST)).rules == rules_with("").rules


@pytest.mark.parametrize("name", ["a|b", "#x", "a -- b", "", "a\nb"])
def test_a_program_that_no_line_can_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="subject"):
        with_decision("", Decision(Subject("program", name), "games", "non_work"))


@pytest.mark.parametrize("name", ["UPPER.example", "a b.example", "::1", "a/b.example", ""])
def test_what_is_no_host_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="subject"):
        with_decision("", Decision(Subject("host", name), "games", "non_work"))


def test_a_reason_is_one_line_and_has_a_limit() -> None:
    own = with_decision("", Decision(HOST, "games", "non_work", why=" said\n[crm_sales work]\nhost evil.example "))
    assert own == "[games non_work]\nhost acme.example -- said [crm_sales work] host evil.example\n"
    with pytest.raises(InvalidInput, match="why: at most 300"):
        with_decision("", Decision(HOST, "games", "non_work", why="x" * 301))


DECISIONS = st.builds(
    Decision,
    st.sampled_from([HOST, PROGRAM, Subject("host", "b.example"), Subject("program", "notepad")]),
    st.sampled_from(["games", "news"]), st.sampled_from(["non_work", "neutral"]), st.none(),
    st.sampled_from(["", "smm"]), st.text(max_size=20),
)  # fmt: skip


@settings(deadline=None, max_examples=30)  # compiling rules takes its time
@given(st.lists(DECISIONS, max_size=8))
def test_after_any_decisions_the_last_one_on_each_subject_and_profile_holds(made: list[Decision]) -> None:
    own = ""
    for one in made:
        own = with_decision(own, one)
    rules = rules_with(own)
    last = {(one.subject, one.profile): one for one in made}
    for (subject, profile), one in last.items():
        context = Context("chrome.exe", subject.name) if subject.kind == "host" else Context(subject.name)
        assert rules.judge(context, profile or "default").label == one.label
    assert len(own.splitlines()) <= 3 * len(last)
