"""The real extension in the real Chromium, through the real native host, to the agent's end."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from browser_scene import PRIVATE, Scene, browser_scene
from desktop import wait_for
from planwhy_agent.sources.base import Window
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.extension import EXTENSION_ID, extension_dir

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
TITLES = {"/deal": "Сделка 5121", "/bare": None}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with browser_scene(tmp_path, TITLES) as scene:
        yield scene


def test_a_page_is_told_by_its_path_and_title_without_its_query(scene: Scene) -> None:
    assert scene.browser.extension_id == EXTENSION_ID
    scene.browser.open(f"{scene.site}/deal?token=secret#fragment")
    tab = scene.until(lambda _, tab: tab and tab.url == f"{scene.site}/deal" and tab.title == "Сделка 5121")
    assert tab is not None
    assert not tab.private
    window, _ = scene.now()
    assert window is not None
    assert (window.app, window.pid) == ("chromium", scene.browser.pid)


def test_a_page_without_a_title_does_not_show_its_query_as_one(scene: Scene) -> None:
    scene.browser.open(f"{scene.site.replace('//', '//user:hidden@')}/bare?token=secret#fragment")
    tab = scene.seen("/bare")
    assert tab is not None
    assert tab.title == scene.site.removeprefix("http://") + "/bare"


def test_navigations_one_after_the_other_are_all_told(scene: Scene) -> None:
    scene.until(lambda _, tab: tab and not tab.private)
    for number in range(8):
        scene.browser.open(f"{scene.site}/page{number}?q={number}")
        scene.seen(f"/page{number}")
    assert (scene.tabs.counts.missed, scene.tabs.counts.refused, scene.tabs.counts.dropped) == (0, 0, 0)


def test_a_private_window_leaves_neither_address_nor_title(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    target = scene.browser.open_incognito(f"{scene.site}/private?token=secret")
    scene.until(lambda window, tab: window and window.title and "/private" in window.title and tab == PRIVATE)
    scene.browser.close_target(target)
    scene.seen("/deal")


def test_a_second_window_and_a_second_tab_are_told(scene: Scene) -> None:
    scene.browser.open_window(f"{scene.site}/second")
    scene.seen("/second")
    tab = scene.browser.new_tab(f"{scene.site}/third")
    scene.seen("/third")
    scene.browser.close_target(tab)
    scene.until(lambda _, tab: tab and tab.url != f"{scene.site}/third")


def test_another_program_in_front_ends_the_tab_and_coming_back_tells_it_again(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    (browser_window,) = scene.desk.windows()
    scene.desk.focus(scene.desk.window("notes"))
    scene.until(lambda window, tab: window and window.title == "notes" and tab is None)
    scene.desk.focus(browser_window)
    scene.seen("/deal")


def test_a_killed_native_host_comes_back(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    (host,) = scene.native_hosts()
    host.send_signal(signal.SIGKILL)
    scene.until(lambda _, tab: tab == PRIVATE)
    scene.seen("/deal")
    assert scene.tabs.connected() == 1


def test_a_killed_worker_comes_back_with_whatever_happens_in_the_browser(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    scene.browser.end_worker()
    scene.until(lambda _, tab: tab == PRIVATE)
    scene.browser.open(f"{scene.site}/next")
    scene.seen("/next")


@pytest.mark.soak
def test_a_killed_worker_comes_back_by_itself_with_the_next_of_its_two_alarms(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    first_ms = scene.browser.in_worker("chrome.alarms.get('stay').then((alarm) => alarm.scheduledTime)")
    wait_for(lambda: time.time() * 1000 > first_ms + 500, within_s=40)
    scene.browser.end_worker()
    scene.until(lambda _, tab: tab == PRIVATE)
    scene.until(lambda _, tab: tab and tab.url, within_s=20)


def test_a_restarted_agent_is_told_the_tab_again(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    scene.tabs.close()
    scene.tabs = BrowserTabs.open(scene.runtime)
    assert scene.now()[1] == PRIVATE
    scene.seen("/deal")


def test_a_killed_browser_leaves_no_tab_and_no_native_host(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    hosts = scene.native_hosts()
    scene.browser.kill()
    scene.until(lambda window, _: window is None)
    left = scene.tabs.tab_of(Window("chromium", "t", scene.browser.pid))
    assert left is None or left == PRIVATE
    psutil.wait_procs(hosts, timeout=10)
    assert not [one for one in hosts if one.is_running()]
    assert scene.tabs.connected() == 0


CASES = [
    ("https://user:pw@h.ru:8443/crm/deal/5/?a=1#b", "https://h.ru:8443/crm/deal/5/"),
    ("http://h", "http://h/"),
    ("chrome://settings/passwords", None),
    ("file:///home/x/salary.xlsx", None),
    ("data:text/html,hello", None),
    ("", None),
    ("https://h/" + "p" * 3000, "https://h/"),
]
TITLE_CASES = [
    ("h/p?token=1#f", "https://h/p?token=1#f", "h/p"),
    ("h/p?q=тест", "https://h/p?q=%D1%82%D0%B5%D1%81%D1%82", "h/p"),
    ("u:pw@h/p", "https://u:pw@h/p", "h/p"),
    ("h/next?token=1", ["https://h/p", "https://h/next?token=1"], "h/next"),
    ("h/p?token=" + "s" * 4000, "https://h/p?token=" + "s" * 5000, "h/p"),
    ("h/p?token=" + "s" * 40 + "…", "https://h/p?token=" + "s" * 50, "h/p"),
    ("Why? Because", "https://h/p?a", "Why? Because"),
    ("x" * 5000, "https://h/", "x" * 1024),
    ("\ud800", "https://h/", "\ufffd"),
]


def test_what_leaves_the_browser_is_cut_inside_it(scene: Scene) -> None:
    source = (extension_dir() / "page.js").read_text(encoding="utf-8").replace("export ", "")
    addresses = f"{json.dumps(CASES)}.map(([url]) => addressOf(url))"
    titles = f"{json.dumps(TITLE_CASES)}.map(([title, url]) => titleOf(title, ...[url].flat()))"
    results = scene.browser.evaluate(f"{source};[{addresses}, {titles}]")
    assert results[0] == [address for _, address in CASES]
    assert results[1] == [title for _, _, title in TITLE_CASES]
