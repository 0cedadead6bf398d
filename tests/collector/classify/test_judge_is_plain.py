"""The judge, made to be fast, says what asking every rule one by one says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_judge import naive_hits
from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.load import rules_with
from planwhy_collector.facts import Context

from tests.bench.classify_contexts import Team

OWN = """
company acme.example shop
team night night shift
[video_music work general for smm]
host youtube.com
path R-own-reddit reddit.com /r/sales
program vlc.exe
title R-own-shorts any,category:video_music words: шортс*
title R-own-offers host:vk.com,program:excel.exe,unknown words: офер*
[social neutral for smm]
exact mail.ru
[games non_work]
title R-own-anything unknown,category:office_docs regex: [0-9]+.*игр
path R-own-games * /games
exact portal.example
host own.portal.example
[news neutral]
list L-own x.example own.portal.example portal.example Sub.Portal.example
list L-later =a.b.x.example =vk.com b.x.example x.example vk.com yandex.ru
[video_music work sales for smm]
list L-own-of-smm b.x.example youtube.com
[news neutral]
list L-own a.b.vk.com xn--e1afmkfd.xn--p1ai
card R-own-card shop.example,vk.com **/offer/{id} deal
"""
RULES = rules_with(OWN)
KNOWN = [rule for rule in RULES.rules if rule.kind == "host"]
CONTEXTS = Team(RULES.rules, seed=5).contexts(250)

names = [rule.values[0] for rule in KNOWN[:: len(KNOWN) // 60]]
hosts = st.sampled_from(
    (
        *names,
        "vk.com",
        "portal.example",
        "acme.example",
        "shop",
        "10.0.0.7",
        "[::1]",
        "acme.bitrix24.ru",
        "x.example",
        "пример.рф",
        "sub.portal.example",
    )
)
faced = st.builds("{}{}".format, st.sampled_from(("", "www.", "m.", "a.b.", "not", "..")), hosts)
paths = st.sampled_from((None, "/crm/deal/details/5/", "/offer/7", "/games", "/r/sales/1", "/im", "/a/b/c", "/ё"))
apps = st.sampled_from(
    (None, "", "chrome.exe", "C:\\Office\\EXCEL.EXE", "vlc.exe", "Telegram.exe", "odd", ".exe", "planwhy.call")
)
words = st.sampled_from(
    (
        "YouTube",
        "vk.com",
        "www.avito.ru",
        "Офера",
        "шортсы",
        "12 игр",
        "вакансии",
        "ёлка",
        "договор",
        "x.example",
        "Я.ру",
        "\udc80",
        "Дзен",
    )
)
titles = st.none() | st.lists(words, max_size=5).flatmap(
    lambda parts: st.sampled_from((" — ", " | ", ": ", "·", " ", "\u200e", " - - ")).map(lambda by: by.join(parts))
)
made = st.builds(Context, app=apps, host=st.none() | faced, path=paths, title=titles | st.text(max_size=30))
profiles = st.sampled_from(("default", "smm", "sales"))


def agree(context: Context, profile: str) -> None:
    verdict, hits = RULES.judge(context, profile), naive_hits(RULES, context, profile)
    codes = [rule.code for rule, _, _ in hits]
    assert [verdict.rule, *verdict.lost] == (codes or [None]), context
    if hits:
        assert (verdict.field, verdict.matched, verdict.category) == (*hits[0][1:], hits[0][0].outcome.category), (
            context
        )


@settings(deadline=None, max_examples=80)
@given(made, profiles)
def test_any_context_is_judged_as_by_asking_every_rule(context: Context, profile: str) -> None:
    if not (context.app == "planwhy.call" and context.host is None):
        agree(context, profile)


@pytest.mark.parametrize("profile", ["default", "smm"])
def test_a_teams_contexts_are_judged_as_by_asking_every_rule(profile: str) -> None:
    for context in CONTEXTS[:: 3 if profile == "default" else 9]:
        agree(context, profile)


def test_sites_all_over_the_catalogue_are_judged_as_by_asking_every_rule() -> None:
    for rule in KNOWN[::200]:
        agree(context_of("chrome.exe", f"https://m.{rule.values[0]}/crm/deal/details/1", "Скидка 10%"), "default")
        agree(context_of("chrome.exe", None, f"Страница — {rule.values[0]}"), "smm")
