"""A browser extension that sends far too much, and a native host that notes what it cost.

folder = flooding_extension(tmp_path / "flooding")      # the same id as the real one, so it may call the native host
"""

import json
import shlex
import sys
from pathlib import Path

from planwhy_agent.sources.extension import extension_dir

RATE = 10_000
"""Messages a second."""
_BACKGROUND = """
let port = null, seq = 0;
function open() {
  port = chrome.runtime.connectNative("com.planwhy.agent");
  port.onDisconnect.addListener(() => { void chrome.runtime.lastError; open(); });
  port.postMessage({ type: "hello", browser: "chromium", seq: ++seq });
}
let due = performance.now();
function flood() {
  for (const now = performance.now(); due < now; due += 1000 / RATE) {
    try { port.postMessage({ type: "tab", url: "http://flood/", title: `t${seq}`, seq: ++seq }); } catch { break; }
  }
  due = Math.max(due, performance.now() - 100);
}
open();
setInterval(flood, 10);
"""
_HOST = """
import atexit, os, sys
atexit.register(lambda: open({times!r}, "a").write(f"{{sum(os.times()[:2])}}\\n"))
from planwhy_agent.sources.native_host import main
sys.exit(main(sys.argv[1:2]))
"""


def flooding_extension(folder: Path) -> Path:
    """Write the extension."""
    folder.mkdir()
    real = json.loads((extension_dir() / "manifest.json").read_text(encoding="utf-8"))
    kept = {name: real[name] for name in ("manifest_version", "version", "key", "permissions")}
    told = kept | {"name": "Flood", "background": {"service_worker": "background.js"}}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "background.js").write_text(_BACKGROUND.replace("RATE", str(RATE)), encoding="utf-8")
    return folder


def recording_launcher(launcher: Path, times: Path) -> None:
    """Let the launcher start the same native host, which writes its processor time into a file when it ends."""
    runtime = shlex.split(launcher.read_text(encoding="utf-8").splitlines()[1])[-1]
    words = [sys.executable, "-P", "-c", _HOST.format(times=str(times)), runtime, "planwhy-flood-host"]
    launcher.write_text(f"#!/bin/sh\nexec {shlex.join(words)}\n", encoding="utf-8")
