"""Stage 2 for any policy and whatever is in front: what may never be kept is not."""

import re
import unicodedata
from dataclasses import fields, replace
from typing import Any

import msgspec
import pytest
from agent_parts import NOON_MS, policy, rules, sample
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.privacy import Kept, at_work, keep, kept_address, reads_title_of, rules_of
from planwhy_agent.sources.base import Sample
from planwhy_shared import limits
from planwhy_shared.times import HOUR_MS
from planwhy_shared.wire import AddressLimit, HostTitles, Policy, Span

HOSTS = ["acme.bitrix24.ru", "bitrix24.ru", "ru", "hh.ru", "mail.google.com", "x.example", "xn--e1afmkfd.xn--p1ai"]
PROGRAMS = ["chrome.exe", "xterm", "telegram-desktop", "Chromium", "1cv8.exe"]
PATTERNS = [r"ДОГ-\d+", "(?i)secret", r"\pL{5}\d", "[а-яё]{3}", r"b.?b", "."]
MATCHES = st.tuples(st.sampled_from(["host", "only_host"]), st.sampled_from(HOSTS)) | st.tuples(
    st.just("program"), st.sampled_from(PROGRAMS)
)
WORDS = st.text(st.sampled_from("абвёЯbBsecret 0123456789-ДОГ\u202e\ud800\x07@/.:%—\u0301"), max_size=60)
TEXTS = WORDS | st.text(max_size=30) | st.sampled_from(["пароль: hunter2", "4111 1111 1111 1111", "ivan@example.com"])
PARTS = st.text(st.sampled_from("abИ/?#@:;%20.&=\\ \x00"), max_size=20)
URLS = st.builds(lambda s, u, h, p, r: f"{s}{u}{h}{p}/{r}", st.sampled_from(["https://", "http://", "ftp://", ""]),
    st.sampled_from(["", "user:pw@", "u%40v@"]), st.sampled_from([*HOSTS, "[::1]", "127.0.0.1", "а.рф"]),
    st.sampled_from(["", ":8443", ":0", ":x", ":99999"]), PARTS) | st.text(max_size=20)  # fmt: skip


@st.composite
def policies(draw: Any) -> Policy:
    """Any policy that a collector could send, with rules for hosts and programs that are met."""
    titles = st.builds(lambda m, t: HostTitles(m[0], m[1], t), MATCHES, st.sampled_from(["keep", "mask", "drop"]))
    limit = st.builds(lambda m, k: AddressLimit(m[0], m[1], k), MATCHES, st.sampled_from(["path", "host", "drop"]))
    return policy(
        working_hours=draw(st.sampled_from(["Mon-Sun 00:00-24:00", "Thu 09:00-13:00", "-", "Sat 10:00-11:00"])),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Moscow", "Pacific/Apia"])),
        titles=draw(st.sampled_from(["keep", "mask", "drop"])),
        title_rules=tuple(draw(st.lists(titles, max_size=4))),
        path_hosts=tuple(draw(st.lists(st.sampled_from(HOSTS), max_size=2))),
        mask_patterns=tuple(draw(st.lists(st.sampled_from(PATTERNS[:5]), max_size=3, unique=True))),
        address_rules=draw(st.just(msgspec.UNSET) | st.lists(limit, max_size=4).map(tuple)),
    )


samples = st.builds(
    sample, st.none() | st.sampled_from(PROGRAMS) | TEXTS, st.none() | TEXTS, st.none() | URLS,
    st.booleans(), st.sampled_from([0, 10**6]), st.booleans(),
)  # fmt: skip
moments = st.integers(-100, 100).map(lambda hours: NOON_MS + hours * HOUR_MS)


def kept(of: Policy, seen: Sample, now_ms: int = NOON_MS) -> Kept:
    """What is kept of a sample, the notice being acknowledged."""
    found = keep(rules_of(of), seen, now_ms, acknowledged=True, paused=False)
    assert found is not None
    return found


@given(policies(), samples, moments, st.booleans(), st.booleans())
def test_outside_of_hours_in_private_time_and_unacknowledged_nothing_but_the_state_is_kept(
    of, seen, at, agreed, paused
):
    found = keep(rules_of(of), seen, at, agreed, paused)
    if not agreed:
        assert found is None
    elif paused:
        assert found == Kept("private")
    elif not at_work(rules_of(of), at) or seen.locked or seen.idle_ms:
        assert found == Kept(found.state)


@given(policies(), samples, st.integers(0, 2**53 - 1))
def test_the_wire_accepts_whatever_is_kept(of, seen, seq):
    found = kept(of, seen)
    said = {f.name: getattr(found, f.name) for f in fields(found)}
    span = Span(seq, NOON_MS, NOON_MS + 1, **said)
    assert msgspec.json.decode(msgspec.json.encode(span), type=Span) == span
    assert len(msgspec.json.encode(span)) <= limits.SPAN_BYTES


@given(policies(), samples)
def test_no_kept_title_holds_what_a_mask_matches(of, seen):
    title = kept(of, seen).title or ""
    for pattern in of.mask_patterns:
        assert not re.search(pattern.replace(r"\pL", r"[^\W\d_]"), title.replace("***", "\n")), title


@given(policies(), URLS, st.sampled_from(PROGRAMS))
def test_no_address_keeps_query_fragment_credentials_or_port(of, url, app):
    _, found = kept_address(rules_of(of), url, app)
    if found is not None:
        assert re.fullmatch(r"https?://(?:\[[0-9a-f:.]+\]|[\w.-]+)/[^?#\s\\]*", found), found


@given(policies(), URLS, st.sampled_from(PROGRAMS))
def test_a_path_is_kept_only_where_a_rule_allows_it(of, url, app):
    host, found = kept_address(rules_of(of), url, app)
    limits_ = of.address_rules if isinstance(of.address_rules, tuple) else ()
    allowed = [*of.path_hosts, *(r.value for r in limits_ if r.match != "program" and r.keeps == "path")]
    if found is not None and host is not None and not any(host == a or host.endswith(f".{a}") for a in allowed):
        assert found.partition("://")[2] == f"{host}/"


@given(policies(), samples)
def test_a_title_that_was_never_read_would_not_have_been_kept(of, seen):
    if seen.window is not None and seen.tab is None and not reads_title_of(rules_of(of), seen.window.app):
        assert kept(of, seen) == kept(of, replace(seen, window=replace(seen.window, title=None)))


@pytest.mark.parametrize("title", ["я" * (1 << 20), "a\u0301" * 5_000, "\u202e" * 3_000 + "x", "\ud800" * 2_000,
    "\x00\x1b[31m" * 999, "e" + "\u0300" * 9_999, "🙂" * 2_000, "\ufffd\uffff" * 2_000])  # fmt: skip
def test_hostile_titles_become_short_clean_texts(title):
    found = kept(policy(), sample("xterm", title)).title or ""
    assert len(found) <= limits.TITLE_CHARS
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c == "\u202e" for c in found)


@given(st.integers(900, 1_100), st.sampled_from(["4111 1111 1111 1111", "4111111111111111"]), st.booleans())
def test_half_a_card_number_does_not_outlive_the_cut_of_a_title(before, card, by_the_source):
    title = "x " * (before // 2) + card + " y" * 200
    found = kept(policy(), sample("xterm", title[: limits.TITLE_CHARS] if by_the_source else title)).title
    assert "4111" not in str(found)


@given(st.lists(st.sampled_from([".", r"\w", r"\W", "[^x]"]), min_size=30, max_size=30), st.integers(0, 1_024))
def test_masks_that_match_everything_do_not_let_a_title_grow(patterns, length):
    found = keep(rules(mask_patterns=tuple(patterns)), sample("xterm", "ab " * length), NOON_MS, True, False)
    assert found is not None
    assert len(found.title or "") <= limits.TITLE_CHARS


@pytest.mark.parametrize(
    ("rule", "host", "stored"),
    [
        (("host", "example.com", "path"), "a.example.com", "https://a.example.com/p"),
        (("only_host", "example.com", "path"), "a.example.com", "https://a.example.com/"),
        (("only_host", "example.com", "path"), "example.com", "https://example.com/p"),
        (("host", "bitrix24.ru", "host"), "acme.bitrix24.ru", "https://acme.bitrix24.ru/"),
        (("host", "hr.bitrix24.ru", "drop"), "hr.bitrix24.ru", None),
        (("host", "hr.bitrix24.ru", "drop"), "acme.bitrix24.ru", "https://acme.bitrix24.ru/p"),
        (("program", "chrome.exe", "drop"), "acme.bitrix24.ru", None),
        (("program", "chrome", "host"), "acme.bitrix24.ru", "https://acme.bitrix24.ru/"),
        (("program", "chrome", "path"), "x.example", "https://x.example/"),
    ],
)
def test_address_rules_by_host_and_program(rule, host, stored):
    told = rules(address_rules=(AddressLimit(*rule),))
    assert kept_address(told, f"https://{host}/p?q", "chrome.exe")[1] == stored


def test_a_rule_for_a_wide_suffix_does_not_bring_back_what_is_dropped_by_name():
    told = rules(title_rules=(HostTitles("host", "google.com", "keep"),))
    assert keep(told, sample("chrome", "w", "https://mail.google.com/"), NOON_MS, True, False).title is None
    assert keep(told, sample("chrome", "w", "https://docs.google.com/"), NOON_MS, True, False).title == "w"


def test_a_path_is_masked_as_it_reads():
    found = kept_address(
        rules(mask_patterns=("Иванов",)), "https://a.bitrix24.ru/%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2/1"
    )
    assert found[1] == "https://a.bitrix24.ru/***/1"


@pytest.mark.parametrize(
    ("changes", "app", "may"),
    [
        ({}, "xterm", True),
        ({}, "chrome.exe", True),
        ({}, "Telegram.exe", False),
        ({"title_rules": (HostTitles("program", "telegram", "keep"),)}, "Telegram.exe", True),
        ({"title_rules": (HostTitles("program", "xterm", "drop"),)}, "xterm", False),
        ({"titles": "drop"}, "xterm", False),
        ({"titles": "drop"}, None, False),
    ],
)
def test_a_title_is_read_only_where_it_may_be_kept(changes, app, may):
    assert reads_title_of(rules(**changes), app) is may
