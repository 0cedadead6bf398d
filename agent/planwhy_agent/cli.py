"""The command line. Exit codes: 0 done, 1 "no" or failed, 2 wrong usage.

In: arguments. Out: words, or one JSON document with `--json`. Never: a traceback for what a person can cause; heavy
imports before a command needs them.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from planwhy_agent import __version__, commands
from planwhy_agent.config import load_settings
from planwhy_agent.errors import AgentError
from planwhy_agent.pause import LONGEST_MINUTES
from planwhy_agent.words import LANGUAGES, N_, Words, system_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    os.umask(0o077)
    sys.stdout = sys.stdout or _nowhere()  # a program without a console has neither on Windows
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Cyrillic still gets the words
    chosen = parser().parse_args(arguments)
    chosen.say = Words(chosen.lang or system_language(os.environ))
    run: Callable[..., int] = chosen.run
    try:
        return run(chosen) if chosen.plain else run(chosen, load_settings(os.environ))
    except AgentError as error:
        sys.stderr.write(f"planwhy-agent: {error.slug}: {_told(error, chosen.say)}\n")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        sys.stderr.write(f"planwhy-agent: {error.filename or 'the system'}: {error.strerror or error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("\n")
    return 1


def _nowhere() -> io.TextIOWrapper:
    return Path(os.devnull).open("w", encoding="utf-8")


def _told(error: AgentError, say: Words) -> str:
    """What went wrong; a detail without words in the person's language is introduced by what kind of thing it is."""
    detail = say(error.detail)
    known = detail != error.detail or say.language == "en" or error.slug not in _KINDS
    return detail if known else f"{say(_KINDS[error.slug])}: {detail}"


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    root = argparse.ArgumentParser(prog="planwhy-agent", description="Records which windows are in front.")
    root.add_argument("--version", action="version", version=f"planwhy-agent {__version__}")
    verbs = root.add_subparsers(required=True, metavar="COMMAND")
    _add_enrolment(verbs)
    _add_recording(verbs)
    _add_spool(verbs)
    _add_machine(verbs)
    return root


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[..., int],
    text: str | None,
    plain: bool = False,
) -> argparse.ArgumentParser:
    found = verbs.add_parser(name, help=text, description=text) if text else verbs.add_parser(name)
    found.set_defaults(run=run, plain=plain)
    found.add_argument("--lang", choices=LANGUAGES, help="the language to speak; otherwise the system's")
    return found


def _add_enrolment(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _verb(verbs, "enrol", commands.enrol_machine, "turn a one-off code into this machine's identity")
    one.add_argument("--url", help="the collector's address")
    one.add_argument("--code", required=True, help="the code that your administrator gave you")
    one.add_argument("--acknowledge-notice", action="store_true", help="the person has read and accepted the notice")
    one.add_argument("--replace", action="store_true", help="enrol again a machine that is enrolled")
    one = _verb(verbs, "notice", commands.show_notice, "show what is recorded, and acknowledge it")
    one.add_argument("--acknowledge", action="store_true", help="acknowledge without being asked")
    one.add_argument("--window", action="store_true", help="in a window instead of the terminal")


def _add_recording(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _verb(verbs, "run", commands.record, "record and send until stopped")
    _verb(verbs, "stop", commands.stop, "ask the running agent to stop, and wait until it has")
    one = _verb(verbs, "status", commands.show_status, "what is recorded, when it was last sent, what waits")
    one.add_argument("--json", action="store_true")
    one.add_argument("--window", action="store_true", help="in a window instead of the terminal")
    one = _verb(verbs, "doctor", commands.diagnose, "check everything and say what to do; exit 1 if something is wrong")
    one.add_argument("--json", action="store_true")
    one = _verb(verbs, "pause", commands.begin_private_time, "private time: nothing is recorded but that it is private")
    one.add_argument("minutes", type=_minutes, help=f"1 to {LONGEST_MINUTES}")
    _verb(verbs, "resume", commands.end_private_time, "end private time")
    _verb(verbs, "tray", commands.show_tray, "the icon in the desktop's tray; `run` starts it where there is one")


def _add_spool(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _verb(verbs, "spool", commands.look_into_spool, "what waits on this machine")
    one.add_argument("action", choices=("count", "show", "flush"))
    one.add_argument("--json", action="store_true")
    one.add_argument("--limit", type=int, default=1000, help="how many spans `show` prints")


def _add_machine(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _verb(verbs, "autostart", commands.switch_autostart, "start with the session, or not")
    one.add_argument("state", choices=("on", "off"), nargs="?", help="without it: say whether it does; exit 1 if not")
    one.add_argument("--systemd", action="store_true", help="on Linux: by a user unit instead of the autostart folder")
    one = _verb(verbs, "purge", commands.purge, "remove everything that the agent has stored on this machine")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = _verb(verbs, "native-host", commands.relay_browser, None, plain=True)
    one.add_argument("rest", nargs="*")
    one.add_argument("--of-user", action="store_true", help="find the agent by the settings of whoever runs this")
    one = _verb(verbs, "extension", commands.pack_extension, "pack the browser extension for many machines")
    one.add_argument("action", choices=("pack",))
    one.add_argument("folder", help="where to put packages, update manifest, policies and native host")
    one.add_argument("--key", required=True, help="PEM file with the extension's private key; made if it is not there")
    one.add_argument("--address", default="file:///opt/planwhy/extension", help="where browsers find the packages")
    one.add_argument("--agent", default="planwhy-agent", help="command that starts the agent on the target machines")
    one.add_argument("--json", action="store_true")


def _minutes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= LONGEST_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {LONGEST_MINUTES}")
    return int(text)


_KINDS = {
    "already_running": N_("the agent records already"),
    "config": N_("a setting or an address is wrong"),
    "disk_full": N_("the disk is full"),
    "enrol_refused": N_("this computer was not enrolled"),
    "no_display": N_("there is no desktop that can be seen"),
    "not_enrolled": N_("this computer is not enrolled"),
    "spool_lost": N_("what waits cannot be read"),
    "unreachable": N_("the collector is not reached"),
}
"""What kind of thing an error is, by its slug."""


if __name__ == "__main__":
    sys.exit(main())
