"""What agents record, declared as text: read whole or refused by field, compared, and told in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.errors import InvalidInput
from planwhy_collector.recording.read import Declared, Recording, host_name, read_declared
from planwhy_collector.recording.widening import asked_since, widened
from planwhy_collector.recording.words import NAMED, english, russian
from planwhy_shared.wire import AddressLimit, HostTitles


def read(text: str) -> Declared:
    return read_declared(text, "policy.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('titles = "all"', "titles: Invalid enum value 'all', expected one of keep, mask, drop"),
        ("titles = 1", "titles: "),
        ("screenshots = true", "unknown field `screenshots`"),
        ("idle_after_s = 1", "idle_after_s: Expected `int` >= 15"),
        ("upload_interval_s = 4000", "upload_interval_s: Expected `int` <= 3600"),
        ('path_hosts = ["ok.ru", "https://a.ru/x"]', "path_hosts[2]: 'https://a.ru/x' is not a host"),
        ("mask_patterns = ['ok', 'a(b']", "mask_patterns[2]: missing ): a(b (at character 1)"),
        ("mask_patterns = ['[ya-z']", "mask_patterns[1]: missing ]: [ya-z (at character 1)"),
        ('[[title_rules]]\ntitles = "keep"', "title_rules[1]: expected exactly one of host, only_host, program"),
        ('[[title_rules]]\nprogram = "C:\\\\a.exe"\ntitles = "keep"', "title_rules[1].program: "),
        ('[[address_rules]]\nhost = "a.ru"\nkeeps = "all"', "address_rules[1].keeps: "),
        ('[teams.North]\nmask_patterns = ["("]', "teams.North.mask_patterns[1]: "),
        ("titles = [", "at end of document"),
        ("x" * 200_001, "longer than 200000 characters"),
    ],
)
def test_what_is_wrong_is_told_by_file_field_and_limit(text, told):
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert refused.value.detail.startswith("policy.toml: ")
    assert told in refused.value.detail


def test_a_team_differs_in_what_it_says_and_only_in_that():
    found = read('titles = "mask"\npath_hosts = ["wiki.example"]\n[teams.North]\ntitles = "drop"\n')
    assert (found.of("North").titles, found.of("South").titles, found.of(None).titles) == ("drop", "mask", "mask")
    assert found.of("North").path_hosts == ("wiki.example",)


@pytest.mark.parametrize(
    ("given_", "host"),
    [("*.Example.COM.", "example.com"), ("пример.рф", "xn--e1afmkfd.xn--p1ai"), ("x_y.ru", "x_y.ru")],
)
def test_hosts_are_read_as_browsers_send_them(given_, host):
    assert host_name(given_, "here") == host


def titles(*rules: tuple[str, str, str], **more: object) -> Recording:
    return Recording(title_rules=tuple(HostTitles(*rule) for rule in rules), **more)  # type: ignore[arg-type]


def addresses(*rules: tuple[str, str, str], **more: object) -> Recording:
    return Recording(address_rules=tuple(AddressLimit(*rule) for rule in rules), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (Recording("drop"), Recording("mask")),
        (Recording("mask"), Recording("keep")),
        (titles(), titles(("host", "hh.ru", "keep"))),
        (titles(), titles(("program", "telegram", "mask"))),
        (titles(("host", "a.ru", "mask")), titles(("host", "a.ru", "keep"))),
        (titles(("host", "a.ru", "drop")), titles()),
        (titles(("host", "hr.a.ru", "drop"), ("host", "a.ru", "keep")), titles(("host", "a.ru", "keep"))),
        (titles(("host", "a.ru", "drop")), titles(("host", "a.ru", "drop"), ("only_host", "b.a.ru", "mask"))),
        (Recording(), Recording(path_hosts=("wiki.example",))),
        (Recording(), addresses(("only_host", "wiki.example", "path"))),
        (addresses(("host", "a.ru", "drop")), Recording()),
        (addresses(("host", "hr.a.ru", "host"), path_hosts=("a.ru",)), Recording(path_hosts=("a.ru",))),
        (addresses(("program", "chrome", "drop")), Recording()),
        (Recording(mask_patterns=("a", "b")), Recording(mask_patterns=("b",))),
    ],
)
def test_keeping_more_is_noticed_and_keeping_less_asks_nobody(less, more):
    assert list(widened(less, more))
    if less != Recording() or not more.title_rules:  # without a rule agents may drop it, and may keep more
        assert not list(widened(more, less))


MATCHES = st.sampled_from(["host", "only_host", "program"])
HOSTS = st.sampled_from(["a.ru", "b.a.ru"])
TITLES = st.sampled_from(["keep", "mask", "drop"])
KEEPS = st.sampled_from(["path", "host", "drop"])
recordings = st.builds(
    Recording,
    TITLES,
    st.lists(st.builds(HostTitles, MATCHES, HOSTS, TITLES), max_size=3).map(tuple),
    st.lists(HOSTS, max_size=2).map(tuple),
    st.lists(st.builds(AddressLimit, MATCHES, HOSTS, KEEPS), max_size=3).map(tuple),
)


@given(recordings)
def test_the_same_policy_again_asks_nobody(what):
    assert not list(widened(what, what))


def test_only_people_of_whom_more_is_kept_are_asked_again():
    mask, drop = Recording("mask"), Recording("drop")
    before, after = Declared(mask, (("North", drop),)), Declared(mask, (("North", mask), ("South", drop)))
    assert asked_since(before, after, {"": 5}, 9) == {"": 5, "North": 9, "South": 5}
    assert asked_since(after, Declared(mask), {"": 5, "North": 9, "South": 5}, 11) == {"": 5, "North": 9, "South": 11}


def test_both_languages_tell_every_rule_that_keeps_something():
    what = titles(("host", "hh.ru", "keep"), ("program", "telegram", "mask"), path_hosts=("wiki.example",))
    for said in (russian(what), english(what)):
        assert all(name in said for name in ("hh.ru", "telegram", "wiki.example"))
    assert "***" in russian(Recording(mask_patterns=("a", "b"))) and "(их 2)" in russian(
        Recording(mask_patterns=("a", "b"))
    )


def test_long_lists_are_cut_and_say_by_how_much():
    what = Recording(path_hosts=tuple(f"h{n}.example" for n in range(NAMED + 5)))
    assert "and 5 more" in english(what)
