"""Tabs over named pipes: credited, forgotten with their browser, and heard of without waiting for the next look."""

import json
import os
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("Windows only; under Wine by `make wine`", allow_module_level=True)

import _winapi

from planwhy_agent.sources.base import Tab, Window
from planwhy_agent.sources.browser import START_S, BrowserTabs
from planwhy_agent.sources.channel import Link, connect
from planwhy_agent.sources.frames import FRAME_BYTES, framed
from planwhy_agent.system.waiting import Waiting

FRONT = Window("chrome.exe", "Secret - Chrome", os.getpid())
DEAL = {"type": "tab", "seq": 2, "url": "http://h/deal/5", "title": "Сделка"}


@pytest.fixture
def tabs(tmp_path: Path) -> Iterator[BrowserTabs]:
    moments = [0.0]
    tabs = BrowserTabs.open(tmp_path, lambda: moments[-1] + time.monotonic())
    moments.append(START_S + 1)
    yield tabs
    tabs.close()


@pytest.fixture
def host(tabs: BrowserTabs, tmp_path: Path) -> Iterator[Link]:
    link = connect(tmp_path, 5)
    say(link, {"type": "host", "browser_pid": os.getpid()}, {"type": "hello", "seq": 1, "browser": "chrome"})
    yield link
    link.close()


def say(link: Link, *messages: object) -> None:
    for one in messages:
        link.send(one if isinstance(one, bytes) else framed(json.dumps(one).encode()))


def heard(link: Link) -> bytes | None:
    assert _winapi.WaitForSingleObject(link.fileno(), 5_000) == _winapi.WAIT_OBJECT_0
    return link.receive(100)


def seen(tabs: BrowserTabs) -> Tab | None:
    for _ in range(3):
        time.sleep(0.02)
        tabs.read()
    return tabs.tab_of(FRONT)


def test_the_tab_in_front_is_credited_and_asked_for(tabs: BrowserTabs, host: Link) -> None:
    assert seen(tabs) == Tab(None, None, True, 0)
    assert heard(host) == framed(b'{"type":"tell"}')
    say(host, DEAL)
    tab = seen(tabs)
    assert tab is not None
    assert (tab.url, tab.title) == ("http://h/deal/5", "Сделка")


def test_a_browser_that_is_gone_leaves_nothing_but_that_it_may_come_back(tabs: BrowserTabs, host: Link) -> None:
    say(host, DEAL)
    seen(tabs)
    host.close()
    assert seen(tabs) == Tab(None, None, True, 0)
    assert tabs.connected() == 0
    assert len(tabs.filenos()) == 1


def test_a_frame_over_the_limit_closes_the_connection(tabs: BrowserTabs, host: Link) -> None:
    say(host, struct.pack("=I", FRAME_BYTES + 1))
    seen(tabs)
    assert tabs.counts.closed == 1
    assert heard(host) == b""


def test_the_agent_wakes_when_a_browser_comes_and_when_it_speaks(tabs: BrowserTabs, tmp_path: Path) -> None:
    waiting: Waiting[None] = Waiting()
    began = time.monotonic()
    link = connect(tmp_path, 5)
    waiting.until(30, tabs.filenos())
    tabs.read()
    say(link, {"type": "host", "browser_pid": os.getpid()})
    waiting.until(30, tabs.filenos())
    tabs.read()
    waiting.until(0.2, tabs.filenos())
    assert 0.2 <= time.monotonic() - began + 0.02 < 20
    link.close()
    waiting.close()
