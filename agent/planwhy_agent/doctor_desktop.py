"""What `doctor` checks of the desktop: display, browsers, the extension, the tray.

In: environment, facts, a language. Out: right or wrong, what was found, what to do. Never: a change of anything; a
list of what the person runs beyond whether a browser is open.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from planwhy_agent import privacy_defaults
from planwhy_agent.condition import Facts
from planwhy_agent.config import Settings
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.extension import extension_dir, registered_manifests
from planwhy_agent.sources.open_desktop import lacks_titles, open_desktop
from planwhy_agent.words import N_, Words

EXTENDED = privacy_defaults.BROWSERS | {"firefox-bin"}
"""Programs in which the extension could be."""


def display(environment: Mapping[str, str], say: Words) -> tuple[bool, str, str]:
    """Whether windows can be seen."""
    try:
        desktop = open_desktop(environment)
    except (SourceLost, SourceUnsupported) as error:
        return False, str(error), say(advice(str(error)))
    untitled = lacks_titles(desktop)
    desktop.close()
    if untitled:
        program = Path(sys.executable).resolve()  # the system keeps the permission for the program behind all links
        where = say("allow {program} in System Settings, Privacy & Security, Accessibility", program=program)
        return False, say("windows can be seen, their titles cannot"), where
    return True, say("windows can be seen"), ""


def advice(reason: str) -> str:
    """What a person can do where windows cannot be watched."""
    if "wayland" in reason:
        return N_("log out; before the password is typed choose the session that says `on Xorg` or `X11`, then log in")
    return N_("start the agent inside a desktop session that can be watched")


def browser(say: Words) -> tuple[bool, str, str]:
    """Whether browsers know the agent."""
    found = len(registered_manifests())
    if not found:
        return False, say("no browser knows the agent"), say("run once: planwhy-agent run")
    return True, say("known to {browsers}", browsers=say.count(found, "browsers")), ""


def extension(facts: Facts, say: Words) -> tuple[bool, str, str]:
    """Whether the extension is really connected; that is known only while the agent runs."""
    if facts.alive is None:
        return True, say("known only while the agent runs"), ""
    if facts.alive.browsers:
        return True, say("connected: {browsers}", browsers=say.count(facts.alive.browsers, "browsers")), ""
    open_now = _open_browsers()
    if not open_now:
        return True, say("no browser is open"), ""
    advice = say("install the extension; it lies in {folder}", folder=extension_dir())
    return False, say("open without the extension: {names}", names=", ".join(open_now)), advice


def tray(settings: Settings, environment: Mapping[str, str], say: Words) -> tuple[bool, str, str]:
    """Whether there is a tray for the icon and a service for notifications; both are a comfort only."""
    if not settings.tray:
        return True, say("switched off by the setting `tray`"), ""
    from planwhy_agent.tray.host import hosts  # noqa: PLC0415  what it needs differs by system

    found = hosts(environment)
    if found.icons and found.notifications:
        return True, say("the desktop shows the icon and notifications"), ""
    if found.icons:
        return True, say("the desktop shows the icon, but no notifications"), ""
    advice = say("pause and status work in a terminal; on GNOME install the extension AppIndicator for the icon")
    if found.notifications:
        return True, say("the desktop shows notifications, but no icon"), advice
    return True, say("the desktop shows neither icon nor notifications"), advice


def _open_browsers() -> list[str]:
    """The person's own browsers that run now, by name."""
    import psutil  # noqa: PLC0415  only for this one look

    me = psutil.Process().username()
    names = set()
    for process in psutil.process_iter(["name", "username"]):
        name = (process.info["name"] or "").lower().removesuffix(".exe")
        if name in EXTENDED and process.info["username"] == me and process.pid != os.getpid():
            names.add(name)
    return sorted(names)
