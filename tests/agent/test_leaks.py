"""What must not be kept is nowhere: a real agent, real windows, a real browser, planted secrets, and a search for them
in every file that the agent leaves and in its memory."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from desktop import Desk, needs_browser, virtual_desk
from ingest_stub import ALWAYS, IngestStub, ingest_stub
from leaks import in_files, in_memory, planted
from running import AgentProgram, eventually

pytestmark = [pytest.mark.desktop, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

NEVER_READ = ("unacknowledged", "messenger", "password_store", "pause", "night", "query", "fragment", "incognito")
"""Kinds that never reach the agent: neither its files nor its memory may hold them."""
MASKED = ("card", "mail", "password", "user", "pattern", "tab")
"""Kinds that are read and then masked or dropped: no file may hold them, nor memory once something else is in front."""


class Scene:
    """A desktop, an agent that was enrolled and not acknowledged, a collector, and the secrets."""

    def __init__(self, desk: Desk, stub: IngestStub, url: str, folder: Path) -> None:
        self.desk, self.stub = desk, stub
        self.secrets = {kind: planted(kind) for kind in (*NEVER_READ, *MASKED)}
        self.secrets["card"] = "4111 1111 1111 1111"
        self.agent = AgentProgram(folder, desk.environment | {"PLANWHY_AGENT_UPLOAD_INTERVAL_S": "1"})
        self.agent.command_line("enrol", "--url", url, "--code", "CODE")
        self.agent.start()

    def show(self, title: str, pid: int | None = None) -> None:
        """Bring a window with a title to the front, and leave it there for as long as the agent needs to see it."""
        self.desk.focus(self.desk.window(title, pid=pid))
        time.sleep(1.5)

    def program(self, name: str) -> int:
        """Start a program of a name that the agent knows."""
        path = self.agent.folder / name
        shutil.copy(shutil.which("sleep") or "/bin/sleep", path)
        return self.desk.program([str(path), "600"]).pid

    def until_sent(self, check: Callable[[dict[str, object]], object], within_s: float = 30) -> None:
        """Wait until a span arrived that passes the check."""
        eventually(lambda: any(check(span) for span in self.stub.timeline()), within_s)

    def mark(self, title: str) -> None:
        """Show something that may be kept, and wait until it was."""
        self.show(title)
        self.show("Between")
        self.until_sent(lambda span: span.get("title") == title)

    def policy(self, **changes: object) -> None:
        """Let the collector have another policy, and wait until the agent has it in force."""
        self.stub.policy |= changes | {"version": f"p{time.monotonic_ns()}"}
        flush = [self.agent.command[0], "spool", "flush"]
        subprocess.run(flush, env=self.agent.environment, capture_output=True, check=False)  # the open span still waits
        assert self.stub.policy["version"] in self.agent.command_line("status", "--json")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    needs_browser()
    with virtual_desk() as desk, ingest_stub() as (stub, url):
        found = Scene(desk, stub, url, tmp_path)
        try:
            yield found
        finally:
            found.agent.end()


def live(scene: Scene) -> None:
    """All kinds of secrets, each between things that are kept."""
    hidden = scene.secrets
    scene.show(hidden["unacknowledged"])
    scene.show("Between")
    scene.stub.policy["mask_patterns"] = ["ТайнаpatternX?[0-9a-f]+"]
    scene.agent.command_line("notice", "--acknowledge")
    scene.policy()
    scene.mark("Offer 17")
    scene.show(hidden["messenger"], scene.program("telegram-desktop"))
    scene.show(hidden["password_store"], scene.program("keepassxc"))
    scene.show(f"Оплата {hidden['card']}, {hidden['mail']}@example.org, пароль: {hidden['password']}")
    scene.show(f"/home/{hidden['user']}/отчёт.xlsx и {hidden['pattern']}")
    scene.mark("Offer 18")
    assert any(span.get("title") == "/home/***/отчёт.xlsx и ***" for span in scene.stub.timeline())
    scene.agent.command_line("pause", "10")
    scene.show(hidden["pause"])
    scene.show("Between")
    scene.agent.command_line("resume")
    scene.policy(working_hours="-")
    scene.show(hidden["night"])
    scene.show("Between")
    scene.policy(working_hours=ALWAYS)
    scene.mark("Offer 19")


def browse(scene: Scene) -> list[int]:
    """A page with query and fragment, and a private window; the processes of the agent's that the browser started."""
    hidden = scene.secrets
    titles = {
        "/shop": "Offer 20",
        "/after": "Offer 21",
        "/chat": f"пароль: {hidden['tab']}",
        f"/{hidden['incognito']}": hidden["incognito"],
    }
    with scene.desk.chromium(scene.agent.folder, scene.agent.environment) as browser, scene.desk.site(titles) as site:
        browser.open(f"{site}/shop?q={hidden['query']}#{hidden['fragment']}")
        time.sleep(3)
        browser.open(f"{site}/chat")
        scene.until_sent(lambda span: span.get("title") == "Offer 20")
        private = browser.open_incognito(f"{site}/{hidden['incognito']}")
        time.sleep(3)
        browser.close_target(private)
        browser.open(f"{site}/after")
        time.sleep(3)
        browser.open(f"{site}/last")
        scene.until_sent(lambda span: span.get("title") == "Offer 21")
        hosts = [one for one in psutil.Process(browser.pid).children() if "planwhy_agent" in " ".join(one.cmdline())]
        found = {kind for one in hosts for kind in in_memory(one.pid, never(hidden))}
        assert not found, "in the native host's memory"
        return [one.pid for one in hosts]


def never(hidden: dict[str, str]) -> dict[str, str]:
    """The secrets that the agent never reads."""
    return {kind: hidden[kind] for kind in NEVER_READ}


def test_no_secret_is_in_any_file_or_in_memory(scene: Scene) -> None:
    live(scene)
    assert browse(scene)
    assert scene.agent.process
    folders = [scene.agent.folder / name for name in ("data", "run", "agent.log")]
    assert in_files(folders, {"proof": "Offer 17"}), "the search finds nothing at all"
    assert in_files(folders, scene.secrets) == {}
    assert in_memory(scene.agent.process.pid, {"proof": "Offer 20"}), "the search finds nothing at all"
    assert in_memory(scene.agent.process.pid, scene.secrets) == set()
    limits = Path(f"/proc/{scene.agent.process.pid}/limits").read_text(encoding="ascii")
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)
    scene.agent.stop()
    assert in_files(folders, scene.secrets) == {}
