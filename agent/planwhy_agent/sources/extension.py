"""Where the browser extension is, and how browsers learn to start the native host.

In: the agent's folders. Out: one manifest per browser in the user's own configuration and one launcher script that
they all name. Never: administrator rights, another program's files, an extension installed behind a person's back.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planwhy_agent.sources.callers import allowed_on, chromium_callers, firefox_callers

HOST_NAME = "com.planwhy.agent"
EXTENSION_ID = "flogbabbmbikjagflihmngeopicehlln"
"""The id that Chromium derives from the key in the extension's manifest."""
GECKO_ID = "agent@planwhy.example"
_MANIFEST = f"{HOST_NAME}.json"
_CHROMIUM_FOLDERS = ("chromium", "google-chrome", "microsoft-edge", "BraveSoftware/Brave-Browser", "yandex-browser")


def extension_dir() -> Path:
    """Find the extension's folder: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "extension"
    return installed if installed.is_dir() else package.parent / "extension"


def register_native_host(
    data_dir: Path,
    runtime_dir: Path,
    home: Path | None = None,
    profiles: Iterable[Path] = (),
    ids: Iterable[str] = (),
    system: Path = Path("/"),
) -> tuple[Path, ...]:
    """Write the launcher into `data_dir` and a manifest for each browser; give the manifests' paths.

    `profiles` are Chromium folders (`--user-data-dir`) outside the usual place, `ids` extensions that may call besides
    our own and those that the machine's manifests (below `system`) allow. Doing it again changes nothing.
    Raises OSError where a folder cannot be written.
    """
    launcher = _write_launcher(data_dir, runtime_dir)
    written = []
    for path, caller in _manifests(home, profiles, (*ids, *allowed_on(system, HOST_NAME))):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(_manifest(launcher, caller), indent=1))
        written.append(path)
    return tuple(written)


def unregister_native_host(data_dir: Path, home: Path | None = None, profiles: Iterable[Path] = ()) -> None:
    """Remove what `register_native_host` wrote, and the folders that are empty then."""
    for path, _ in _manifests(home, profiles):
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
            path.parent.parent.rmdir()
    _launcher(data_dir).unlink(missing_ok=True)


def registered_manifests(home: Path | None = None, profiles: Iterable[Path] = ()) -> tuple[Path, ...]:
    """List the manifests that stand now."""
    return tuple(path for path, _ in _manifests(home, profiles) if path.is_file())


def _manifests(
    home: Path | None, profiles: Iterable[Path], ids: Iterable[str] = ()
) -> list[tuple[Path, dict[str, list[str]]]]:
    """Each manifest's path, with the words by which its browser names the allowed callers."""
    callers = dict.fromkeys((EXTENSION_ID, GECKO_ID, *ids))
    chromium, firefox = chromium_callers(callers), firefox_callers(callers)
    folders = [_config_dir(home) / name for name in _CHROMIUM_FOLDERS] + list(profiles)
    paths = [(folder / "NativeMessagingHosts" / _MANIFEST, chromium) for folder in folders]
    return [*paths, ((home or Path.home()) / ".mozilla" / "native-messaging-hosts" / _MANIFEST, firefox)]


def _config_dir(home: Path | None) -> Path:
    """Where Chromium's relatives keep their configuration."""
    if home is None and (named := os.environ.get("XDG_CONFIG_HOME")):
        return Path(named)
    return (home or Path.home()) / ".config"


def _manifest(launcher: Path, caller: dict[str, list[str]]) -> dict[str, object]:
    """Describe the native host to a browser."""
    description = "Passes the tab in front to the Planwhy agent"
    return {"name": HOST_NAME, "description": description, "path": str(launcher), "type": "stdio", **caller}


def _launcher(data_dir: Path) -> Path:
    """Find the script that browsers start."""
    return data_dir.absolute() / "native-host"


def _write_launcher(data_dir: Path, runtime_dir: Path) -> Path:
    """Write the script. `-P` keeps the folder in which the browser was started off the import path."""
    command = [sys.executable, "-P", "-m", "planwhy_agent.sources.native_host", str(runtime_dir.absolute())]
    launcher = _launcher(data_dir)
    launcher.parent.mkdir(parents=True, exist_ok=True)
    _write(launcher, f"#!/bin/sh\nexec {shlex.join(command)}\n", mode=0o700)
    return launcher


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file whole, so that a browser never reads half of it."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)
