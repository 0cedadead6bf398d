"""The agent's end: what native hosts say, well or badly, becomes the right tab or none."""

import json
import os
import socket
import stat
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_parts import Clock
from planwhy_agent.sources.base import OpenSite, SourceLost, Tab, Window
from planwhy_agent.sources.browser import AWAY_S, CONNECTIONS, SETTLE_S, START_S, BrowserTabs
from planwhy_agent.sources.channel_unix import SOCKET_NAME
from planwhy_agent.sources.flood import BURST, FIRST_PAUSE_S
from planwhy_agent.sources.frames import FRAME_BYTES, framed
from planwhy_agent.sources.programs import Programs

ME = os.getpid()
FRONT = Window("chromium", "Secret - Chromium", ME)
OTHER = Window("xterm", "ls", os.getppid())
SECRET_TAB = {"type": "tab", "seq": 2, "url": "http://h/deal/5", "title": "Deal"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tabs(tmp_path: Path, clock: Clock) -> Iterator[BrowserTabs]:
    tabs = BrowserTabs.open(tmp_path, clock)
    clock.now += START_S + 1
    yield tabs
    tabs.close()


def host(folder: Path, *messages: object, pid: int = ME) -> socket.socket:
    """A native host that says who it is, then these messages; bytes go as they are."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.connect(str(folder / SOCKET_NAME))
    greeting = [{"type": "host", "browser_pid": pid}, {"type": "hello", "seq": 1, "browser": "chromium"}]
    say(link, *greeting, *messages)
    return link


def say(link: socket.socket, *messages: object) -> None:
    for one in messages:
        link.sendall(one if isinstance(one, bytes) else framed(json.dumps(one).encode()))


def seen(tabs: BrowserTabs, window: Window = FRONT) -> Tab | None:
    time.sleep(0.01)
    tabs.read()
    return tabs.tab_of(window)


def test_the_tab_of_the_browser_in_front_is_credited(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path) as link:
        assert seen(tabs) == Tab(None, None, True, 0)
        say(link, SECRET_TAB)
        tab = seen(tabs)
        assert tab is not None
        assert (tab.url, tab.title, tab.private) == ("http://h/deal/5", "Deal", False)
        assert tabs.connected() == 1


def test_a_blur_leaves_neither_address_nor_title(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, SECRET_TAB, {"type": "blur", "seq": 3}):
        assert seen(tabs) == Tab(None, None, True, 0)


def test_a_tab_told_before_the_window_came_to_the_front_is_asked_for_again(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, SECRET_TAB) as link:
        seen(tabs, OTHER)
        assert seen(tabs) == Tab(None, None, True, 0)
        assert link.recv(100) == framed(b'{"type":"tell"}')
        say(link, SECRET_TAB | {"seq": 3})
        assert (seen(tabs) or FRONT).title == "Deal"


def test_an_answer_is_awaited_for_a_moment_only(tabs: BrowserTabs, tmp_path: Path, clock: Clock) -> None:
    with host(tmp_path):
        seen(tabs)
        assert tabs.settle_ms() == round(1000 * SETTLE_S)
        clock.now += SETTLE_S
        assert tabs.settle_ms() == 0


def test_another_program_has_no_tab(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, SECRET_TAB):
        assert seen(tabs, OTHER) is None
        assert tabs.settle_ms() == 0


def test_a_dead_browser_leaves_no_tab_and_stays_private_for_a_while(
    tabs: BrowserTabs, tmp_path: Path, clock: Clock
) -> None:
    host(tmp_path, SECRET_TAB).close()
    assert seen(tabs) == Tab(None, None, True, 0)
    assert tabs.connected() == 0
    clock.now += AWAY_S + 1
    assert seen(tabs) is None


def test_right_after_our_start_a_browser_may_still_connect(tabs: BrowserTabs, clock: Clock) -> None:
    clock.now -= START_S + 1
    assert seen(tabs) == Tab(None, None, True, 0)
    assert seen(tabs, OTHER) is None


def test_two_browsers_do_not_answer_for_each_other(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path) as mine, host(tmp_path, pid=1):
        seen(tabs)
        say(mine, SECRET_TAB)
        assert (seen(tabs) or FRONT).title == "Deal"
        assert seen(tabs, Window("other", "t", 1)) == Tab(None, None, True, 0)


def test_of_two_profiles_the_focused_one_speaks(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path) as left, host(tmp_path) as right:
        seen(tabs)
        say(left, {"type": "blur", "seq": 2})
        say(right, SECRET_TAB)
        assert (seen(tabs) or FRONT).title == "Deal"


@pytest.mark.parametrize(
    "url",
    ["http://h/p?token=1", "http://h/p#frag", "https://h/p?a#b", "file:///home/x", "javascript:1", "x" * 3000, ""],
)
def test_what_is_no_plain_web_address_is_cut_or_dropped(tabs: BrowserTabs, tmp_path: Path, url: str) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, SECRET_TAB | {"url": url})
        assert (seen(tabs) or FRONT).url in {"http://h/p", "https://h/p", None}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "bad",
    [
        b"{", b"[]", b"null", b'{"type":"tab"}', b'{"type":"tab","seq":"2","url":null,"title":""}', b"\xff\xfe",
        b'{"type":"other","seq":2}', b"[" * 5000, b'{"type":"tab","seq":2,"url":null,"title":7}',
    ],
)  # fmt: skip
def test_a_message_not_understood_changes_nothing_and_is_counted(tabs: BrowserTabs, tmp_path: Path, bad: bytes) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, SECRET_TAB, framed(bad))
        assert (seen(tabs) or FRONT).title == "Deal"
        assert tabs.counts.refused == 1


def test_repeated_messages_are_refused_and_missing_ones_counted(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, SECRET_TAB | {"seq": 5}, SECRET_TAB | {"seq": 5, "title": "Again"}, SECRET_TAB | {"seq": 4})
        assert (seen(tabs) or FRONT).title == "Deal"
        assert (tabs.counts.missed, tabs.counts.refused) == (3, 2)


def test_a_frame_over_the_limit_closes_the_connection(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, struct.pack("=I", FRAME_BYTES + 1)) as link:
        seen(tabs)
        assert tabs.counts.closed == 1
        assert link.recv(1) == b""


def test_half_a_frame_holds_up_nobody(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, framed(b"x" * 100)[:50], pid=1), host(tmp_path) as whole:
        seen(tabs)
        say(whole, SECRET_TAB)
        assert (seen(tabs) or FRONT).title == "Deal"


def test_connections_over_the_limit_are_closed_and_counted(tabs: BrowserTabs, tmp_path: Path) -> None:
    links = []
    for _ in range(CONNECTIONS + 2):
        links.append(host(tmp_path))
        tabs.read()
    assert tabs.counts.closed == 2
    assert len(tabs.filenos()) == CONNECTIONS + 1
    for link in links:
        link.close()


def test_the_socket_is_the_owners_alone(tabs: BrowserTabs, tmp_path: Path) -> None:
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / SOCKET_NAME).stat().st_mode) == 0o600


def test_a_second_agent_does_not_take_the_browsers_away(tabs: BrowserTabs, tmp_path: Path) -> None:
    with pytest.raises(SourceLost):
        BrowserTabs.open(tmp_path)


def test_a_socket_that_a_killed_agent_left_is_taken_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(tmp_path / SOCKET_NAME))
    tabs = BrowserTabs.open(tmp_path)
    host(tmp_path).close()
    tabs.close()
    assert not (tmp_path / SOCKET_NAME).exists()


PAGE = Window("chromium", "Deal - Chromium", ME, 11)


def test_another_window_of_the_same_browser_is_asked_about_before_it_is_believed(
    tabs: BrowserTabs, tmp_path: Path
) -> None:
    with host(tmp_path) as link:
        seen(tabs, PAGE)
        say(link, SECRET_TAB)
        assert (seen(tabs, PAGE) or FRONT).title == "Deal"
        retitled = Window("chromium", "(1) Deal - Chromium", ME, 11)
        assert (seen(tabs, retitled) or FRONT).title == "Deal"
        assert seen(tabs, Window("chromium", "Deal - Chromium", ME, 12)) == Tab(None, None, True, 0)
        assert tabs.settle_ms() == round(1000 * SETTLE_S)


def test_a_flood_closes_the_connection_and_its_browser_waits_and_no_other(
    tabs: BrowserTabs, tmp_path: Path, clock: Clock
) -> None:
    with host(tmp_path, pid=1) as calm, host(tmp_path) as flood:
        seen(tabs)
        say(flood, *[{"type": "blur", "seq": 2 + n} for n in range(round(BURST))])
        assert seen(tabs) == Tab(None, None, True, 0)
        assert (tabs.counts.closed, tabs.counts.floods, tabs.connected()) == (1, 1, 1)
        say(calm, SECRET_TAB)
    with host(tmp_path, SECRET_TAB):
        assert seen(tabs) == Tab(None, None, True, 0)
        assert (tabs.counts.closed, tabs.counts.floods) == (2, 1)
    clock.now += FIRST_PAUSE_S
    with host(tmp_path, SECRET_TAB):
        seen(tabs)
        assert tabs.connected() == 1


def test_single_bytes_are_a_flood_too(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path) as link:
        tabs.read()
        with pytest.raises(BrokenPipeError):
            for _ in range(round(BURST) + 1):
                link.sendall(b"\0")
                tabs.read()
        assert tabs.counts.floods == 1


def test_after_a_flood_the_browser_stays_private_for_all_of_its_pause(
    tabs: BrowserTabs, tmp_path: Path, clock: Clock
) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, struct.pack("=I", FRAME_BYTES + 1))
        seen(tabs)
    clock.now += FIRST_PAUSE_S + AWAY_S - 1
    assert seen(tabs) == Tab(None, None, True, 0)
    clock.now += 2
    assert seen(tabs) is None


def test_who_comes_again_and_again_is_taken_in_slowly(tabs: BrowserTabs, tmp_path: Path, clock: Clock) -> None:
    listener, taken = tabs.filenos()[0], 0
    for _ in range(3 * CONNECTIONS):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        taken += link.connect_ex(str(tmp_path / SOCKET_NAME)) == 0
        link.close()
        tabs.read()
    assert taken > 2 * CONNECTIONS
    assert listener not in tabs.filenos()
    clock.now += 1
    assert listener in tabs.filenos()


def test_a_flood_that_the_native_host_met_is_counted(tabs: BrowserTabs, tmp_path: Path) -> None:
    with host(tmp_path, {"type": "flood"}):
        seen(tabs)
        assert (tabs.counts.closed, tabs.counts.floods) == (1, 1)


def test_open_sites_are_added_up_over_profiles_and_forgotten_with_them(tabs: BrowserTabs, tmp_path: Path) -> None:
    me = Programs().name_of(ME) or ""
    told = {"type": "open", "seq": 2, "sites": [["a.ru", 2], ["[::1]", 1]]}
    with host(tmp_path, told), host(tmp_path, told | {"sites": [["a.ru", 1]]}):
        seen(tabs)
        assert tabs.sites() == (OpenSite(me, "a.ru", 3), OpenSite(me, "[::1]", 1))
    seen(tabs)
    assert tabs.sites() == ()


@pytest.mark.parametrize(
    "sites",
    [[["http://h/path", 1]], [["h\n", 1]], [["h/p", 1]], [["h", 0]], [["h", "1"]], [["", 1]], [["h", 1]] * 65, "h"],
    ids=repr,
)
def test_open_sites_that_are_more_than_hosts_are_refused(tabs: BrowserTabs, tmp_path: Path, sites: object) -> None:
    with host(tmp_path, {"type": "open", "seq": 2, "sites": sites}):
        seen(tabs)
        assert (tabs.sites(), tabs.counts.refused) == ((), 1)


TITLES = [
    ("x" * 60_000, "x" * 1024),
    ("a\u202eb\u2066c", "abc"),
    ("a\x00b\x1bc\r\nd", "a b c  d"),
    ("\ufffd\ufffd", "\ufffd\ufffd"),
    ("\U0001f642" * 2000, "\U0001f642" * 1024),
    ("\u202e\u200b", None),
]


@pytest.mark.parametrize(("title", "kept"), TITLES, ids=range(len(TITLES)))
def test_titles_arrive_short_and_clean(tabs: BrowserTabs, tmp_path: Path, title: str, kept: str | None) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, framed(json.dumps(SECRET_TAB | {"title": title}, ensure_ascii=False).encode()))
        assert (seen(tabs) or FRONT).title == kept


@pytest.mark.parametrize("title", [b'"\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\xc3"'], ids=repr)
def test_titles_that_are_no_text_leave_the_tab_as_it_was(tabs: BrowserTabs, tmp_path: Path, title: bytes) -> None:
    with host(tmp_path) as link:
        seen(tabs)
        say(link, SECRET_TAB, framed(b'{"type":"tab","seq":3,"url":null,"title":' + title + b"}"))
        assert (seen(tabs) or FRONT).title == "Deal"
        assert tabs.counts.refused == 1


def asked(link: socket.socket) -> int:
    """How many questions came so far."""
    link.setblocking(False)
    try:
        return link.recv(1 << 16).count(b'{"type":"tell"}')
    except BlockingIOError:
        return 0


def test_another_window_is_noticed_by_its_number_and_another_title_is_nothing_new(tabs, tmp_path, clock):
    with host(tmp_path, SECRET_TAB) as link:
        seen(tabs, Window("chromium", None, ME, 1))
        clock.now += 10
        asked(link)
        seen(tabs, Window("chromium", "read by mistake", ME, 1))
        assert asked(link) == 0
        seen(tabs, Window("chromium", None, ME, 2))
        assert asked(link) == 1


def test_an_extension_speaks_for_the_windows_of_its_browser_and_while_it_may_come_back(tabs, tmp_path, clock):
    assert not tabs.speaks_for("chromium", ME)
    with host(tmp_path):
        seen(tabs)
        assert tabs.speaks_for("chromium", ME)
        assert not tabs.speaks_for("xterm", os.getppid())
    seen(tabs)
    assert tabs.speaks_for("chromium", ME)
    clock.now += AWAY_S + 1
    assert not tabs.speaks_for("chromium", ME)
