"""The extension in the real Firefox, installed by policy from a local file, through the native host to the agent's end.

Unsigned add-ons are refused by Firefox' ordinary builds; ESR builds take them where a policy says so.
"""

import signal
from collections.abc import Iterator

import psutil
import pytest
from browser_scene import PRIVATE, Scene
from desktop import virtual_desk, wait_for
from firefox import Firefox, program
from managed import installed
from planwhy_agent.sources.base import OpenSite
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.extension import GECKO_ID
from planwhy_agent.sources.x11 import X11Desktop

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
STATE = f"""
const {{ WebExtensionPolicy: Policy }} = globalThis;
const found = Policy.getByID({GECKO_ID!r});
return found && [found.active, found.privateBrowsingAllowed, found.permissions];
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    if not (program() or "").endswith("firefox-esr"):
        pytest.skip("needs firefox-esr: other builds take signed add-ons only")
    folder = tmp_path_factory.mktemp("firefox")
    _, before = installed(folder / "packed", folder / "key.pem")
    with virtual_desk() as desk, desk.site({"/deal": "Сделка 5121"}) as site:
        runtime = folder / "run"
        tabs, source = BrowserTabs.open(runtime), X11Desktop.open(desk.name)
        own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
        browser = Firefox(
            folder / "profile", desk.environment | own | {"PLANWHY_AGENT_RUNTIME_DIR": str(runtime)}, before
        )
        browser.start()
        try:
            yield Scene(desk, source, tabs, browser, site, runtime)
        finally:
            browser.stop()
            source.close()
            tabs.close()


def test_a_policy_installs_it_with_its_permissions_and_without_private_windows(scene: Scene) -> None:
    active, private, permissions = wait_for(lambda: scene.browser.inside(STATE), 30)
    assert (active, private) == (True, False)
    assert {"tabs", "nativeMessaging", "alarms"} <= set(permissions)


def test_it_tells_the_page_without_its_query(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal?token=secret#fragment")
    assert (scene.seen("/deal") or PRIVATE).title == "Сделка 5121"
    window, _ = scene.now()
    assert window is not None
    assert (window.app, window.pid) == ("firefox-esr", scene.browser.pid)
    scene.browser.open(f"{scene.site}/next")
    scene.seen("/next")
    assert (scene.tabs.counts.missed, scene.tabs.counts.refused, scene.tabs.counts.dropped) == (0, 0, 0)


def test_a_private_window_leaves_neither_address_nor_title(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    usual = scene.browser.current()
    scene.browser.open_private(f"{scene.site}/hidden?token=secret")
    scene.until(lambda window, tab: window and "/hidden" in (window.title or "") and tab == PRIVATE)
    scene.browser.close_tab()
    scene.browser.switch(usual)
    scene.seen("/deal")


def test_a_killed_native_host_comes_back(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    scene.seen("/deal")
    hosts = [one for one in psutil.Process(scene.browser.pid).children() if "native-host" in " ".join(one.cmdline())]
    hosts[0].send_signal(signal.SIGKILL)
    scene.until(lambda _, tab: tab == PRIVATE)
    scene.until(lambda _, tab: tab and tab.url, within_s=30)


def test_open_sites_are_told(scene: Scene) -> None:
    scene.browser.open(f"{scene.site}/deal")
    expected = (OpenSite("firefox-esr", "127.0.0.1", 1),)
    scene.until(lambda *_: scene.tabs.sites() == expected, within_s=45)
