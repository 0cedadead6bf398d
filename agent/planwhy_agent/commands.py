"""What each command does, one function per command, at most twenty lines. Heavy imports happen inside.

In: parsed arguments and settings. Out: words on standard output and an exit code. Never: logs on standard output.
"""

import argparse
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from planwhy_agent import app, pause, sender
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError, AlreadyRunning, ConfigError, NoDisplay, NotEnrolled
from planwhy_agent.instance_lock import holder, nudge
from planwhy_agent.policy import PolicyStore

OWN_FILES = (
    "spool*",
    "identity.json",
    "instance",
    "token",
    "policy.json",
    "acknowledged.json",
    "sent.json",
    "clock-offset",
    "paused-until",
    "agent.lock",
    "health.json",
    "browser.sock",
)
"""What `purge` removes, as patterns."""


def enrol_machine(chosen: argparse.Namespace, settings: Settings) -> int:
    """Enrol, register with the browsers, show the notice and ask for the acknowledgement."""
    from planwhy_agent.enrol import enrol  # noqa: PLC0415

    url = chosen.url or settings.url
    if not url:
        raise ConfigError("url: give --url ADDRESS or set it in the configuration")
    if (pid := holder(app.lock_path(settings))) is not None:
        raise AlreadyRunning(f"stop the agent first, process {pid}")
    answer = enrol(settings, url.rstrip("/"), chosen.code, _now_ms(), chosen.replace)
    _register(settings)
    _say(f"enrolled for {answer.employee.name}, device {answer.device_id}")
    return _acknowledge(settings, chosen.acknowledge_notice)


def show_notice(chosen: argparse.Namespace, settings: Settings) -> int:
    """Show the notice in force and ask for the acknowledgement."""
    if PolicyStore(settings.data).load() is None:
        raise NotEnrolled("there is no notice before this machine is enrolled")
    return _acknowledge(settings, chosen.acknowledge)


def record(_chosen: argparse.Namespace, settings: Settings) -> int:
    """Record and send until stopped."""
    from planwhy_agent.sources.base import SourceLost, SourceUnsupported  # noqa: PLC0415
    from planwhy_agent.sources.browser import BrowserTabs  # noqa: PLC0415
    from planwhy_agent.sources.open_desktop import open_desktop  # noqa: PLC0415
    from planwhy_agent.watch import Watch  # noqa: PLC0415

    _log_to_stderr(settings)
    sender.transport_of(settings)
    if (pid := holder(app.lock_path(settings))) is not None:
        raise AlreadyRunning(f"the agent records already, as process {pid}")
    try:
        watch = Watch(lambda titled: open_desktop(os.environ, titled), BrowserTabs.open(settings.runtime))
        watch.open()
    except (SourceLost, SourceUnsupported) as error:
        raise NoDisplay(str(error)) from None
    _register(settings)
    return app.Agent(settings, watch).run()


def show_status(chosen: argparse.Namespace, settings: Settings) -> int:
    """Say what is recorded, when it was last sent, and what waits."""
    from planwhy_agent import status  # noqa: PLC0415

    found = status.report(settings, _now_ms())
    _say(_json(found) if chosen.json else "\n".join(status.lines(found)))
    return 0


def diagnose(chosen: argparse.Namespace, settings: Settings) -> int:
    """Check everything; 1 where something is wrong."""
    from planwhy_agent.doctor import checks  # noqa: PLC0415

    found = checks(settings, os.environ)
    if chosen.json:
        _say(_json({"ok": all(c.ok for c in found), "checks": found}))
    else:
        for check in found:
            _say(f"{'ok   ' if check.ok else 'WRONG'} {check.name:12} {check.found}")
            if check.advice:
                _say(f"{'':18} -> {check.advice}")
    return 0 if all(c.ok for c in found) else 1


def begin_private_time(chosen: argparse.Namespace, settings: Settings) -> int:
    """From now on nothing is recorded but that it is private."""
    pause.pause(settings.data, _now_ms() + chosen.minutes * 60_000)
    running = nudge(app.lock_path(settings))
    _say(f"private for {chosen.minutes} minutes" + ("" if running else "; the agent does not run"))
    return 0


def end_private_time(_chosen: argparse.Namespace, settings: Settings) -> int:
    """Recording goes on."""
    _say("recording goes on" if pause.resume(settings.data) else "there was no private time")
    nudge(app.lock_path(settings))
    return 0


def look_into_spool(chosen: argparse.Namespace, settings: Settings) -> int:
    """Count, show or send what waits on this machine."""
    from planwhy_agent import status  # noqa: PLC0415

    if chosen.action == "flush":
        return _flush(settings, chosen.json)
    counts = status.spool_counts(sender.spool_path(settings))
    if chosen.action == "count":
        words = f"{counts.waiting} spans wait; {counts.aside} set aside; {counts.kept} kept for a day"
        _say(_json(counts) if chosen.json else words)
    elif sender.spool_path(settings).exists():
        _show(settings, max(0, chosen.limit))
    return 0


def switch_autostart(chosen: argparse.Namespace, _settings: Settings) -> int:
    """Start with the session, or not."""
    from planwhy_agent import autostart  # noqa: PLC0415

    path = autostart.autostart_path(dict(os.environ))
    if chosen.state == "on":
        autostart.switch_on(path)
        _say(f"starts with the session: {path}")
    else:
        _say("starts no more with the session" if autostart.switch_off(path) else "it did not start with the session")
    return 0


def purge(chosen: argparse.Namespace, settings: Settings) -> int:
    """Remove everything that the agent has stored on this machine, unsent spans included."""
    from planwhy_agent import autostart  # noqa: PLC0415
    from planwhy_agent.identity import forget  # noqa: PLC0415
    from planwhy_agent.sources.extension import unregister_native_host  # noqa: PLC0415

    if (pid := holder(app.lock_path(settings))) is not None:
        raise AlreadyRunning(f"stop the agent first, process {pid}")
    if not chosen.yes and not _asked(f"remove {settings.data} and everything in it, unsent spans included?"):
        return 1
    forget(settings.data)
    unregister_native_host(settings.data)
    autostart.switch_off(autostart.autostart_path(dict(os.environ)))
    _empty(settings.data)
    _empty(settings.runtime)
    _say("removed")
    return 0


def relay_browser(chosen: argparse.Namespace) -> int:
    """The process that a browser starts; not for people."""
    from planwhy_agent.sources.native_host import main  # noqa: PLC0415

    return main(chosen.rest)


def _empty(folder: Path) -> None:
    """Remove the agent's own files only: somebody may have put its folder where other things live."""
    for pattern in OWN_FILES:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _register(settings: Settings) -> None:
    """Tell the browsers where the native host is; a folder that cannot be written is no reason not to record."""
    from planwhy_agent.sources.extension import register_native_host  # noqa: PLC0415

    try:
        register_native_host(settings.data, settings.runtime)
    except OSError as error:
        sys.stderr.write(f"planwhy-agent: browsers not registered: {error.strerror}\n")


def _acknowledge(settings: Settings, agreed: bool) -> int:
    store = PolicyStore(settings.data)
    stored = store.load()
    if stored is None:
        raise NotEnrolled("there is no notice before this machine is enrolled")
    _say(f"\n{stored.answer.notice.text.strip()}\n")
    if not agreed and not _asked("I have read this"):
        _say("not acknowledged: nothing will be recorded; run `planwhy-agent notice` to acknowledge it later")
        return 0
    store.acknowledge(stored.answer.notice.version, _now_ms())
    nudge(app.lock_path(settings))
    _say("acknowledged")
    return 0


def _flush(settings: Settings, as_json: bool) -> int:
    from planwhy_agent.upload import Uploader, flush  # noqa: PLC0415

    transport = sender.transport_of(settings)
    spool = sender.open_spool(settings, recover=False)
    try:
        uploader = Uploader(transport, spool, PolicyStore(settings.data), settings.data, lambda _news: None)
        problem: AgentError | None = flush(uploader)
        waiting = spool.counts().waiting
    finally:
        spool.close()
    said = {"waiting": waiting, "problem": problem.detail if problem else ""}
    _say(_json(said) if as_json else f"{waiting} spans wait" + (f": {problem.detail}" if problem else ""))
    return 1 if problem else 0


def _show(settings: Settings, limit: int) -> None:
    """Print what waits, one JSON document a line: the person may see what will be sent."""
    from planwhy_agent.batches import waiting_spans  # noqa: PLC0415

    spool = sender.open_spool(settings, recover=False)
    try:
        for span in waiting_spans(spool, limit):
            _say(_json(span))
    finally:
        spool.close()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _asked(question: str) -> bool:
    if not sys.stdin or not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "д", "да")


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
