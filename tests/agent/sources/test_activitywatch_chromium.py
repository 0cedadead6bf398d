"""Heartbeats sent by a real extension's worker in the real Chromium, and by a web page, which is refused."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium_pipe import Chromium
from desktop import needs_browser, virtual_desk, wait_for
from planwhy_agent.sources.activitywatch import ActivityWatchTabs
from planwhy_agent.sources.base import Tab, Window

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
SEND = """
fetch("http://127.0.0.1:%d/api/0/buckets/aw-watcher-web-chrome/heartbeat?pulsetime=80", {
  method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({timestamp: new Date(), duration: 0,
    data: {url: "http://h/deal?token=secret", title: "Deal", audible: false, incognito: false, tabCount: 1}}),
}).then((answer) => answer.status, (error) => "refused")
"""
INFO = 'fetch("http://127.0.0.1:%d/api/0/info").then((answer) => answer.json(), (error) => "refused")'


def in_time(asked: str) -> str:
    """The same, or a refusal after some seconds: a browser may leave a page's request to this machine pending."""
    return f"Promise.race([{asked.strip()}, new Promise((later) => setTimeout(() => later('refused'), 5000))])"


def extension(folder: Path, permissions: list[str]) -> Path:
    folder.mkdir()
    told = {"manifest_version": 3, "name": "Beats", "version": "1", "background": {"service_worker": "worker.js"}}
    (folder / "manifest.json").write_text(json.dumps(told | {"host_permissions": permissions}))
    (folder / "worker.js").write_text("setInterval(() => chrome.runtime.getPlatformInfo(), 10000)")
    return folder


@pytest.fixture(params=[["http://127.0.0.1/*"], []], ids=["with the host's permission", "without any"])
def beating(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Chromium, ActivityWatchTabs]]:
    needs_browser()
    folder = extension(tmp_path / "beats", request.param)
    with virtual_desk() as desk:
        browser = Chromium(tmp_path / "profile", desk.environment | {"HOME": str(tmp_path)}, unpacked=folder)
        browser.start()
        tabs, ended = ActivityWatchTabs((browser.extension_id,), 0), threading.Event()
        thread = threading.Thread(target=lambda: [tabs.read() for _ in iter(lambda: ended.wait(0.01), True)])
        thread.start()
        try:
            wait_for(browser.workers)
            yield browser, tabs
        finally:
            browser.stop()
            ended.set()
            thread.join()
            tabs.close()


def test_an_extension_is_heard_and_a_web_page_is_not(beating: tuple[Chromium, ActivityWatchTabs]) -> None:
    browser, tabs = beating
    assert browser.in_worker(in_time(INFO % tabs.port))["testing"] is False
    assert browser.in_worker(in_time(SEND % tabs.port)) == 200
    tab = tabs.tab_of(Window("chromium", "Deal - Chromium", 1))
    assert tab is not None
    assert tab.url == "http://h/deal"
    assert tabs.refused == 0
    browser.open("data:text/html,<title>A page</title>")
    assert browser.evaluate(in_time(SEND % tabs.port).replace("Deal", "Forged"), awaited=True) == "refused"
    assert browser.evaluate(in_time(INFO % tabs.port), awaited=True) == "refused"
    assert tabs.tab_of(Window("chromium", "Forged - Chromium", 1)) == Tab(None, None, True, 0)
