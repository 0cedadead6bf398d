"""The text of rules: what is refused, with file and line."""

import pytest
from planwhy_collector.classify.load import OWN, builtin_texts, rule_set, rules_with
from planwhy_collector.errors import InvalidInput

HEAD = "category news | News | Новости | non_work\n[news non_work]\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hosts a.ru", "'hosts' is not one of host, exact"),
        ("host A.ru", "'A.ru' is not a host in lower case"),
        ("host a.ru/b", "is not a host"),
        ("host", "a name is missing"),
        ("program a.exe |", "a name is missing"),
        ("host a.ru a.ru", "H-a.ru stands at own:3 already"),
        ("site b.ru = Б", "the site's host b.ru has no rule of its own"),
        ("site b.ru", "expected: site HOST = name"),
        ("card R-x * /deal/{n} deal", "a card needs {id}"),
        ("card R-x * /deal/{id} invoice", "one of deal, lead, client, task"),
        ("title R-x unknown words:", "expected words: a"),
        ("title R-x unknown words: a |", "an empty word"),
        ("title R-x somewhere words: a", "'somewhere' is not unknown"),
        ("title R-x unknown regex: (a", "not valid at character 1: missing ): '(a'"),
        ("title X unknown words: a", "'X' is not a code"),
        ("[news idle]", "'idle' is not one of work, neutral, non_work"),
        ("[news neutral sales]", "only work has an area"),
        ("[news work nowhere]", "'nowhere' is not one of sales, service, general"),
        ("[news", "expected [category label]"),
        ("category x | X", "expected: category ID"),
        ("override hr nothing work", "there is no category 'nothing'"),
        ("override hr news idle", "'idle' is not one of"),
    ],
)
def test_a_wrong_line_is_told_with_file_line_and_reason(line: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rule_set({OWN: f"{HEAD}{line}\n"})
    assert caught.value.detail.startswith("own:3: ")
    assert reason in caught.value.detail


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        rule_set({OWN: "host a.ru\n\nnonsense\n"})
    assert [line.split(": ")[0] for line in caught.value.detail.splitlines()] == ["own:1", "own:3"]


def test_two_texts_may_not_say_two_things_of_one_host_unless_one_is_the_installations_own() -> None:
    both = {"a.rules": f"{HEAD}host a.ru\n", "b.rules": "[news neutral]\nhost a.ru\n"}
    with pytest.raises(InvalidInput, match=r"b.rules:2: H-a.ru stands at a.rules:3 already"):
        rule_set(both)
    assert rule_set({"a.rules": both["a.rules"], OWN: both["b.rules"]}).rules[0].outcome.label == "neutral"


def test_comments_reasons_and_a_byte_order_mark_are_understood() -> None:
    rules = rule_set({OWN: f"\ufeff# a comment\n{HEAD}host a.ru -- because -- of this\r\n"})
    assert rules.rules[0].why == "because -- of this"


def test_the_same_text_has_the_same_version() -> None:
    assert rules_with("").version == rule_set(builtin_texts()).version
    assert rules_with("# mine").version != rules_with("").version
