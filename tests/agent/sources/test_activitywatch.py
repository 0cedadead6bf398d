"""Heartbeats of ActivityWatch's extension become the tab of the window that shows it, and nothing else."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from agent_parts import Clock
from planwhy_agent.config import Settings
from planwhy_agent.sources.activitywatch import BUCKETS, SETTLE_S, START_S, ActivityWatchTabs
from planwhy_agent.sources.base import Tab, Window
from planwhy_agent.sources.both_browsers import BothBrowsers

CHROME = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi"
FIREFOX = "moz-extension://11111111-2222-3333-4444-555555555555"
BUCKET = "/api/0/buckets/aw-watcher-web-chrome"
PRIVATE = Tab(None, None, True, 0)
SHOWN = Window("chromium", "Deal - Chromium", 1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tabs(clock: Clock) -> Iterator[ActivityWatchTabs]:
    tabs = ActivityWatchTabs(tuple(Settings().activitywatch_ids.split(",")), 0, clock)
    clock.now += START_S
    yield tabs
    tabs.close()


def asked(
    tabs: ActivityWatchTabs, method: str, path: str, body: object = None, **headers: str | None
) -> http.client.HTTPResponse:
    """One request as the extension sends it; headers given as None are left out."""
    link = http.client.HTTPConnection("127.0.0.1", tabs.port, timeout=5)
    usual: dict[str, str | None] = {"Host": f"127.0.0.1:{tabs.port}", "Origin": CHROME}
    usual |= {"Content-Type": "application/json"} if body is not None else {}
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    link.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in (usual | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value is not None:
            link.putheader(name, value)
    if data is not None:
        link.putheader("Content-Length", str(len(data)))
    link.endheaders(data)
    while not tabs.read() and not _readable(link.sock):
        pass
    return link.getresponse()


def _readable(link: socket.socket) -> bool:
    link.settimeout(0.01)
    try:
        return bool(link.recv(1, socket.MSG_PEEK)) or True
    except TimeoutError:
        return False
    finally:
        link.settimeout(5)


def beat(tabs: ActivityWatchTabs, bucket: str = BUCKET, pulse: object = 80, **data: Any) -> int:
    told = {"url": "http://h/deal?token=secret#x", "title": "Deal", "audible": False, "incognito": False, "tabCount": 3}
    body = {"timestamp": "2026-01-01T00:00:00Z", "duration": 0, "data": told | data}
    return asked(tabs, "POST", f"{bucket}/heartbeat?pulsetime={pulse}", body).status


def test_a_heartbeat_is_the_tab_of_the_window_with_its_title(tabs: ActivityWatchTabs) -> None:
    assert beat(tabs) == 200
    tab = tabs.tab_of(SHOWN)
    assert tab is not None
    assert (tab.url, tab.title, tab.private) == ("http://h/deal", "Deal", False)
    assert tabs.connected() == 1


@pytest.mark.parametrize(
    "window",
    [
        Window("chromium", "Dealer - Chromium", 1),
        Window("chrome.exe", "Secret - Google Chrome", 1),
        Window("msedge", None, 1),
    ],
)
def test_any_other_window_of_that_kind_of_browser_is_private(tabs: ActivityWatchTabs, window: Window) -> None:
    beat(tabs)
    assert tabs.tab_of(window) == PRIVATE
    assert tabs.settle_ms() == round(1000 * SETTLE_S)


def test_other_programs_and_other_browsers_are_left_alone(tabs: ActivityWatchTabs) -> None:
    beat(tabs)
    assert tabs.tab_of(Window("xterm", "Deal - Chromium", 1)) is None
    assert tabs.tab_of(Window("firefox-esr", "Deal — Mozilla Firefox", 1)) is None
    beat(tabs, "/api/0/buckets/aw-watcher-web-firefox_my.host")
    assert (tabs.tab_of(Window("firefox-esr", "Deal — Mozilla Firefox", 1)) or PRIVATE).url == "http://h/deal"


def test_a_heartbeat_holds_as_long_as_it_says_and_then_there_is_a_hole(tabs: ActivityWatchTabs, clock: Clock) -> None:
    beat(tabs, pulse=80)
    clock.now += 79
    assert (tabs.tab_of(SHOWN) or PRIVATE).url == "http://h/deal"
    clock.now += 1
    assert tabs.tab_of(SHOWN) == PRIVATE
    assert tabs.connected() == 0


def test_a_private_tab_is_let_go_at_once(tabs: ActivityWatchTabs) -> None:
    beat(tabs)
    beat(tabs, incognito=True, title="Hidden", url="http://h/hidden")
    assert tabs.tab_of(Window("chromium", "Hidden - Chromium", 1)) == PRIVATE
    assert "Hidden" not in repr(vars(tabs)["_told"])


def test_until_a_heartbeat_can_have_come_browsers_are_private(clock: Clock) -> None:
    tabs = ActivityWatchTabs((), 0, clock)
    assert tabs.tab_of(SHOWN) == PRIVATE
    clock.now += START_S
    assert tabs.tab_of(SHOWN) is None
    tabs.close()


@pytest.mark.parametrize(
    ("url", "title", "kept"),
    [
        ("https://user:pw@h:8443/p?token=1#f", "h:8443/p?token=1#f", ("https://h:8443/p", "h:8443/p")),
        ("https://h/p?q=%D1%82", "h/p?q=т", ("https://h/p", "h/p")),
        ("https://h/" + "p" * 3000, "long", ("https://h/", "long")),
        ("https://h/p?" + "s" * 5000, "h/p?" + "s" * 4000, ("https://h/p", "h/p")),
        ("file:///home/person/salary.xlsx", "salary", (None, "salary")),
        ("chrome://settings", "a\u202eb\x00", (None, "ab")),
        ("https://[", "bad", (None, "bad")),
    ],
)
def test_addresses_are_cut_to_what_our_own_extension_would_tell(
    tabs: ActivityWatchTabs, url: str, title: str, kept: tuple[str | None, str]
) -> None:
    assert beat(tabs, url=url, title=title) == 200
    tab = tabs.tab_of(Window("chromium", f"{kept[1]} - Chromium", 1))
    assert tab is not None
    assert (tab.url, tab.title) == kept


def test_nothing_can_be_read_back_but_the_name_of_this_machine(tabs: ActivityWatchTabs) -> None:
    beat(tabs)
    told = asked(tabs, "GET", "/api/0/info")
    assert json.loads(told.read())["hostname"] == socket.gethostname()
    for path in ("/api/0/buckets", "/api/0/buckets/", BUCKET, f"{BUCKET}/events", "/api/0/query", "/"):
        assert asked(tabs, "GET", path).status in {404, 405}
    assert asked(tabs, "POST", f"{BUCKET}/events", []).status == 404
    assert asked(tabs, "DELETE", BUCKET).status == 405
    assert tabs.refused == 8


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "[::1]:{port}", "127.0.0.1:{port}."]
)
def test_another_host_is_refused_as_a_rebound_name_would_show(tabs: ActivityWatchTabs, host: str | None) -> None:
    given = host.format(port=tabs.port) if host is not None else None
    assert asked(tabs, "GET", "/api/0/info", Host=given).status == 403
    assert asked(tabs, "GET", "/api/0/info", Host=f"localhost:{tabs.port}").status == 200


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "http://127.0.0.1:5600",
        "chrome-extension://flogbabbmbikjagflihmngeopicehlln",
        CHROME + "/",
        CHROME + ".evil.example",
        "moz-extension://not-a-uuid",
        CHROME.upper(),
    ],
)
def test_only_the_extensions_may_tell_anything(tabs: ActivityWatchTabs, origin: str | None) -> None:
    answer = asked(tabs, "POST", BUCKET, {}, Origin=origin)
    assert answer.status == 403
    assert answer.getheader("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("origin", [CHROME, FIREFOX])
def test_an_extension_is_answered_by_its_name_and_never_by_a_wildcard(tabs: ActivityWatchTabs, origin: str) -> None:
    answer = asked(tabs, "OPTIONS", BUCKET, Origin=origin)
    assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (204, origin)
    assert asked(tabs, "POST", BUCKET, {}, Origin=origin).status == 200


def test_ids_can_be_narrowed_to_one_installation_of_firefox(clock: Clock) -> None:
    tabs = ActivityWatchTabs((FIREFOX.removeprefix("moz-extension://"),), 0, clock)
    assert asked(tabs, "OPTIONS", BUCKET, Origin=FIREFOX).status == 204
    assert asked(tabs, "OPTIONS", BUCKET, Origin=FIREFOX.replace("1", "2")).status == 403
    tabs.close()


BODIES = [b"", b"{}", b"[1]", b"\xff", b'{"data":{}}', b'{"data":{"url":1,"title":"t"}}', b"[" * 60_000]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_heartbeat_that_is_none_changes_nothing_and_is_counted(tabs: ActivityWatchTabs, body: bytes) -> None:
    beat(tabs)
    assert asked(tabs, "POST", f"{BUCKET}/heartbeat?pulsetime=80", body).status == 422
    assert (tabs.tab_of(SHOWN) or PRIVATE).url == "http://h/deal"
    assert tabs.trouble() == {"activitywatch_refused": 1}


@pytest.mark.parametrize("pulse", ["", "-1", "nan", "inf", "1e9", "9" * 400])
def test_a_heartbeat_without_a_length_is_refused(tabs: ActivityWatchTabs, pulse: str) -> None:
    assert beat(tabs, pulse=pulse) == 422


def test_a_web_form_is_no_heartbeat(tabs: ActivityWatchTabs) -> None:
    assert asked(tabs, "POST", f"{BUCKET}/heartbeat?pulsetime=1", b"{}", Content_Type="text/plain").status == 415


def test_no_more_than_so_many_buckets_are_remembered(tabs: ActivityWatchTabs) -> None:
    statuses = [beat(tabs, f"/api/0/buckets/aw-watcher-web-b{n}") for n in range(BUCKETS + 1)]
    assert statuses == [200] * BUCKETS + [422]


def test_our_own_extension_goes_before(tabs: ActivityWatchTabs, clock: Clock) -> None:
    other = ActivityWatchTabs((CHROME.removeprefix("chrome-extension://"),), 0, clock)
    clock.now += START_S
    both = BothBrowsers(other, tabs)
    beat(tabs)
    assert (both.tab_of(SHOWN) or PRIVATE).url == "http://h/deal"
    beat(other, url="http://h/own")
    assert (both.tab_of(SHOWN) or PRIVATE).url == "http://h/own"
    assert (both.connected(), both.sites()) == (2, ())
    assert set(both.filenos()) == {*other.filenos(), *tabs.filenos()}
    other.close()


def test_many_programs_at_once_are_served_by_the_one_loop(tabs: ActivityWatchTabs) -> None:
    def tell() -> None:
        link = http.client.HTTPConnection("127.0.0.1", tabs.port, timeout=10)
        for _ in range(5):
            link.request("GET", "/api/0/info")
            seen.append(link.getresponse().read() and 200)

    seen: list[int] = []
    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        tabs.read()
    assert seen == [200] * 40
