"""What `doctor` checks: everything that recording and sending need, each with what to do where it is wrong.

In: settings, environment, a language. Out: a list of checks. Never: a lasting change of anything; a token; an end
before the last check, whatever one of them meets.
"""

import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from planwhy_agent import condition, doctor_collector, doctor_desktop, sender, status
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError
from planwhy_agent.system import autostart
from planwhy_agent.words import N_, Words

FREE_BYTES = 50 << 20
PROBE = ".doctor.part"
"""A file of one block, written and removed: nothing else tells for sure that a folder can be written."""


class Check(Struct, frozen=True):
    """One thing looked at: is it right, what was found, what to do or what could be better."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def checks(settings: Settings, environment: Mapping[str, str], say: Words) -> list[Check]:
    """Look at everything."""
    try:
        facts = condition.facts_of(settings, time.time_ns() // 1_000_000)
    except OSError:  # `permissions` and `disk` say more
        facts = condition.NOTHING
    looked: list[tuple[str, Callable[[], tuple[bool, str, str]]]] = [
        ("display", lambda: doctor_desktop.display(environment, say)),
        ("browser", lambda: doctor_desktop.browser(say)),
        ("extension", lambda: doctor_desktop.extension(facts, say)),
        ("tray", lambda: doctor_desktop.tray(settings, environment, say)),
        *_of_collector(settings, say),
        ("sending", lambda: _sending(facts, say)),
        ("notice", lambda: _notice(facts, say)),
        ("policy", lambda: _policy(facts, say)),
        ("disk", lambda: _disk(settings, say)),
        ("permissions", lambda: _permissions(settings, say)),
        ("spool", lambda: _spool(settings, say)),
        ("autostart", lambda: _autostart(environment, say)),
        ("running", lambda: _running(facts, say)),
    ]
    return [Check(name, *_guarded(look, say)) for name, look in looked]


def lines(found: list[Check], say: Words) -> list[str]:
    """The checks in words, each with its advice below."""
    marks = {True: say("ok"), False: say("WRONG")}
    names = {check.name: say(_NAMES[check.name]) for check in found}
    left, width = max(map(len, marks.values())) + 2, max(map(len, names.values())) + 2
    told = []
    for check in found:
        told.append(f"{marks[check.ok]:{left}}{names[check.name]:{width}}{check.found}")
        if check.advice:
            told.append(f"{'':{left + width}}-> {check.advice}")
    return told


def _guarded(look: Callable[[], tuple[bool, str, str]], say: Words) -> tuple[bool, str, str]:
    """A check that meets something unforeseen says so, and the others go on."""
    try:
        return look()
    except AgentError as error:
        return False, f"{error.slug}: {error.detail}", say("tell your administrator")
    except (OSError, ValueError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return False, say("cannot be checked: {why}", why=why), say("tell your administrator")


def _of_collector(settings: Settings, say: Words) -> list[tuple[str, Callable[[], tuple[bool, str, str]]]]:
    """Address, certificate, collector and clock, which build on each other: what cannot be asked is left out."""
    asked = doctor_collector.Asked(settings, say)
    names = [("address", asked.address), ("certificate", asked.certificate)] if asked.enrolled else []
    return [*names, ("collector", asked.collector), ("clock", asked.clock)]


def _running(facts: condition.Facts, say: Words) -> tuple[bool, str, str]:
    if facts.pid is None:
        return False, say("the agent does not run"), say("start it: planwhy-agent run; or: planwhy-agent autostart on")
    return True, say("process {pid}", pid=facts.pid), ""


def _sending(facts: condition.Facts, say: Words) -> tuple[bool, str, str]:
    """How the running agent's own sending goes, which may meet what a single question does not."""
    sending = facts.sending
    if facts.alive is None:
        return True, say("known only while the agent runs"), ""
    if facts.refused:
        return False, sending.problem, say("ask for a new code and enrol again")
    if sending.state != "waiting":
        return True, say("no problem"), ""
    again = say.at(sending.next_ms, time.time_ns() // 1_000_000) if sending.next_ms is not None else "?"
    return False, sending.problem, say("it is tried again at {when}", when=again)


def _notice(facts: condition.Facts, say: Words) -> tuple[bool, str, str]:
    if facts.stored is None:
        return False, say("no notice is known"), say("enrol this computer")
    if not facts.acknowledged:
        return False, say("not acknowledged: nothing is recorded"), say("read it: planwhy-agent notice")
    return True, say("acknowledged"), ""


def _policy(facts: condition.Facts, say: Words) -> tuple[bool, str, str]:
    if facts.damaged:
        return (
            False,
            say("policy_invalid: the stored one cannot be read"),
            say("it is fetched again; restart the agent"),
        )
    if facts.stored is None:
        return False, say("none is known"), say("enrol this computer")
    if facts.alive is not None and facts.alive.policy_problem:
        why = facts.alive.policy_problem
        return False, say("{why}; the last good one stays", why=why), say("tell your administrator")
    return True, say("version {version}", version=facts.stored.answer.policy.version), ""


def _disk(settings: Settings, say: Words) -> tuple[bool, str, str]:
    folder = next((one for one in (settings.data, *settings.data.parents) if one.is_dir()), settings.data)
    free = shutil.disk_usage(folder).free
    try:
        _probe(settings)
    except OSError as error:
        why = say("cannot write in {folder}: {why}", folder=settings.data, why=error.strerror)
        return False, why, say("free some space, or make the folder writable, or change data_dir")
    if free < FREE_BYTES:
        return False, say("{n} MB free", n=free >> 20), say("free some space; what is recorded needs it")
    return True, say("{n} MB free", n=free >> 20), ""


def _probe(settings: Settings) -> None:
    """Write a block into the data folder, if it is there already, and remove it. Raises OSError."""
    if not settings.data.is_dir():
        return
    path = settings.data / PROBE
    try:
        with path.open("wb") as out:
            out.write(bytes(4096))
            out.flush()
            os.fsync(out.fileno())
    finally:
        path.unlink(missing_ok=True)


def _permissions(settings: Settings, say: Words) -> tuple[bool, str, str]:
    if sys.platform == "win32":
        wrong, right = None, say("the person's own profile is closed to other people")
    else:
        paths = (settings.data, settings.data / "token", settings.data / "spool.sqlite3", settings.runtime)
        found = (_open_to_others(path, say) for path in paths if path.exists())
        wrong, right = next(filter(None, found), None), say("only the owner can read the agent's files")
    return (False, *wrong) if wrong else (True, right, "")


if sys.platform != "win32":

    def _open_to_others(path: Path, say: Words) -> tuple[str, str] | None:
        """What is wrong with the mode of a file or folder, and what to do."""
        mode = path.stat()
        if mode.st_uid != os.getuid():
            return say("{path} belongs to somebody else", path=path), f"chown {os.getuid()} {path}"
        if mode.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return say("{path} can be read by others", path=path), f"chmod go= {path}"
        if not mode.st_mode & stat.S_IWUSR:
            return say("{path} cannot be written", path=path), f"chmod u+w {path}"
        return None


def _spool(settings: Settings, say: Words) -> tuple[bool, str, str]:
    counts = status.spool_counts(sender.spool_path(settings))
    if any(reason.startswith("unreadable") for reason in counts.by_reason):
        return False, say("what waits cannot be read"), say("restart the agent: it moves a damaged file aside")
    waiting = say.count(counts.waiting, "records")
    if damaged := len(list(settings.data.glob("spool.sqlite3.damaged-*[0-9]"))):
        return True, waiting, say("damaged files were moved aside: {n}; keep them for your administrator", n=damaged)
    if counts.aside:
        return True, waiting, say("the collector refused some: {n}", n=say.count(counts.aside, "records"))
    return True, waiting, ""


def _autostart(environment: Mapping[str, str], say: Words) -> tuple[bool, str, str]:
    if autostart.is_on(environment):
        return True, say("starts with the session"), ""
    return True, say("does not start with the session"), "planwhy-agent autostart on"


_NAMES = {
    "display": N_("display"),
    "browser": N_("browsers"),
    "extension": N_("extension"),
    "tray": N_("tray"),
    "address": N_("address"),
    "certificate": N_("certificate"),
    "collector": N_("collector"),
    "clock": N_("clock"),
    "sending": N_("sending"),
    "notice": N_("notice"),
    "policy": N_("policy"),
    "disk": N_("disk"),
    "permissions": N_("permissions"),
    "spool": N_("waiting"),
    "autostart": N_("autostart"),
    "running": N_("agent"),
}
"""What each check is called in words; in JSON it keeps its own name."""
