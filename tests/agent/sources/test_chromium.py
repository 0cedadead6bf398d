"""The real extension in the real Chromium, through the real native host, to the agent's end."""

import json
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from chromium_pipe import Chromium
from desktop import Desk, needs_browser, virtual_desk
from planwhy_agent.sources.base import Tab, Window
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.extension import EXTENSION_ID, extension_dir
from planwhy_agent.sources.x11 import X11Desktop

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
PRIVATE = Tab(None, None, True, 0)
TITLES = {"/deal": "Сделка 5121", "/bare": None}


@dataclass
class Scene:
    """A desktop with a browser on it, and an agent's sources that watch both."""

    desk: Desk
    source: X11Desktop
    tabs: BrowserTabs
    browser: Chromium
    site: str
    runtime: Path

    def now(self) -> tuple[Window | None, Tab | None]:
        window = self.source.read()
        self.tabs.read()
        return window, self.tabs.tab_of(window) if window else None

    def until(self, check: Callable[[Window | None, Tab | None], object], within_s: float = 20) -> Tab | None:
        """Wait for events, as the agent does, until a believable state passes the check."""
        end = time.monotonic() + within_s
        while True:
            window, tab = self.now()
            settle_ms = max(self.source.settle_ms(), self.tabs.settle_ms())
            if settle_ms == 0 and check(window, tab):
                return tab
            assert time.monotonic() < end, f"still {window}, {tab}"
            select.select([*self.source.filenos(), *self.tabs.filenos()], [], [], settle_ms / 1000 or 0.5)

    def seen(self, path: str) -> Tab | None:
        return self.until(lambda _, tab: tab and tab.url == self.site + path)

    def native_hosts(self) -> list[psutil.Process]:
        return [
            one for one in psutil.Process(self.browser.pid).children() if "planwhy_agent" in " ".join(one.cmdline())
        ]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    needs_browser()
    runtime = tmp_path / "run"
    with virtual_desk() as desk, desk.site(TITLES) as site:
        tabs, source = BrowserTabs.open(runtime), X11Desktop.open(desk.name)
        with desk.chromium(tmp_path, {"PLANWHY_AGENT_RUNTIME_DIR": str(runtime)}) as browser:
            scene = Scene(desk, source, tabs, browser, site, runtime)
            yield scene
        source.close()
        scene.tabs.close()


def test_a_page_is_told_by_its_path_and_title_without_its_query(scene: Scene) -> None:
    assert scene.browser.extension_id == EXTENSION_ID
    scene.browser.open(f"{scene.site}/deal?token=secret#fragment")
    tab = scene.seen("/deal")
    assert tab is not None
    assert (tab.title, tab.private) == ("Сделка 5121", False)
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


@pytest.mark.slow
def test_a_killed_worker_comes_back_within_its_alarm(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    scene.browser.end_worker()
    scene.until(lambda _, tab: tab == PRIVATE)
    scene.until(lambda _, tab: tab and tab.url, within_s=45)


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
