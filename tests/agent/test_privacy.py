"""Stage 2: what may be kept, and what never reaches the disk."""

import pytest
from agent_parts import NOON_MS, host_rule, rules, sample
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.privacy import Kept, keep, may_look_around, next_turn_ms, opened, rules_of
from planwhy_agent.sources.base import OpenProgram, OpenSite
from planwhy_shared import limits
from planwhy_shared.times import HOUR_MS


def kept(rules_, sample_, now_ms=NOON_MS):
    found = keep(rules_, sample_, now_ms, acknowledged=True, paused=False)
    assert found is not None
    return found


def test_nothing_is_kept_before_the_notice_is_acknowledged():
    assert keep(rules(), sample(), NOON_MS, acknowledged=False, paused=False) is None


def test_private_time_keeps_only_that_it_is_private():
    assert keep(rules(), sample(locked=True), NOON_MS, acknowledged=True, paused=True) == Kept("private")


@pytest.mark.parametrize(("clock", "within"), [(9, True), (17.999, True), (18, False), (8.999, False), (13.5, False)])
def test_outside_working_hours_only_the_state_is_kept(clock, within):
    hours = rules(working_hours="Thu 09:00-13:00,14:00-18:00")
    found = kept(hours, sample("xterm", "title"), NOON_MS + round((clock - 12) * HOUR_MS))
    assert found == (Kept("active", "xterm", "title", None, "window") if within else Kept("active"))


def test_working_hours_follow_the_zone_of_the_person():
    moscow = rules(working_hours="Thu 15:00-16:00", time_zone="Europe/Moscow")
    assert kept(moscow, sample()).app == "xterm"
    assert next_turn_ms(moscow, NOON_MS) == NOON_MS + HOUR_MS


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"idle_ms": 179_999}, "active"), ({"idle_ms": 180_000}, "idle"), ({"locked": True}, "locked")],
)
def test_idle_and_locked_carry_no_context(changes, state):
    found = kept(rules(), sample("xterm", "title", **changes))
    assert (found.state, found.app is None) == (state, state != "active")


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        (
            "https://acme.bitrix24.ru/crm/deal/details/5121/?from=x#top",
            "https://acme.bitrix24.ru/crm/deal/details/5121/",
        ),
        ("https://user:pw@Example.COM:8443/a/b?q=1", "https://example.com/"),
        ("https://notbitrix24.ru/secret", "https://notbitrix24.ru/"),
        ("https://acme.bitrix24.ru/u/ivan@example.com/x", "https://acme.bitrix24.ru/u/***/x"),
        ("https://acme.bitrix24.ru/a;jsessionid=1/b", "https://acme.bitrix24.ru/a/b"),
        ("http://[::1]:80/x", "http://[::1]/"),
        ("file:///home/ivan/x", None),
        ("chrome://settings", None),
        ("https://", None),
        ("https://[bad/", None),
        ("javascript:alert(1)", None),
        ("https://a b/", None),
        ("https://xn--80ak6aa92e.com/?x", "https://xn--80ak6aa92e.com/"),
    ],
)
def test_addresses_keep_the_host_and_only_the_path_of_listed_hosts(url, stored):
    assert kept(rules(), sample("chromium", "t", url)).url == stored


@pytest.mark.parametrize(
    "url", ["https://web.telegram.org/k/", "https://online.sberbank.ru/x", "https://spb.hh.ru/vacancy/1"]
)
def test_titles_of_personal_hosts_are_dropped(url):
    found = kept(rules(), sample("chromium", "Иван Петров", url))
    assert found.title is None
    assert found.url is not None


@pytest.mark.parametrize("app", ["telegram-desktop", "Telegram.exe", "thunderbird", "/opt/keepassxc"])
def test_titles_of_personal_programs_are_dropped(app):
    assert kept(rules(), sample(app, "Иван Петров")).title is None


def test_a_rule_of_the_policy_beats_the_defaults_and_the_longest_host_wins():
    told = rules(title_rules=(host_rule("hh.ru", "keep"), host_rule("spb.hh.ru", "drop")))
    assert kept(told, sample("chromium", "Title", "https://hh.ru/")).title == "Title"
    assert kept(told, sample("chromium", "Title", "https://a.spb.hh.ru/")).title is None


def test_the_mask_rule_keeps_the_kind_and_hides_whom_it_is_about():
    told = rules(title_rules=(host_rule("bitrix24.ru", "mask"),))
    assert (
        kept(told, sample("chromium", "Сделка 5121 Иванов Иван", "https://a.bitrix24.ru/")).title
        == "Сделка *** *** ***"
    )


def test_a_private_tab_leaves_only_the_program():
    assert kept(rules(), sample("chromium", "Secret", None, private=True)) == Kept(
        "active", "chromium", source="browser"
    )


@pytest.mark.parametrize(
    "title", ["Secret - Chromium (Incognito)", "Тайна — Приватный просмотр", "Входящие (3) — Почта"]
)
def test_a_browser_without_extension_keeps_no_private_or_sensitive_title(title):
    assert kept(rules(), sample("chromium", title)).title is None
    assert kept(rules(), sample("xterm", title)).title is not None


@pytest.mark.parametrize(
    ("title", "stored"),
    [
        ("Карта 4111 1111 1111 1111 клиента", "Карта *** клиента"),
        ("Заказ 4111 1111 1111 1112", "Заказ 4111 1111 1111 1112"),
        ("Письмо ivan.petrov@example.com — CRM", "Письмо *** — CRM"),
        ("ivan\u200b@example.com", "***"),
        ("ivan@pc: ~/work", "*** ~/work"),
        ("Звонок +7 (495) 123-45-67", "Звонок ***"),
        ("Звонок 8 916 123 45 67", "Звонок ***"),
        ("Сделка 5121 — Битрикс24", "Сделка 5121 — Битрикс24"),
        ("Пароль: qwerty 123 — Блокнот", "Пароль: *** — Блокнот"),
        ("password = hunter2", "password = ***"),
        ("пароль hunter2", "пароль ***"),
        ("/home/ivan/deal.txt - vim", "/home/***/deal.txt - vim"),
        (r"C:\Users\Ivan Petrov\deal.xlsx", r"C:\Users\***\deal.xlsx"),
        ("a\u202egnp.exe\x00\nb", "agnp.exe b"),
        ("x\ud800y", "x\ufffdy"),
        ("   ", None),
    ],
)
def test_titles_lose_what_identifies_people_or_opens_doors(title, stored):
    assert kept(rules(), sample("xterm", title)).title == stored


def test_patterns_of_the_policy_are_masked_too():
    assert (
        kept(rules(mask_patterns=(r"ДОГ-\d+",)), sample("xterm", "Договор ДОГ-77 подписан")).title
        == "Договор *** подписан"
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"mask_patterns": ("(",)}, "mask_patterns"),
        ({"working_hours": "?"}, "hours"),
    ],
)
def test_a_policy_that_cannot_be_understood_says_which_part(changes, named):
    with pytest.raises(ValueError, match=named):
        rules(**changes)


@given(st.text(max_size=3000), st.text(max_size=3000), st.text(max_size=300))
def test_whatever_comes_fits_the_wire_and_can_be_encoded(title, path, app):
    found = kept(rules(), sample(app, title, f"https://a.bitrix24.ru/{path}"))
    assert len(found.title or "") <= limits.TITLE_CHARS
    assert len(found.url or "") <= limits.URL_CHARS
    assert len(found.app or "") <= limits.APP_CHARS
    "".join(filter(None, (found.title, found.url, found.app))).encode()


def test_a_title_of_a_megabyte_is_cut():
    assert len(kept(rules(), sample("xterm", "я" * (1 << 20))).title or "") == limits.TITLE_CHARS


def test_the_idle_limit_can_be_set_on_the_machine():
    from agent_parts import policy

    assert rules_of(policy(), idle_after_s=20).idle_after_ms == 20_000


def test_a_week_without_working_hours_keeps_only_states():
    free = rules(working_hours="-")
    assert kept(free, sample("xterm", "title")) == Kept("active")
    assert next_turn_ms(free, NOON_MS) == NOON_MS + HOUR_MS


def test_of_what_is_open_the_program_and_the_host_are_kept_and_each_stands_once():
    programs = (OpenProgram("/usr/bin/xterm", 2), OpenProgram("xterm", 1), OpenProgram("telegram-desktop", 1))
    sites = (OpenSite("chromium", "web.telegram.org", 1), OpenSite("chromium", "example.com", 7))
    found = [(one.kept.app, one.kept.url, one.count) for one in opened(rules(), programs, sites)]
    assert found == [
        ("xterm", None, 3),
        ("telegram-desktop", None, 1),
        ("chromium", "https://example.com/", 7),
        ("chromium", "https://web.telegram.org/", 1),
    ]


@given(st.text(max_size=40), st.text(max_size=60), st.integers(-5, 100_000))
def test_whatever_a_source_calls_a_site_only_its_host_is_kept(app, host, tabs):
    paths = rules(path_hosts=("bitrix24.ru",))
    for name in (host, f"bitrix24.ru/{host}", f"user:{host}@bitrix24.ru", f"bitrix24.ru?{host}"):
        for one in opened(paths, (), (OpenSite(app, name, tabs),)):
            assert one.kept.title is None
            assert one.kept.url is not None and one.kept.url.count("/") == 3 and one.kept.url.endswith("/")
            assert "?" not in one.kept.url and "@" not in one.kept.url
            assert 1 <= one.count <= limits.OPEN_COUNT


@pytest.mark.parametrize(
    ("state", "may"),
    [("active", True), ("idle", True), ("locked", False), ("private", False), ("off", False), ("asleep", False)],
)
def test_what_is_open_is_looked_at_only_where_what_is_in_front_may_be_recorded(state, may):
    found = Kept(state)
    assert may_look_around(rules(), found, NOON_MS) is may
    assert not may_look_around(rules(), None, NOON_MS)
    assert not may_look_around(rules(working_hours="Mon-Fri 18:00-19:00"), found, NOON_MS)
