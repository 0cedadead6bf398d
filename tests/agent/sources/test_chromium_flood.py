"""A real extension that sends 10,000 messages a second and comes back at once: it loses its port and is held off."""

from pathlib import Path

import psutil
import pytest
from browser_scene import PRIVATE, Scene
from chromium_pipe import Chromium
from desktop import needs_browser, virtual_desk
from flooding import flooding_extension
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.extension import register_native_host
from planwhy_agent.sources.x11 import X11Desktop

pytestmark = [pytest.mark.desktop, pytest.mark.browser]


def test_a_flooding_extension_loses_its_port_and_its_next_one_is_held_unread(tmp_path: Path) -> None:
    needs_browser()
    runtime, profile = tmp_path / "run", tmp_path / "profile"
    register_native_host(tmp_path / "data", runtime, tmp_path, profiles=[profile])
    with virtual_desk() as desk:
        tabs, source = BrowserTabs.open(runtime), X11Desktop.open(desk.name)
        own = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
        browser = Chromium(profile, desk.environment | own, unpacked=flooding_extension(tmp_path / "flooding"))
        browser.start()
        try:
            scene = Scene(desk, source, tabs, browser, "", runtime)
            scene.until(lambda *_: tabs.counts.floods >= 1)
            scene.until(lambda _, tab: tab == PRIVATE and len(scene.native_hosts()) == 1)
            held = scene.native_hosts()
            before = held[0].cpu_times().user
            scene.until(lambda *_: tabs.counts.floods >= 2, within_s=15)
            assert tabs.counts.floods <= 3
            _, alive = psutil.wait_procs(held, timeout=5)
            assert not alive or alive[0].cpu_times().user - before < 1
        finally:
            browser.stop()
            source.close()
            tabs.close()
