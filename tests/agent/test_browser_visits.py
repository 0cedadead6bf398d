"""The whole agent beside a real Chromium: visits become spans, and what must not leave the browser is nowhere."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from chromium_pipe import Chromium
from desktop import Desk, needs_browser, virtual_desk
from ingest_stub import IngestStub, ingest_stub
from running import AgentProgram, eventually

pytestmark = [pytest.mark.desktop, pytest.mark.browser]
PAGES = 12
TITLES = {"/hidden": "planted-private-title", "/bare": None}
KEPT = "http://127.0.0.1"
"""How the site's pages are recorded: the policy's addresses have no port."""
TEE = "#!/bin/bash\nexec {command} < <(tee -a {copy})\n"


@dataclass
class Whole:
    """An agent, a browser, and a copy of every byte that the browser told the native host."""

    stub: IngestStub
    agent: AgentProgram
    desk: Desk
    browser: Chromium
    site: str
    copy: Path

    def spans(self) -> list[dict[str, Any]]:
        """What was recorded, oldest first, the open span included once it is written down."""
        lines = self.agent.command_line("spool", "show").splitlines()
        return self.stub.timeline() + [json.loads(line) for line in lines]

    def recorded(self, path: str) -> bool:
        """Whether a span of this page reached the disk."""
        return any(span.get("url") == KEPT + path for span in self.spans())

    def files(self) -> list[Path]:
        """All files of the agent."""
        return [one for one in self.agent.folder.rglob("*") if one.is_file() and "chromium-profile" not in one.parts]


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    needs_browser()
    with ingest_stub() as (stub, url), virtual_desk() as desk, desk.site(TITLES) as site:
        stub.policy["path_hosts"] = ["127.0.0.1"]
        agent = AgentProgram(tmp_path, desk.environment)
        agent.command_line("enrol", "--url", url, "--code", "CODE", "--acknowledge-notice")
        agent.start()
        with desk.chromium(tmp_path, agent.environment) as browser:
            yield Whole(stub, agent, desk, browser, site, tmp_path / "told-to-native-host")
        agent.end()


@pytest.mark.parametrize("apart_s", [1.5, pytest.param(5.0, marks=pytest.mark.soak)])
def test_twelve_pages_one_after_the_other_in_one_tab_are_twelve_visits(whole: Whole, apart_s: float) -> None:
    whole.browser.open(f"{whole.site}/first")
    eventually(lambda: whole.recorded("/first"))
    for number in range(PAGES):
        whole.browser.open(f"{whole.site}/page{number}?q={number}")
        time.sleep(apart_s)
    whole.browser.open(f"{whole.site}/last")
    eventually(lambda: whole.recorded("/last"))
    visits = [(url, list(spans)) for url, spans in groupby(whole.spans(), lambda span: span.get("url"))]
    at = [url for url, _ in visits].index(f"{KEPT}/page0")
    assert [url for url, _ in visits[at : at + PAGES]] == [f"{KEPT}/page{n}" for n in range(PAGES)]
    lengths = [spans[-1]["end_ms"] - spans[0]["start_ms"] for _, spans in visits[at : at + PAGES]]
    assert all(abs(length - 1000 * apart_s) < 700 for length in lengths), lengths


def tee_what_is_told(whole: Whole) -> None:
    """From its next start on, the native host's input is copied."""
    launcher = whole.agent.folder / "native-host" / "native-host"
    command = launcher.read_text().splitlines()[1].removeprefix("exec ")
    launcher.write_text(TEE.format(command=command, copy=whole.copy))


def restart_browser(whole: Whole) -> None:
    whole.browser.stop()
    whole.browser.start()


def test_queries_and_private_windows_reach_neither_the_native_host_nor_any_file(whole: Whole) -> None:
    tee_what_is_told(whole)
    restart_browser(whole)
    marked = whole.site.replace("//", "//planted-user:planted-word@")
    whole.browser.open(f"{marked}/bare?token=planted-query#planted-fragment")
    eventually(lambda: whole.recorded("/bare"))
    whole.browser.act("history.pushState(null, '', '/pushed?again=planted-query'); document.title = location.href")
    eventually(lambda: whole.recorded("/pushed"))
    hidden = whole.browser.open_incognito(f"{whole.site}/hidden?token=planted-query")
    eventually(lambda: any("planted-private" in title for title in whole.desk.titles()))
    time.sleep(6)  # longer than the open span takes to reach the disk
    whole.browser.close_target(hidden)
    whole.browser.open(f"{whole.site}/after")
    eventually(lambda: whole.recorded("/after"))
    whole.agent.stop()
    assert b'"/bare' not in whole.copy.read_bytes()
    assert f"{whole.site}/bare".encode() in whole.copy.read_bytes()
    leaks = [path for path in [whole.copy, *whole.files()] if b"planted" in path.read_bytes()]
    assert leaks == []
    assert not [span for span in whole.spans() if "hidden" in str(span)]


def test_a_browser_that_is_killed_and_started_again_is_recorded_again_with_a_hole_between(whole: Whole) -> None:
    whole.browser.open(f"{whole.site}/before")
    eventually(lambda: whole.recorded("/before"))
    whole.browser.kill()
    killed_ms = time.time_ns() // 1_000_000
    time.sleep(2)
    began = time.monotonic()
    restart_browser(whole)
    whole.browser.open(f"{whole.site}/after")
    eventually(lambda: whole.recorded("/after"), within_s=30)
    assert time.monotonic() - began < 30
    after = next(span["start_ms"] for span in whole.spans() if span.get("url") == f"{KEPT}/after")
    hole = [span for span in whole.spans() if span["start_ms"] > killed_ms and span["end_ms"] <= after]
    assert hole
    assert not [span for span in hole if "/before" in str(span.get("url"))]


def test_an_agent_that_is_killed_and_started_again_hears_of_the_tab_within_30_s(whole: Whole) -> None:
    whole.browser.open(f"{whole.site}/before")
    eventually(lambda: whole.recorded("/before"))
    whole.agent.kill()
    whole.browser.open(f"{whole.site}/unseen")
    time.sleep(2)
    whole.browser.open(f"{whole.site}/after")
    whole.agent.start()
    eventually(lambda: whole.recorded("/after"), within_s=30)
    spans = whole.spans()
    assert "off" in [span["state"] for span in spans]
    assert not [span for span in spans if "/unseen" in str(span.get("url"))]
