"""Every rule of the product decides its hits and leaves its near misses alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.classify.rule import BROWSER, Rule
from planwhy_collector.classify.verdict import Verdict

RULES = builtin_rules()
HERE = Path(__file__).parent
BY_KIND: dict[str, list[Rule]] = {}
for _rule in RULES.rules:
    BY_KIND.setdefault(_rule.kind, []).append(_rule)
WRITTEN: dict[str, dict[str, list[Any]]] = {}
for _name in ("cards", "paths", "titles", "words"):
    WRITTEN |= yaml.safe_load((HERE / f"{_name}.yaml").read_text(encoding="utf-8"))
POSITIONS: dict[str, str] = yaml.safe_load((HERE / "positions.yaml").read_text(encoding="utf-8"))


def judge(case: Any, app: str = "chrome.exe") -> Verdict:
    fields = {"url": case} if isinstance(case, str) else case
    return RULES.judge(context_of(fields.get("app", app), fields.get("url"), fields.get("title")), "default")


def matched(verdict: Verdict) -> set[str | None]:
    return {verdict.rule, *verdict.lost}


def test_every_card_path_and_title_has_written_cases() -> None:
    assert set(WRITTEN) == {r.code for r in RULES.rules if r.code.startswith("R-")}
    assert all(cases["hit"] and cases["miss"] for cases in WRITTEN.values())


@pytest.mark.parametrize("code", WRITTEN)
def test_a_written_rule_decides_its_hits_and_no_near_miss(code: str) -> None:
    for case in WRITTEN[code]["hit"]:
        verdict = judge(case)
        assert verdict.rule == code, case
        if isinstance(case, dict) and "entity" in case:
            entity = verdict.entity
            assert (f"{entity.type} {entity.id}" if entity else "none") == case["entity"]
    for case in WRITTEN[code]["miss"]:
        assert code not in matched(judge(case)), case


def by_outcome(kind: str) -> list[Any]:
    """The rules of a kind that say the same, together: a case each would cost more than what it asks."""
    groups: dict[str, list[Rule]] = {}
    for rule in BY_KIND[kind]:
        said = (word for word in (rule.outcome.category, rule.outcome.label, rule.outcome.area) if word)
        groups.setdefault("-".join(said), []).append(rule)
    return [pytest.param(rules, id=name) for name, rules in sorted(groups.items())]


@pytest.mark.parametrize("rules", by_outcome("host"))
def test_a_host_holds_for_its_subdomains_and_for_no_look_alike(rules: list[Rule]) -> None:
    for rule in rules:
        host = rule.values[0]
        assert judge(f"https://{host}/").rule == rule.code
        assert judge(f"https://www.{host}/").rule == rule.code
        assert (rule.code in matched(judge(f"https://zz-deep.{host}/a/b"))) != rule.alone, host
        assert rule.code not in matched(judge(f"https://not{host}/")), host
        assert rule.code not in matched(judge(f"https://{host}.example/")), host


@pytest.mark.parametrize("rules", by_outcome("program"))
def test_a_program_is_known_by_each_of_its_names_and_no_longer_one(rules: list[Rule]) -> None:
    for rule in rules:
        for name in rule.values:
            for written in (name, name.upper(), f"C:\\Program Files\\{name}"):
                assert RULES.judge_program(written, "default").rule == rule.code
            assert RULES.judge_program(f"{name}-x9", "default").rule != rule.code, name
            verdict = judge({"app": name})
            assert verdict.rule == rule.code
            assert verdict.label == (None if rule.outcome.category == BROWSER else rule.outcome.label), name


@pytest.mark.parametrize("rule", BY_KIND["site"], ids=lambda r: r.code)
def test_a_site_is_known_by_its_name_at_the_end_of_a_title_but_not_within_a_word(rule: Rule) -> None:
    for name in rule.values:
        verdict = judge({"title": f"Страница 12 — {name} — Google Chrome"})
        assert rule.code in matched(verdict)
        assert rule.code not in matched(judge({"title": f"Страница 12 — {name}zz — Google Chrome"}))
        assert rule.code not in matched(judge({"title": f"Страница — {name}", "url": "https://unknown.example/"}))


@pytest.mark.parametrize("position", POSITIONS)
def test_a_position_leads_to_its_profile(position: str) -> None:
    assert RULES.profile_of(position) == POSITIONS[position]


def test_every_rule_says_why_it_stands_there() -> None:
    assert [rule.code for rule in RULES.rules if not rule.why] == []


@pytest.mark.parametrize("host", ["mail.yandex.ru", "music.yandex.ru", "seller.ozon.ru", "news.mail.ru", "id.vk.com"])
def test_a_part_of_a_portal_is_judged_by_its_own_rule_and_an_unknown_part_by_none(host: str) -> None:
    assert judge(f"https://{host}/").rule == f"H-{host}"
    parent = host.partition(".")[2]
    assert judge(f"https://zz-{host}/").label is None
    assert judge(f"https://{parent}/").rule == f"H-{parent}"


def test_every_category_has_both_names() -> None:
    assert len(RULES.categories) == 23
    assert all(
        c.name_en and any("а" <= letter.lower() <= "я" for letter in c.name_ru) for c in RULES.categories.values()
    )


@pytest.mark.parametrize(
    "title",
    [
        "Обмен. Страница — YouTube and 3 more pages - Personal - Microsoft\u200b Edge",
        "Обмен. Страница — YouTube и ещё 1 страница — Личный: Microsoft\u200b Edge",
    ],
)
def test_the_site_is_known_where_a_browser_counts_its_other_tabs(title: str) -> None:
    assert judge({"title": title, "app": "msedge.exe"}).rule == "S-youtube.com"
