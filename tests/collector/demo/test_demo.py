"""The demo as its user meets it: one command, links that sign in, a clean end, a second start that goes on."""

import re
import shutil
import signal
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from planwhy_collector.demo.children import Child
from planwhy_collector.demo.home import alone, opened
from planwhy_collector.errors import ConfigError
from running import BIN, Program, eventually, free_port

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+")


class Demo(Program):
    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, port = folder / "demo", str(free_port())
        command = [str(BIN / "planwhy"), "demo", "--dir", str(self.folder), "--port", port, "--days", "40", *options]
        super().__init__(command, {"DISPLAY": ""}, folder / "out.log")

    def links(self) -> list[str]:
        eventually(lambda: "Ctrl-C stops" in self.said(), within_s=120)
        return LINK.findall(self.said())

    def said(self) -> str:
        assert self.process
        text = self.log.read_text(encoding="utf-8")
        assert self.process.poll() is None or "stopped" in text, text
        return text

    def left(self) -> list[str]:
        found = (Path(p) for p in Path("/proc").glob("[0-9]*/cwd"))
        return [str(p) for p in found if _reads(p) == str(self.folder)]

    def count(self, table: str) -> int:
        with sqlite3.connect(self.folder / "planwhy.sqlite3") as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def spans(self) -> int:
        with sqlite3.connect(self.folder / "planwhy.sqlite3") as connection:
            return int(connection.execute("SELECT sum(spans) FROM span_blocks").fetchone()[0])


def _reads(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    one = Demo(tmp_path, "--no-agent")
    yield one
    if one.process and one.process.poll() is None:
        one.stop()


@pytest.mark.slow
def test_the_links_sign_in_and_a_second_start_goes_on(demo: Demo) -> None:
    demo.start()
    links = demo.links()
    pages = [urllib.request.urlopen(link, timeout=30) for link in links]
    assert [page.status for page in pages] == [200, 200, 200]
    spans, cases = demo.spans(), demo.count("cases")
    assert (spans > 5000, cases > 3, demo.count("objections")) == (True, True, 1)
    assert (demo.stop(), demo.left()) == (0, [])
    demo.log.unlink()
    demo.start()
    assert not set(demo.links()) & set(links)
    assert "simulating" not in demo.said()
    assert (demo.spans(), demo.count("cases"), demo.stop(), demo.left()) == (spans, cases, 0, [])


@pytest.mark.slow
def test_a_first_start_that_was_killed_is_made_anew(demo: Demo) -> None:
    demo.start()
    eventually(lambda: "sending" in demo.said(), within_s=60)
    demo.kill()
    eventually(lambda: not demo.left())
    demo.log.unlink()
    demo.start()
    assert len(demo.links()) == 3
    assert demo.count("employees") == 13
    assert (demo.stop(), demo.left()) == (0, [])


@pytest.mark.slow
@pytest.mark.desktop
@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("openbox")), reason="no Xvfb or no openbox here")
def test_on_a_virtual_screen_a_real_agent_records_and_ends_with_the_demo(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "--virtual-display")
    demo.start()
    try:
        assert len(demo.links()) == 4
        own = "SELECT count(*) FROM span_blocks WHERE device_id IN (SELECT id FROM devices WHERE os LIKE 'Linux%')"
        with sqlite3.connect(demo.folder / "planwhy.sqlite3") as connection:
            eventually(lambda: connection.execute(own).fetchone()[0] > 0, within_s=60)
    finally:
        assert (demo.stop(), demo.left()) == (0, [])


def test_without_a_screen_it_says_so_and_how_to_get_one(tmp_path: Path) -> None:
    from planwhy_collector.demo.screen import _unwatchable

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DISPLAY", raising=False)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        assert "no screen" in str(_unwatchable())


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="not a demo's folder"):
        opened(tmp_path)


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    home = opened(tmp_path / "demo")
    with alone(home), pytest.raises(ConfigError, match="runs in this folder already"), alone(home):
        pass


def test_a_child_that_ignores_the_request_to_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    patient = "trap '' TERM; echo deaf; sleep 300 & sleep 300"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planwhy_collector.demo.children.STOP_S", 0.5)
        with Child("stubborn", ["sh", "-c", patient], {}, tmp_path / "log", tmp_path) as child:
            eventually(lambda: "deaf" in child.log.read_text(encoding="utf-8"))
    assert child.process.returncode == -signal.SIGKILL
    running = ["pgrep", "-g", str(child.process.pid), "-r", "R,S,D"]
    eventually(lambda: subprocess.run(running, check=False, capture_output=True).returncode == 1, within_s=5)
