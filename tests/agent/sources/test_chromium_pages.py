"""Pages and windows that behave oddly, in the real Chromium: what is told is what is in front, or nothing."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_scene import PRIVATE, Scene, browser_scene
from odd_site import odd_site
from planwhy_agent.sources.base import OpenSite, Tab

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
MOVE = "chrome.tabs.query({active: true, lastFocusedWindow: true}).then(([t]) => chrome.windows.create({tabId: t.id}))"
PICTURE = "documentPictureInPicture.requestWindow({width: 300, height: 200}).then(w => w.document.title = 'small')"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, str]]:
    with odd_site() as odd, browser_scene(tmp_path_factory.mktemp("pages")) as scene:
        scene.until(lambda _, tab: tab and not tab.private)
        yield scene, odd


@pytest.fixture
def scene(both: tuple[Scene, str]) -> Iterator[Scene]:
    yield both[0]
    both[0].browser.open("about:blank")
    both[0].until(lambda _, tab: tab and not tab.private and tab.url is None)


@pytest.fixture
def odd(both: tuple[Scene, str]) -> str:
    return both[1]


@contextlib.contextmanager
def told(scene: Scene) -> Iterator[list[Tab]]:
    """All tabs that are credited while the block runs."""
    seen: list[Tab] = []
    usual = scene.now

    def now():
        window, tab = usual()
        if tab is not None and (not seen or seen[-1] != tab):
            seen.append(tab)
        return window, tab

    scene.now = now  # type: ignore[method-assign]  the scene asks itself
    try:
        yield seen
    finally:
        scene.now = usual  # type: ignore[method-assign]  as before


def test_of_a_chain_of_redirects_only_its_end_is_told(scene: Scene, odd: str) -> None:
    with told(scene) as seen:
        scene.browser.open(f"{odd}/redirect?n=4&token=secret")
        scene.until(lambda _, tab: tab and tab.url == f"{odd}/landed")
    assert {tab.url for tab in seen} <= {None, f"{odd}/landed"}


def test_a_page_that_never_finishes_loading_is_told_all_the_same(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/endless?token=secret")
    tab = scene.until(lambda _, tab: tab and tab.url == f"{odd}/endless")
    assert tab is not None
    assert tab.title == "Endless"


def test_a_page_that_begins_to_load_again_and_again_is_told_too(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/again")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/again", within_s=8)


def test_a_page_that_changes_its_address_by_itself_is_told_each_time(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/history")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/history")
    scene.browser.evaluate("history.pushState(null, '', '/history/deal/5?token=secret#x'); document.title = 'second'")
    scene.until(lambda _, tab: tab and (tab.url, tab.title) == (f"{odd}/history/deal/5", "second"))
    scene.browser.act("history.back()")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/history")


def test_a_title_that_turns_a_hundred_times_a_second_costs_two_messages_a_second(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/spinner")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/spinner")
    with told(scene) as seen:
        end = time.monotonic() + 5
        scene.until(lambda _, tab: time.monotonic() > end)
    assert 5 <= len(seen) <= 17
    turns = [int(tab.title.removeprefix("turn ")) for tab in seen if tab.title]
    assert turns == sorted(turns)
    scene.browser.evaluate("for (let i = 1; i < 100000; i++) clearInterval(i); document.title = 'at rest'")
    scene.until(lambda _, tab: tab and tab.title == "at rest")
    assert scene.tabs.counts.floods == 0


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("big", "x" * 1024),
        ("bytes", "caf\ufffd \ufffd\ufffd \ufffd\ufffd\ufffd"),
        ("controls", "a b [31mc d"),
        ("turned", "safegnp.exe"),
        ("surrogate", "a\ufffdb"),
    ],
)
def test_whatever_a_page_calls_itself_a_short_clean_title_arrives(
    scene: Scene, odd: str, name: str, title: str
) -> None:
    scene.browser.open(f"{odd}/title/{name}")
    tab = scene.until(lambda _, tab: tab and tab.url == f"{odd}/title/{name}" and tab.title == title)
    assert tab is not None


def test_an_error_page_shows_no_query(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/cut?token=secret")
    tab = scene.until(lambda _, tab: tab and tab.url == f"{odd}/cut")
    assert tab is not None
    assert "secret" not in (tab.title or "")


def test_a_pdf_is_told_by_its_address(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/report.pdf?token=secret")
    tab = scene.until(lambda _, tab: tab and tab.url == f"{odd}/report.pdf")
    assert tab is not None
    assert "secret" not in (tab.title or "")


def test_the_browsers_own_pages_and_local_files_have_no_address(scene: Scene, tmp_path: Path) -> None:
    page = tmp_path / "salary.html"
    page.write_text("<title>Salary</title>")
    scene.browser.open("chrome://version")
    scene.until(lambda _, tab: tab and tab.title == "About Version" and tab.url is None)
    scene.browser.open(page.as_uri())
    scene.until(lambda _, tab: tab and tab.title == "Salary" and tab.url is None)


def test_a_tab_moved_to_a_window_of_its_own_and_both_windows_are_told_rightly(scene: Scene, odd: str) -> None:
    (left,) = scene.desk.windows()
    target = scene.browser.new_tab(f"{odd}/moved")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/moved")
    scene.browser.in_worker(f"{MOVE}.then(() => 1)")
    right = scene.until(lambda window, tab: window and window.id != left and tab and tab.url == f"{odd}/moved")
    assert right
    with told(scene) as seen:
        scene.desk.focus(left)
        scene.until(lambda window, tab: window and window.id == left and tab and not tab.private and tab.url is None)
    assert seen[-1].url is None
    scene.browser.close_target(target)
    scene.until(lambda _, tab: len(scene.desk.windows()) == 1)


def test_a_picture_in_picture_is_never_taken_for_the_page(scene: Scene, odd: str) -> None:
    scene.browser.open(f"{odd}/film")
    scene.until(lambda _, tab: tab and tab.url == f"{odd}/film")
    (main,) = scene.desk.windows()
    scene.browser.act(PICTURE)
    scene.until(lambda _, tab: len(scene.desk.windows()) == 2)
    (small,) = set(scene.desk.windows()) - {main}
    scene.desk.focus(small)
    tab = scene.until(lambda window, tab: window and window.id == small and tab)
    assert tab == PRIVATE
    scene.browser.act("documentPictureInPicture.window.close()")
    scene.until(lambda window, tab: window and window.id == main and tab and tab.url == f"{odd}/film")


def test_open_sites_are_told_by_host_and_number_and_private_ones_never(scene: Scene, odd: str) -> None:
    tabs = [scene.browser.new_tab(f"{odd.replace('127.0.0.1', 'localhost')}/{n}?token=secret") for n in range(3)]
    tabs += [scene.browser.open_incognito(f"{odd}/hidden")]
    expected = (OpenSite("chromium", "localhost", 3),)
    scene.until(lambda *_: scene.tabs.sites() == expected, within_s=45)
    for tab in tabs:
        scene.browser.close_target(tab)
