"""The text of rules: what is refused, with file and line."""

import pytest
from planwhy_collector.classify.load import OWN, builtin_texts, parse_pack, rule_set, rules_with
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
        ("title R-x unknown regex: ok|ab)c", "not valid at character 6: unexpected ): ')c'"),
        ("title R-x unknown regex: (a)(b", "not valid at character 4: missing ): '(b'"),
        ("title R-x unknown regex: x+|*", "not valid at character 4: no argument for repetition operator: '*'"),
        ("title R-x unknown regex: ё\\q", "not valid at character 2: invalid escape sequence: '\\\\q'"),
        ("title R-x unknown regex: [a][b", "not valid at character 4: missing ]: '[b'"),
        ("title R-x unknown regex: a(?=b)", "not valid at character 2: invalid perl operator: '(?='"),
        ("title R-x unknown regex: a{1000}{1000}", "not valid at character 2: bad repetition operator"),
        ("title R-x unknown regex: ab\\", "not valid at character 3: trailing"),
        (r"title R-x unknown regex: \pL{900}", "instructions, at most 50,000"),
        (f"title R-x unknown regex: {'a' * 1001}", "the pattern has 1,001 characters, at most 1,000"),
        ("title R-x unknown words: a | | b", "an empty word: number 2"),
        ("title X unknown words: a", "'X' is not a code"),
        ("list news a.ru", "'news' is not a code such as L-news"),
        ("list L-news", "expected: list CODE HOST HOST"),
        ("list L-news a.ru nothing", "'nothing' is not a host"),
        ("host a.ru\x00", "the character U+0000 at place 10 is none of a text"),
        ("# \udc80", "the character U+DC80 at place 3 is none of a text"),
        ("program " + "a" * 100_000, "the line has 100,008 characters, at most 100,000"),
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


def test_lines_end_as_editors_see_them_and_any_blank_parts_words() -> None:
    rules = rule_set({OWN: f"{HEAD}host\ta.ru\u00a0b.ru\rhost\u00a0c.ru \r\n\nprogram  a.exe|b c\n"})
    assert [(rule.code, rule.place) for rule in rules.rules] == [
        ("H-a.ru", "own:3"),
        ("H-b.ru", "own:3"),
        ("H-c.ru", "own:4"),
        ("P-a.exe", "own:6"),
    ]


def test_lines_of_one_list_are_one_rule_and_another_header_is_another_list() -> None:
    text = f"{HEAD}list L-a B.ru c.ru.\nhost x.ru\nlist L-a xn--e1afmkfd.xn--p1ai -- why\n"
    rules = rule_set({OWN: text})
    assert [(rule.code, list(rule.hosts)) for rule in rules.rules if rule.hosts] == [
        ("L-a", ["b.ru", "c.ru", "пример.рф"])
    ]
    with pytest.raises(InvalidInput, match="own:7: L-a stands at own:3 already"):
        rule_set({OWN: f"{text}[news neutral]\nlist L-a d.ru\n"})
    own = {OWN: f"{HEAD}list L-a d.ru\n", "a.rules": "[news neutral]\nlist L-a e.ru\n"}
    assert [list(rule.hosts) for rule in rule_set(own).rules] == [["d.ru"]]


def test_patterns_that_are_too_large_together_are_told_at_the_line_where_they_become_so() -> None:
    lines = [rf"title R-x{n} any regex: {n}[\pL\pN]{{20}}" for n in range(200)]
    with pytest.raises(InvalidInput, match=r"^own:\d+: the patterns of all rules up to here are too large") as caught:
        rules_with("[news non_work]\n" + "\n".join(lines))
    assert 100 < int(caught.value.detail.split(":")[1]) < 201


def test_a_reason_that_quotes_an_endless_line_keeps_its_beginning_and_end() -> None:
    (problem,) = parse_pack("a", f"{HEAD}host {'a' * 90_000}\n").problems
    assert problem.startswith("a:3: 'aaa")
    assert problem.endswith("aaa' is not a host in lower case")
    assert len(problem) < 320


def test_a_text_with_endless_problems_or_statements_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(parse_pack("a", "nonsense\n" * 5_000).problems) == 1_001
    monkeypatch.setattr("planwhy_collector.classify.load.MOST_STATEMENTS", 3)
    assert parse_pack("a", f"{HEAD}host a.ru\nhost b.ru\n").problems == (
        "a:3: 3 statements are the most; what follows is not read",
    )


def test_the_same_text_has_the_same_version() -> None:
    assert rules_with("").version == rule_set(builtin_texts()).version
    assert rules_with("# mine").version != rules_with("").version
