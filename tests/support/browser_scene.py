"""A desktop with a real browser on it, and the agent's sources that watch both.

with browser_scene(tmp_path) as scene:
    scene.browser.open(f"{scene.site}/deal?token=secret")
    tab = scene.seen("/deal")
"""

import contextlib
import select
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from chromium_pipe import Chromium
from desktop import Desk, needs_browser, virtual_desk
from planwhy_agent.sources.base import Tab, Window
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.x11 import X11Desktop

PRIVATE = Tab(None, None, True, 0)


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


@contextlib.contextmanager
def browser_scene(folder: Path, titles: Mapping[str, str | None] | None = None, *flags: str) -> Iterator[Scene]:
    """Start a screen, a web site and Chromium with the extension; everything ends with the block."""
    needs_browser()
    runtime = folder / "run"
    with virtual_desk() as desk, desk.site(titles) as site:
        tabs, source = BrowserTabs.open(runtime), X11Desktop.open(desk.name)
        with desk.chromium(folder, {"PLANWHY_AGENT_RUNTIME_DIR": str(runtime)}, *flags) as browser:
            scene = Scene(desk, source, tabs, browser, site, runtime)
            yield scene
        source.close()
        scene.tabs.close()
