"""What `doctor` checks: everything that recording and sending need, each with what to do where it is wrong.

In: settings and environment. Out: a list of checks. Never: a change of anything; a token.
"""

import os
import shutil
import stat
import time
from collections.abc import Mapping

from msgspec import Struct

from planwhy_agent.app import lock_path
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError
from planwhy_agent.instance_lock import holder
from planwhy_agent.policy import PolicyStore
from planwhy_agent.sender import transport_of
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.extension import registered_manifests
from planwhy_agent.sources.open_desktop import open_desktop
from planwhy_agent.transport import Answer

FREE_BYTES = 50 << 20
CLOCK_MS = 120_000


class Check(Struct, frozen=True):
    """One thing looked at: is it right, what was found, what to do."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def checks(settings: Settings, environment: Mapping[str, str]) -> list[Check]:
    """Look at everything."""
    return [
        _display(environment),
        _extension(),
        *_collector(settings),
        _notice(settings),
        _disk(settings),
        _permissions(settings),
        _running(settings),
    ]


def _display(environment: Mapping[str, str]) -> Check:
    try:
        open_desktop(environment).close()
    except (SourceLost, SourceUnsupported) as error:
        return Check("display", False, str(error), "start the agent inside a desktop session on X11")
    return Check("display", True, "windows can be seen")


def _extension() -> Check:
    found = len(registered_manifests())
    if not found:
        return Check("browser", False, "no browser knows the agent", "run `planwhy-agent enrol` or `run` once")
    return Check("browser", True, f"registered with {found} browsers; the extension itself shows in `status`")


def _collector(settings: Settings) -> list[Check]:
    try:
        answer = transport_of(settings).get("/api/v1/agent/policy", total_s=15.0)
    except AgentError as error:
        return [Check("collector", False, f"{error.slug}: {error.detail}", _advice(error))]
    if answer.status not in (200, 304):
        advice = "ask for a new code and enrol again" if answer.status in (401, 403) else "tell your administrator"
        return [Check("collector", False, f"answered {answer.status}", advice)]
    return [Check("collector", True, "reached, the device is known"), _clock(answer)]


def _clock(answer: Answer) -> Check:
    if answer.server_ms is None:
        return Check("clock", False, "the collector does not tell its time", "tell your administrator")
    difference = answer.server_ms - time.time_ns() // 1_000_000
    seconds = round(difference / 1000)
    if abs(difference) > CLOCK_MS:
        return Check("clock", False, f"{seconds:+d} s to the collector", "set the clock; times are corrected meanwhile")
    return Check("clock", True, f"{seconds:+d} s to the collector")


def _notice(settings: Settings) -> Check:
    store = PolicyStore(settings.data)
    stored = store.load()
    if stored is None:
        return Check("notice", False, "no policy is known", "enrol this machine")
    if store.acknowledged() != stored.answer.policy.notice_version:
        return Check("notice", False, "not acknowledged: nothing is recorded", "run `planwhy-agent notice`")
    return Check("notice", True, "acknowledged")


def _disk(settings: Settings) -> Check:
    folder = settings.data if settings.data.exists() else settings.data.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk", False, f"{folder}: {error.strerror}", "make the folder or change data_dir")
    if free < FREE_BYTES:
        return Check("disk", False, f"{free >> 20} MB free", "free some disk space")
    return Check("disk", True, f"{free >> 20} MB free")


def _permissions(settings: Settings) -> Check:
    for path in (settings.data, settings.data / "token", settings.data / "spool.sqlite3", settings.runtime):
        if not path.exists():
            continue
        mode = path.stat()
        if mode.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Check("permissions", False, f"{path} can be read by others", f"chmod go= {path}")
        if not os.access(path, os.W_OK) or mode.st_uid != os.getuid():
            return Check("permissions", False, f"{path} belongs to somebody else", f"chown it to {os.getuid()}")
    return Check("permissions", True, "only the owner can read the agent's files")


def _running(settings: Settings) -> Check:
    pid = holder(lock_path(settings))
    if pid is None:
        return Check("running", False, "the agent does not run", "start it: planwhy-agent run, or autostart on")
    return Check("running", True, f"process {pid}")


def _advice(error: AgentError) -> str:
    return {
        "not_enrolled": "run `planwhy-agent enrol --url ADDRESS --code CODE`",
        "config": "correct the setting named",
        "unreachable": "check the address, the network and, for https, `ca_file`; what is recorded waits on the disk",
    }.get(error.slug, "tell your administrator")
