"""The real agent of the demo: enrolled once, then run with its spool and identity under the demo's folder.

In: a home, a display, a code. Out: a running agent. Never: an import of the agent's code; it is a program of its own.
"""

import json
import subprocess
import sys
from collections.abc import Callable

from planwhy_collector.demo.children import Child, clean_environment
from planwhy_collector.demo.home import Home
from planwhy_collector.errors import Unavailable

COMMAND = [sys.executable, "-m", "planwhy_agent.cli"]
UPLOAD_S = 10
"""Seconds between uploads: in a demo one wants to see something soon."""


def run(home: Home, display: str, url: str, code: Callable[[], str]) -> Child:
    """Start the agent on the display, enrolled first where it is not. Raises Unavailable where it is refused."""
    environment = clean_environment() | {
        "DISPLAY": display,
        "PLANWHY_AGENT_DATA_DIR": str(home.agent),
        "PLANWHY_AGENT_RUNTIME_DIR": str(home.folder / "agent-run"),
        "PLANWHY_AGENT_KEYRING": "false",
        "PLANWHY_AGENT_UPLOAD_INTERVAL_S": str(UPLOAD_S),
    }
    identity = home.agent / "identity.json"
    if not identity.is_file():
        enrol = [*COMMAND, "enrol", "--url", url, "--code", code(), "--acknowledge-notice"]
        done = subprocess.run(enrol, env=environment, cwd=home.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"the agent was not enrolled: {done.stderr.strip().splitlines()[-1:]}")
    _follow(home, url)
    return Child("agent", [*COMMAND, "run"], environment, home.log("agent"), home.folder)


def _follow(home: Home, url: str) -> None:
    """Tell the agent where the collector listens now; it is the same collector on another port."""
    path = home.agent / "identity.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    if known.get("url") != url:
        path.write_text(json.dumps(known | {"url": url}), encoding="utf-8")
