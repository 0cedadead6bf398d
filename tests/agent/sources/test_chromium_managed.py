"""The extension as packed for many machines, installed in the real Chromium by policy from a local file."""

import subprocess
from collections.abc import Iterator

import pytest
from browser_scene import PRIVATE, Scene
from chromium_pipe import Chromium
from desktop import needs_browser, virtual_desk, wait_for
from managed import NAMESPACE, installed
from planwhy_agent.packing import Packed
from planwhy_agent.sources.browser import BrowserTabs
from planwhy_agent.sources.extension import EXTENSION_ID
from planwhy_agent.sources.x11 import X11Desktop

pytestmark = [pytest.mark.desktop, pytest.mark.browser]


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Packed]]:
    needs_browser()
    folder = tmp_path_factory.mktemp("managed")
    packed, before = installed(folder / "packed", folder / "key.pem")
    with virtual_desk() as desk, desk.site() as site:
        runtime = folder / "run"
        tabs, source = BrowserTabs.open(runtime), X11Desktop.open(desk.name)
        own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
        environment = desk.environment | own | {"PLANWHY_AGENT_RUNTIME_DIR": str(runtime)}
        browser = Chromium(folder / "profile", environment, before=before)
        browser.start()
        browser.extension_id = packed.id
        try:
            yield Scene(desk, source, tabs, browser, site, runtime), packed
        finally:
            browser.stop()
            source.close()
            tabs.close()


def test_a_policy_installs_it_under_the_id_of_the_own_key_and_it_tells_the_tab(managed: tuple[Scene, Packed]) -> None:
    scene, packed = managed
    wait_for(scene.browser.workers, 30)
    assert packed.id != EXTENSION_ID
    scene.browser.open(f"{scene.site}/deal?token=secret")
    assert (scene.seen("/deal") or PRIVATE).title == "Page /deal"


def test_of_two_profiles_the_one_in_front_is_told(managed: tuple[Scene, Packed]) -> None:
    scene, _ = managed
    scene.browser.open(f"{scene.site}/left")
    scene.seen("/left")
    (left,) = scene.desk.windows()
    profile = [f"--user-data-dir={scene.browser.profile}", "--profile-directory=Second"]
    command = ["chromium", "--no-sandbox", "--no-first-run", *profile, f"{scene.site}/right"]
    environment = scene.browser.environment
    subprocess.run(
        [*NAMESPACE, "bash", "-c", f'{scene.browser.before}exec "$@"', "-", *command],
        env=environment, check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    scene.seen("/right")
    assert scene.tabs.connected() == 2
    scene.desk.focus(left)
    scene.seen("/left")
