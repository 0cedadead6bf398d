"""What each command does, one function per command, at most twenty lines. Heavy imports happen inside.

In: parsed arguments and settings. Out: words on standard output and an exit code. Never: logs on standard output.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from planwhy_agent import app, pause, sender
from planwhy_agent.config import Settings, load_settings
from planwhy_agent.errors import AgentError, AlreadyRunning, ConfigError, NoDisplay, NotEnrolled
from planwhy_agent.files import owned_folder
from planwhy_agent.policy import PolicyStore, StoredPolicy
from planwhy_agent.system.instance_lock import halt, holder, nudge
from planwhy_agent.system.memory import switch_off_core_dumps, wipe_freed_memory
from planwhy_agent.tray.companion import Companion
from planwhy_agent.words import Words

if TYPE_CHECKING:
    from planwhy_agent.sources.base import Browsers

STOP_S, LOOK_S = 15.0, 0.1
"""How long `stop` waits, and how often it looks; the agent itself takes four seconds where its collector hangs."""
LOG_BYTES = 1 << 20


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
    say: Words = chosen.say
    _say(say("enrolled for {name}, device {device}", name=answer.employee.name, device=answer.device_id))
    return _acknowledge(settings, say, chosen.acknowledge_notice)


def show_notice(chosen: argparse.Namespace, settings: Settings) -> int:
    """Show the notice in force and ask for the acknowledgement."""
    if chosen.window:
        return _acknowledge_in_window(settings, chosen.say)
    return _acknowledge(settings, chosen.say, chosen.acknowledge)


def record(chosen: argparse.Namespace, settings: Settings) -> int:
    """Record and send until stopped."""
    from planwhy_agent.doctor_desktop import advice  # noqa: PLC0415
    from planwhy_agent.sources.base import SourceLost, SourceUnsupported  # noqa: PLC0415
    from planwhy_agent.sources.browser import BrowserTabs  # noqa: PLC0415
    from planwhy_agent.sources.open_desktop import open_desktop  # noqa: PLC0415
    from planwhy_agent.watch import Watch  # noqa: PLC0415

    switch_off_core_dumps()
    wipe_freed_memory()
    _log(settings)
    sender.transport_of(settings)
    if (pid := holder(app.lock_path(settings))) is not None:
        raise AlreadyRunning(f"the agent records already, as process {pid}")
    try:
        browsers = _with_activitywatch(settings, BrowserTabs.open(settings.runtime))
        watch = Watch(lambda titled: open_desktop(os.environ, titled, on_event=watch.happened), browsers)
        watch.open()
    except (SourceLost, SourceUnsupported) as error:
        raise NoDisplay(f"{error}; {chosen.say(advice(str(error)))}") from None
    _register(settings)
    tray = Companion(settings, os.environ)
    try:
        return app.Agent(settings, watch, told=tray.told).run()
    finally:
        tray.stop()


def show_tray(chosen: argparse.Namespace, settings: Settings) -> int:
    """Show the icon until the agent ends, where `run` did not start it."""
    from planwhy_agent.tray.host import run_tray  # noqa: PLC0415

    return run_tray(settings, chosen.say, lifeline=False)


def stop(chosen: argparse.Namespace, settings: Settings) -> int:
    """Ask the running agent to stop, and wait until it has written and sent its last span."""
    path = app.lock_path(settings)
    if not halt(path):
        _say(chosen.say("The agent does not run"))
        return 0
    for _ in range(round(STOP_S / LOOK_S)):
        if holder(path) is None:
            _say(chosen.say("The agent has stopped"))
            return 0
        time.sleep(LOOK_S)
    _say(chosen.say("The agent still runs after {n} s", n=round(STOP_S)))
    return 1


def show_status(chosen: argparse.Namespace, settings: Settings) -> int:
    """Say what is recorded, when it was last sent, and what waits."""
    from planwhy_agent import condition, status, status_words  # noqa: PLC0415

    now_ms = _now_ms()
    if chosen.json:
        _say(_json(status.report(settings, now_ms)))
        return 0
    facts, counts = condition.facts_of(settings, now_ms), status.spool_counts(sender.spool_path(settings))
    if chosen.window:
        return _in_window(
            status_words.paragraphs(facts, counts, chosen.say, now_ms), condition.own_page(facts), chosen.say
        )
    _say("\n".join(status_words.lines(facts, counts, chosen.say, now_ms)))
    return 0


def diagnose(chosen: argparse.Namespace, settings: Settings) -> int:
    """Check everything; 1 where something is wrong."""
    from planwhy_agent.doctor import checks, lines  # noqa: PLC0415

    found = checks(settings, os.environ, Words("en") if chosen.json else chosen.say)
    right = all(check.ok for check in found)
    _say(_json({"ok": right, "checks": found}) if chosen.json else "\n".join(lines(found, chosen.say)))
    return 0 if right else 1


def begin_private_time(chosen: argparse.Namespace, settings: Settings) -> int:
    """From now on nothing is recorded but that it is private; also from the agent's next start on."""
    from planwhy_agent.condition import private_words  # noqa: PLC0415

    say: Words = chosen.say
    now_ms = _now_ms()
    until_ms = now_ms + chosen.minutes * 60_000
    pause.pause(settings.data, until_ms)
    running = nudge(app.lock_path(settings))
    _say(private_words(until_ms, say, now_ms))
    if not running:
        _say(say("The agent does not run; when it starts before then, private time counts"))
    return 0


def end_private_time(chosen: argparse.Namespace, settings: Settings) -> int:
    """Recording goes on."""
    was_private = pause.paused_until(settings.data) > _now_ms()
    pause.resume(settings.data)
    running = nudge(app.lock_path(settings))
    say: Words = chosen.say
    if not was_private:
        _say(say("There was no private time"))
    else:
        _say(say("Recording goes on") if running else say("Private time has ended; the agent does not run"))
    return 0


def look_into_spool(chosen: argparse.Namespace, settings: Settings) -> int:
    """Count, show or send what waits on this machine."""
    from planwhy_agent import status  # noqa: PLC0415

    if chosen.action == "flush":
        return _flush(settings, chosen.say, chosen.json)
    counts = status.spool_counts(sender.spool_path(settings))
    if chosen.action == "count":
        words = chosen.say(
            "waiting: {waiting}; set aside: {aside}; kept for a day although sent: {kept}",
            waiting=counts.waiting,
            aside=counts.aside,
            kept=counts.kept,
        )
        _say(_json(counts) if chosen.json else words)
    elif sender.spool_path(settings).exists():
        _show(settings, max(0, chosen.limit))
    return 0


def switch_autostart(chosen: argparse.Namespace, _settings: Settings) -> int:
    """Start with the session, or not, or say whether it does."""
    from planwhy_agent.system import autostart  # noqa: PLC0415

    if chosen.state is None:
        starts = autostart.is_on(os.environ)
        _say(chosen.say("The agent starts with the session" if starts else "The agent does not start with the session"))
        return 0 if starts else 1
    if chosen.state == "on":
        where = autostart.switch_on(os.environ, chosen.systemd)
        _say(chosen.say("The agent starts with the session: {where}", where=where))
    else:
        was_on = autostart.switch_off(os.environ)
        _say(chosen.say("The agent starts no more with the session" if was_on else "It did not start with the session"))
    return 0


def purge(chosen: argparse.Namespace, settings: Settings) -> int:
    """Remove everything that the agent has stored on this machine, unsent spans included."""
    from planwhy_agent import status  # noqa: PLC0415
    from planwhy_agent.purge import purge as remove_all  # noqa: PLC0415

    say: Words = chosen.say
    if (pid := holder(app.lock_path(settings))) is not None:
        raise AlreadyRunning(f"stop the agent first, process {pid}")
    waiting = say.count(status.spool_counts(sender.spool_path(settings)).waiting, "records")
    _say(say("All that the agent has put on this computer will be removed; not sent yet: {n}", n=waiting))
    if not chosen.yes and not _asked(say("Remove it?")):
        _say(say("Nothing was removed"))
        return 1
    removed = remove_all(settings, os.environ)
    for path in removed:
        _say(f"  {path}")
    _say(say("Removed: {n}", n=len(removed)) if removed else say("There was nothing to remove"))
    return 0


def relay_browser(chosen: argparse.Namespace) -> int:
    """The process that a browser starts; not for people."""
    from planwhy_agent.sources.native_host import main  # noqa: PLC0415

    return main([str(load_settings(os.environ).runtime)] if chosen.of_user else chosen.rest)


def pack_extension(chosen: argparse.Namespace, _settings: Settings) -> int:
    """Pack the extension for many machines."""
    from planwhy_agent.packing import pack  # noqa: PLC0415

    packed = pack(Path(chosen.folder), Path(chosen.key), chosen.address, chosen.agent)
    if chosen.json:
        _say(_json(packed))
        return 0
    if packed.new_key:
        _say(f"new key: {chosen.key} (keep it, and keep it secret: without it there is no update under the same id)")
    _say(f"id in Chromium, Chrome, Edge and Yandex: {packed.id}\nid in Firefox: {packed.gecko_id}")
    _say("\n".join(f"{chosen.folder}/{name}" for name in packed.files))
    return 0


def _with_activitywatch(settings: Settings, browsers: "Browsers") -> "Browsers":
    """Listen for ActivityWatch's extension too if the settings say so; recording does not depend on that port."""
    if not settings.activitywatch:
        return browsers
    from planwhy_agent.sources.activitywatch import ActivityWatchTabs  # noqa: PLC0415
    from planwhy_agent.sources.both_browsers import BothBrowsers  # noqa: PLC0415

    try:
        return BothBrowsers(browsers, ActivityWatchTabs(tuple(settings.activitywatch_ids.split(","))))
    except OSError as error:
        sys.stderr.write(f"planwhy-agent: not listening for ActivityWatch's extension: {error.strerror}\n")
        return browsers


def _register(settings: Settings) -> None:
    """Tell the browsers where the native host is; a folder that cannot be written is no reason not to record."""
    from planwhy_agent.sources.extension import register_native_host  # noqa: PLC0415

    try:
        register_native_host(settings.data, settings.runtime, ids=settings.own_extensions)
    except OSError as error:
        sys.stderr.write(f"planwhy-agent: browsers not registered: {error.strerror}\n")


def _in_window(text: str, page: str | None, say: Words) -> int:
    """Show the status in a window, with the way to the person's own page."""
    from planwhy_agent.tray.window import chosen  # noqa: PLC0415

    if chosen("Planwhy", text, say("Close"), say("Open my page") if page else "") and page:
        import webbrowser  # noqa: PLC0415

        webbrowser.open(page)
    return 0


def _acknowledge(settings: Settings, say: Words, agreed: bool) -> int:
    store, stored = _notice_in_force(settings)
    _say(f"\n{stored.answer.notice.text.strip()}\n")
    if not agreed and not _asked(say("I have read this")):
        _say(say("Not acknowledged: nothing will be recorded; acknowledge it later by: planwhy-agent notice"))
        return 0
    store.acknowledge(stored.answer.notice.version, _now_ms())
    nudge(app.lock_path(settings))
    _say(say("Acknowledged"))
    return 0


def _acknowledge_in_window(settings: Settings, say: Words) -> int:
    from planwhy_agent.tray.window import agreed  # noqa: PLC0415

    store, stored = _notice_in_force(settings)
    if agreed(say("What is recorded on this computer"), stored.answer.notice.text.strip(), say):
        store.acknowledge(stored.answer.notice.version, _now_ms())
        nudge(app.lock_path(settings))
    return 0


def _notice_in_force(settings: Settings) -> tuple[PolicyStore, StoredPolicy]:
    store = PolicyStore(settings.data)
    stored = store.load()
    if stored is None:
        raise NotEnrolled("there is no notice before this machine is enrolled")
    return store, stored


def _flush(settings: Settings, say: Words, as_json: bool) -> int:
    from planwhy_agent.upload import Uploader, flush  # noqa: PLC0415

    transport = sender.transport_of(settings)
    spool = sender.open_spool(settings, recover=False)
    try:
        uploader = Uploader(transport, spool, PolicyStore(settings.data), settings.data, lambda _news: None)
        before = uploader.policies.load()
        problem: AgentError | None = flush(uploader)
        if uploader.policies.load() != before:
            nudge(app.lock_path(settings))  # the running agent is not told twice of the same policy
        waiting = spool.counts().waiting
    finally:
        spool.close()
    said = {"waiting": waiting, "problem": problem.detail if problem else ""}
    _say(_json(said) if as_json else f"{say.count(waiting, 'records')}" + (f": {problem.detail}" if problem else ""))
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


def _log(settings: Settings) -> None:
    """Log to standard error; into two small files where there is none, as for the session's programs on Windows."""
    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    if getattr(sys.stderr, "name", None) != os.devnull:
        logging.basicConfig(level=settings.log_level.upper(), stream=sys.stderr, format=form)
        return
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415

    path = owned_folder(settings.data) / "agent.log"
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], format=form)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
