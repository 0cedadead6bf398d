"""Public lists in the forms in which they are published become packs of rules, and every line left out is counted."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.list_pack import Report, pack_text
from planwhy_collector.classify.load import builtin_texts, parse_pack, rule_set
from planwhy_collector.classify.public_lists import SourceKind, entries
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context

KNOWN: dict[str, Any] = {
    "name": "press",
    "source_kind": "domains",
    "category": "news",
    "label": "non_work",
    "area": None,
    "licence": "CC0-1.0",
    "origin": "https://lists.example/press",
    "day": date(2026, 11, 2),
}


def packed(texts: dict[str, str], **known: Any) -> tuple[str, Report]:
    return pack_text(**KNOWN | known, texts=texts)


def hosts_of(kind: SourceKind, *texts: str) -> list[str]:
    named = {f"list{n or ''}": text for n, text in enumerate(texts)}
    return [one.host for one in entries(kind, named) if one.host]


def left_out(kind: SourceKind, text: str, name: str = "list") -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in entries(kind, {name: text}) if not one.host]


def test_a_list_becomes_a_pack_that_says_where_it_is_from() -> None:
    text, report = packed({"press.txt": "B.example\n\n# note\na.example\nhttp://c.example/x\ncom\na.example\n"})
    assert text == (
        "# source: https://lists.example/press\n# licence: CC0-1.0\n# imported: 2026-11-02\n"
        "# hosts: 2, left out: 2\n[news non_work]\nlist L-press a.example b.example\n"
    )
    assert report.places == (("press.txt:5", "an address with a path"), ("press.txt:6", "a public suffix"))
    assert report.left_out == {"a public suffix": 1, "an address with a path": 1}


def test_a_pack_is_read_back_and_judges_beside_the_catalogue() -> None:
    text, _ = packed({"p": "odd.example\nvk.com\nfoo.yandex.ru\n" + "\n".join(f"n{n}.example" for n in range(500))})
    rules = rule_set(builtin_texts() | {"press.rules": text})
    assert max(map(len, text.splitlines())) <= 500
    hosts = ("a.odd.example", "n499.example", "www.vk.com", "zz.vk.com")
    judged = [rules.judge(Context(host=host), "default") for host in hosts]
    assert [(one.rule, one.matched) for one in judged] == [
        ("L-press", "odd.example"),
        ("L-press", "n499.example"),
        ("H-vk.com", "vk.com"),
        (None, None),
    ]


def test_a_hosts_file_names_hosts_after_addresses() -> None:
    text = "127.0.0.1 localhost\n0.0.0.0\ta.example  b.example # why\n::1 ip6-loopback\n# c.example\nd.example\n"
    assert hosts_of("hosts", text) == ["a.example", "b.example"]
    assert left_out("hosts", text) == [
        ("list:1", "a name of the machine itself"),
        ("list:3", "a name of the machine itself"),
        ("list:5", "not a host"),
    ]


def test_plain_lists_may_be_those_of_ad_blockers() -> None:
    text = "[Adblock Plus]\n! title\n||a.example^\n||b.example^$third-party\n@@||c.example^\n.d.example\n*.e.example\n"
    assert hosts_of("domains", text) == ["a.example", "d.example"]
    assert [place for place, _ in left_out("domains", text)] == ["list:4", "list:5", "list:7"]


def test_a_host_is_written_as_contexts_have_it_and_an_address_holds_for_itself() -> None:
    assert hosts_of("domains", "XN--E1AFMKFD.xn--p1ai.\r10.1.2.3\r\nx_y.example\n") == [
        "пример.рф",
        "=10.1.2.3",
        "x_y.example",
    ]
    assert [reason for _, reason in left_out("domains", "a..b\nco.uk\ngithub.io\nрф\n-\n" + "a" * 300 + ".ru")] == [
        "not a host", "a public suffix", "a public suffix", "a public suffix", "not a host", "not a host",
    ]  # fmt: skip


def test_a_ut1_folder_gives_its_domains_and_counts_its_addresses() -> None:
    texts = {
        "adult/domains": "a.example\nb.example\n",
        "adult/urls": "c.example/x\nd.example/y\n",
        "adult/usage": "black",
    }
    text, report = packed(texts | {"adult/expressions": "(sex)"}, source_kind="ut1")
    assert text.endswith("list L-press a.example b.example\n")
    assert report.left_out == {"a word or pattern": 1, "an address with a path": 2}


V2FLY = """
domain:A.example @ads   # a comment
full:b.example
keyword:word
regexp:^x
include:list1 @cn @-ads
c.example &list2
"""


def test_a_v2fly_list_brings_what_it_includes() -> None:
    other = "d.example @cn\ne.example @cn @ads\nf.example\ninclude:list2 @x\n"
    third = "g.example @cn @x\nh.example @cn\n"
    assert hosts_of("v2fly", V2FLY, other, third) == ["a.example", "=b.example", "d.example", "g.example", "c.example"]
    assert left_out("v2fly", V2FLY.replace("include:list1 @cn @-ads", "")) == [
        ("list:4", "a word or pattern"),
        ("list:5", "a word or pattern"),
    ]
    assert hosts_of("v2fly", "i.example\n", "c.example &list\n") == ["i.example", "c.example"]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["include:list1", "x.example\ninclude:list"], "list1:2: list includes itself, by list → list1 → list"),
        (["a.example\ninclude:other"], "list:2: there is no list 'other'"),
        (["include:../../etc/passwd"], "list:1: '../../etc/passwd' is not the name of a list"),
        (["a.example b.example"], "list:1: 'a.example b.example' is not an entry"),
        (["odd:a.example"], "list:1: 'odd:a.example' is not an entry"),
        ([f"include:list{n + 1}" for n in range(60)], "list50:1: includes lie more than 50 deep"),
        (["a.example\n\0"], "list:2: this is not a text"),
    ],
)
def test_a_v2fly_list_that_cannot_be_read_is_told_with_file_and_line(texts: list[str], reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        hosts_of("v2fly", *texts)
    assert caught.value.detail == reason


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"name": "A b"}, "'A b' is not a name"),
        ({"category": "news]\n"}, "is not the id of a category"),
        ({"label": "bad"}, "'bad' is not one of work"),
        ({"area": "sales"}, "only work has an area"),
        ({"licence": "CC0\nhost evil.example"}, "does not fit into one line"),
        ({"origin": " "}, "does not fit into one line"),
        ({"texts": {"x": "<html>\n<b>no</b>\n"}}, "x: no host is in it"),
    ],
)
def test_what_a_pack_cannot_hold_is_refused(known: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pack_text(**KNOWN | {"texts": {"x": "a.example"}} | known)
    assert reason in caught.value.detail


def test_a_list_with_too_many_hosts_is_told_where_they_become_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planwhy_collector.classify.list_pack.MOST_LISTED", 2)
    with pytest.raises(InvalidInput, match="x:4: more than 2 hosts"):
        packed({"x": "a.example\nb.example\na.example\nc.example\n"})


lines = st.text("ab.=#|^*[]- \t/é\u2028жa", max_size=12) | st.sampled_from(("xn--p1ai", "=a.b", "a.b -- c", "[x y]"))


@given(st.lists(lines, max_size=8), st.sampled_from(("domains", "hosts", "ut1")))
def test_whatever_a_list_says_its_pack_says_nothing_but_hosts(said: list[str], kind: SourceKind) -> None:
    text, report = packed({"x": "\n".join([*said, "0.0.0.0 sure.example", "sure.example"])}, source_kind=kind)
    pack = parse_pack("p", text)
    assert pack.problems == ()
    assert [(rule.code, len(rule.hosts)) for rule in pack.rules] == [("L-press", report.hosts)]
