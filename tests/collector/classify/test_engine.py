"""From a context to a verdict: who wins, what positions change, and what stays unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.engine import CALL_RULE
from planwhy_collector.classify.hosts import is_private
from planwhy_collector.classify.load import OWN, builtin_rules, builtin_texts, rule_set
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import CALL_APP, Context, EntityRef

RULES = builtin_rules()


def judge(app: str | None, url: str | None = None, title: str | None = None, profile: str = "default") -> Verdict:
    return RULES.judge(context_of(app, url, title), profile)


def test_a_card_wins_over_its_section_and_its_host_and_tells_who_lost() -> None:
    verdict = judge("chrome.exe", "https://acme.bitrix24.ru/crm/deal/details/5121/", "Сделка")
    assert (verdict.rule, verdict.field, verdict.area) == ("R-crm-deal", "path", "sales")
    assert verdict.entity == EntityRef("deal", "5121")
    assert verdict.lost == ("R-crm-section", "H-bitrix24.ru")


def test_the_longest_host_wins() -> None:
    verdict = judge("firefox", "https://music.yandex.ru/home")
    assert (verdict.rule, verdict.label, verdict.lost) == ("H-music.yandex.ru", "non_work", ())


def test_an_unknown_site_is_not_classified_whatever_its_browser() -> None:
    assert judge("chrome.exe", "https://nobody.knows.example/", "YouTube") == Verdict(
        None, None, None, None, RULES.version
    )


def test_a_browser_without_an_address_is_judged_by_its_title_or_not_at_all() -> None:
    known = judge("Navigator", None, "Кот играет — YouTube — Mozilla Firefox")
    unknown = judge("Navigator", None, "Новая вкладка — Mozilla Firefox")
    assert (known.rule, known.label) == ("S-youtube.com", "non_work")
    assert (unknown.rule, unknown.label, unknown.category) == ("P-firefox.exe", None, "browser")


def test_a_host_spelled_in_a_title_is_as_good_as_an_address() -> None:
    assert judge("chrome.exe", None, "Объявления в Туле | www.avito.ru").rule == "H-avito.ru"


def test_a_program_other_than_a_browser_is_judged_by_itself() -> None:
    assert judge("EXCEL.EXE", None, "Кот — YouTube").rule == "P-EXCEL.EXE"


@pytest.mark.parametrize(
    ("profile", "url", "label"),
    [
        ("default", "https://hh.ru/", "non_work"),
        ("hr", "https://hh.ru/", "work"),
        ("sales", "https://web.telegram.org/", "work"),
        ("smm", "https://linkedin.com/", "work"),
        ("executive", "https://kommersant.ru/", "neutral"),
        ("accountant", "https://vtb.ru/", "work"),
        ("accountant", "https://kviku.ru/", "non_work"),
        ("trainer", "https://gdz.ru/", "non_work"),
    ],
)
def test_a_position_lifts_its_category_but_not_what_stands_below_it(profile: str, url: str, label: str) -> None:
    verdict = judge("chrome.exe", url, None, profile)
    assert verdict.label == label
    assert (verdict.area is not None) == (label == "work")


@pytest.mark.parametrize(
    ("path", "area", "entity"),
    [
        ("/deal/5121", "sales", EntityRef("deal", "5121")),
        ("/client/a/b", "service", EntityRef("client", "a/b")),
        ("/task/9", "general", EntityRef("task", "9")),
        (None, "general", None),
    ],
)
def test_a_call_is_work_in_the_area_of_its_card(path: str | None, area: str, entity: EntityRef | None) -> None:
    verdict = RULES.judge(Context(app=CALL_APP, path=path), "default")
    assert (verdict.label, verdict.category, verdict.rule) == ("work", "calls", CALL_RULE)
    assert (verdict.area, verdict.entity) == (area, entity)


def test_an_installations_own_rule_comes_first_and_changes_the_version() -> None:
    own = "[crm_sales work sales]\nhost vk.com crm.acme.example\n[news non_work]\ntitle R-own any words: пустяк*\n"
    rules = rule_set(builtin_texts() | {OWN: own})
    assert rules.judge(context_of("chrome.exe", "https://vk.com/", None), "default").category == "crm_sales"
    assert rules.judge(context_of("chrome.exe", "https://x.crm.acme.example/", "Пустяки"), "default").rule == "R-own"
    assert rules.version != RULES.version


OWN_RULES = """
company acme.example -- our own sites
team night night shift | ночн* смен*
[video_music work general for smm] -- the team watches what it makes
host youtube.com
path R-own-reddit reddit.com /r/sales
program vlc.exe
title R-own-shorts any words: шортс*
[social neutral for night]
host vk.com
[crm_sales work sales] -- our shop
host shop.acme.example
"""


@pytest.mark.parametrize(
    ("profile", "app", "url", "title", "rule", "label"),
    [
        ("smm", "chrome.exe", "https://youtube.com/", None, "H-youtube.com@smm", "work"),
        ("smm", "chrome.exe", None, "Кот — YouTube", "H-youtube.com@smm", "work"),
        ("smm", "vlc.exe", None, None, "P-vlc.exe@smm", "work"),
        ("smm", "chrome.exe", "https://reddit.com/r/sales/1", None, "R-own-reddit@smm", "work"),
        ("smm", "chrome.exe", "https://rutube.ru/", "Шортсы", "R-own-shorts@smm", "work"),
        ("default", "chrome.exe", "https://youtube.com/", "Шортсы", "H-youtube.com", "non_work"),
        ("default", "vlc.exe", None, None, "P-vlc.exe", "non_work"),
        ("night", "chrome.exe", "https://vk.com/", None, "H-vk.com@night", "neutral"),
        ("default", "chrome.exe", "https://wiki.acme.example/", "Сериал", "C-acme.example", "work"),
        ("default", "chrome.exe", "https://box.acme.example/crm/deal/details/7/", None, "R-crm-deal", "work"),
        ("default", "chrome.exe", "http://192.168.1.20/reports", None, "C-private-addresses", "work"),
        ("default", "chrome.exe", "http://intranet/", None, "C-private-addresses", "work"),
        ("default", "chrome.exe", "https://acme.example.org/", None, None, None),
    ],
)
def test_what_is_said_for_a_profile_comes_first_then_the_organisations_own_addresses(
    profile: str, app: str, url: str | None, title: str | None, rule: str | None, label: str | None
) -> None:
    rules = rule_set(builtin_texts() | {OWN: OWN_RULES})
    verdict = rules.judge(context_of(app, url, title), profile)
    assert (verdict.rule, verdict.label) == (rule, label)


def test_a_team_decides_the_profile_before_the_position_does() -> None:
    rules = rule_set(builtin_texts() | {OWN: OWN_RULES})
    assert rules.profile_of("SMM-менеджер", "Ночная смена") == "night"
    assert rules.profile_of("SMM-менеджер", "Север") == "smm"
    assert rules.profile_of("SMM-менеджер") == "smm"
    assert (rules.why("C-acme.example"), rules.why("H-youtube.com@smm")) == (
        "our own sites",
        "the team watches what it makes",
    )


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("172.32.0.1", False),
        ("127.0.0.1", True),
        ("169.254.1.1", True),
        ("8.8.8.8", False),
        ("fd00::1", True),
        ("2a02:6b8::1", False),
        ("server", True),
        ("crm.office.local", True),
        ("local.example", False),
    ],
)
def test_an_address_is_inside_the_office_or_not(host: str, inside: bool) -> None:
    assert is_private(host) is inside


@given(st.text() | st.none(), st.text() | st.none(), st.text() | st.none(), st.sampled_from(["default", "sales", "hr"]))
def test_any_text_gets_a_verdict_that_hangs_together(
    app: str | None, url: str | None, title: str | None, profile: str
) -> None:
    for address in (url, f"https://{url}", f"https://vk.com/{url}", f"https://x.bitrix24.ru/{url}"):
        verdict = judge(app, address, title, profile)
        assert verdict.label is None or (verdict.category and verdict.rule)
        assert (verdict.area is not None) == (verdict.label == "work")
        assert verdict.rule not in verdict.lost or verdict.rule is None


@given(st.text(alphabet="абвгёжЁABC xyz-_1", max_size=12), st.text(alphabet="абвгёжЁABC xyz-_1", max_size=12))
def test_a_word_is_found_between_any_edges_and_never_within_a_word(before: str, after: str) -> None:
    verdict = judge("chrome.exe", None, f"{before}вакансии{after}")
    whole = not (before[-1:].isalnum() or before[-1:] == "_" or after[:1].isalnum() or after[:1] == "_")
    assert ("R-title-job-search" in (verdict.rule, *verdict.lost)) == whole
