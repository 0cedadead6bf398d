"""What `purge` removes: everything that the agent has put on this machine, and the folders that are empty then.

In: settings and environment. Out: what was removed, by path. Never: a file that is not the agent's own, in whatever
folder its data lies; the configuration file, which people write.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from planwhy_agent import identity
from planwhy_agent.config import Settings
from planwhy_agent.errors import NotEnrolled
from planwhy_agent.files import remove
from planwhy_agent.sources.extension import registered_manifests, unregister_native_host
from planwhy_agent.system import autostart

OWN_FILES = (
    "spool.sqlite3*",
    "spool.reserve",
    "spool-of-*",
    "identity.json",
    "instance",
    "token",
    "policy.json",
    "acknowledged.json",
    "sent.json",
    "clock-offset",
    "paused-until",
    "agent.lock",
    "tray.lock",
    "health.json",
    "told.json",
    "browser.sock",
    "agent.log*",
    "flood.*",
    ".*.part",
    "native-host*",
)
"""The agent's own files in its folders, as patterns; `.part` is what a killed agent left half done."""
STORE = "keyring"
"""How the token in the system's secret store is named among what was removed."""


def purge(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """Remove everything; what was removed. Raises OSError for what may not be removed."""
    removed = [f"{STORE}: {device}" for device in _devices(settings.data) if identity.forget_token(device)]
    gone = list(registered_manifests())
    unregister_native_host(settings.data)
    if autostart.switch_off(environment):
        removed.append("autostart")
    for folder in dict.fromkeys((settings.data, settings.data / "run", settings.runtime)):
        gone += _emptied(folder)
    for folder in [*(path.parent for path in gone), _autostart_folder(environment), settings.runtime, settings.data]:
        _remove_empty(folder)
    return [*removed, *map(str, gone)]


def _autostart_folder(environment: Mapping[str, str]) -> Path:
    """Where desktops keep what starts with them; it is made where it was missing."""
    return Path(environment.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "autostart"


def _emptied(folder: Path) -> Iterator[Path]:
    """Remove the agent's own files of one folder."""
    for pattern in OWN_FILES:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                continue
            remove(path)
            yield path


def _devices(data: Path) -> list[str]:
    """The devices whose tokens may lie in a secret store: this one, and those that the machine was before."""
    found = [path.name.removeprefix("spool-of-").split(".")[0] for path in data.glob("spool-of-*.sqlite3")]
    with suppress(NotEnrolled):
        known = identity.load_identity(data)
        if known is not None and known.token_in == "keyring":  # noqa: S105  a place, not a password
            found.append(known.device_id)
    return list(dict.fromkeys(found))


def _remove_empty(folder: Path) -> None:
    """Remove a folder and those above it, as far as they are empty and lie in the person's own home."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home() raises where there is none
    for one in (folder, *folder.parents):
        if one == home or (one != folder and not one.is_relative_to(home)):
            return
        try:
            one.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return
