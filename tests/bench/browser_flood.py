"""What a flood of messages costs: a real extension in the real Chromium that sends 10,000 a second and comes back at
once whenever its port closes, a process that does the same on the agent's own socket, and a page that changes its title
a hundred times a second beside the extension as it is.

    python -m tests.bench.browser_flood [--seconds 20]

Prints the share of one core that the real agent and all its native hosts took together, and what the agent says of it.
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chromium_pipe import Chromium
from desktop import Desk, virtual_desk
from flooding import RATE, flooding_extension, recording_launcher
from ingest_stub import ingest_stub
from odd_site import odd_site
from planwhy_agent.sources.extension import extension_dir, register_native_host
from planwhy_agent.sources.frames import framed
from planwhy_agent.sources.native_host import SOCKET_NAME
from running import AgentProgram, eventually


@dataclass
class Cost:
    """Seconds of processor time of the agent and of its native hosts, those that ended included."""

    agent_s: float
    hosts_s: float


def cost(agent: int, times: Path) -> Cost:
    """What was taken so far."""
    hosts = [one for one in psutil.process_iter() if "planwhy-flood-host" in _words(one)]
    live = sum(sum(one.cpu_times()[:2]) for one in hosts if one.is_running())
    ended = sum(map(float, times.read_text().split())) if times.exists() else 0.0
    return Cost(sum(psutil.Process(agent).cpu_times()[:2]), live + ended)


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def flood_socket(runtime: Path, ended: threading.Event) -> int:
    """Connect, introduce ourselves, send 10,000 messages a second, and come back at once; how many were sent."""
    sent, batch = 0, framed(b'{"type":"blur","seq":1}') * (RATE // 100)
    while not ended.is_set():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(1)
            try:
                link.connect(str(runtime / SOCKET_NAME))
                link.sendall(framed(json.dumps({"type": "host", "browser_pid": os.getpid()}).encode()))
                while not ended.is_set():
                    link.sendall(batch)
                    sent += RATE // 100
                    time.sleep(0.01)
            except OSError:
                time.sleep(0.001)
    return sent


def measured(
    name: str, agent: AgentProgram, times: Path, seconds: float, flood: Callable[[threading.Event], object]
) -> None:
    """Run a flood for so long and print what it cost."""
    ended = threading.Event()
    assert agent.process
    thread = threading.Thread(target=flood, args=(ended,))
    before, began = cost(agent.process.pid, times), time.monotonic()
    thread.start()
    time.sleep(seconds)
    after, took = cost(agent.process.pid, times), time.monotonic() - began
    ended.set()
    thread.join()
    agent_share = 100 * (after.agent_s - before.agent_s) / took
    hosts_share = 100 * (after.hosts_s - before.hosts_s) / took
    trouble = json.loads(agent.command_line("status", "--json"))["browser_trouble"]
    print(f"{name:<28} agent {agent_share:5.2f} %  native hosts {hosts_share:5.2f} %", end="  ")
    print(f"together {agent_share + hosts_share:5.2f} % of a core in {took:.0f} s; {trouble}")


def browser_at_work(
    desk: Desk, folder: Path, runtime: Path, extension: Path, page: str, ended: threading.Event
) -> None:
    """Chromium with an extension on a page until the event."""
    profile = folder / f"profile-{extension.name}"
    register_native_host(folder / "data", runtime, folder, profiles=[profile])
    recording_launcher(folder / "data" / "native-host", folder / "times")
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
    browser = Chromium(profile, desk.environment | own, unpacked=extension)
    browser.start()
    try:
        browser.open(page)
        ended.wait()
    finally:
        browser.stop()


def main() -> int:
    """Measure quiet, a restless page, and both floods."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20)
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (_, url), virtual_desk() as desk, odd_site() as odd:
        folder, times, runtime = Path(name), Path(name) / "times", Path(name) / "run"
        agent = AgentProgram(folder, desk.environment)
        agent.command_line("enrol", "--url", url, "--code", "CODE", "--acknowledge-notice")
        agent.start()
        eventually((runtime / "health.json").exists)
        flooding = flooding_extension(folder / "flooding")
        scenes: dict[str, Callable[[threading.Event], object]] = {
            "nothing": threading.Event.wait,
            "a title 100 times a second": lambda ended: browser_at_work(
                desk, folder, runtime, extension_dir(), f"{odd}/spinner", ended
            ),
            "a flooding process": lambda ended: flood_socket(runtime, ended),
            "a flooding extension": lambda ended: browser_at_work(
                desk, folder, runtime, flooding, "about:blank", ended
            ),
        }
        try:
            for scene, act in scenes.items():
                measured(scene, agent, times, seconds, act)
        finally:
            agent.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
