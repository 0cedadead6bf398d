"""Where the browser extension is, and how browsers learn to start the native host.

In: the agent's folders. Out: one manifest per browser in the user's own configuration and one launcher script that
they all name. Never: administrator rights, another program's files, an extension installed behind a person's back.
A browser that finds the user's manifest does not look at the one of the whole machine. So the user's allows whatever
that one allows: an extension that was packed with an own key has another id.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

HOST_NAME = "com.planwhy.agent"
EXTENSION_ID = "flogbabbmbikjagflihmngeopicehlln"
"""The id that Chromium derives from the key in the extension's manifest."""
GECKO_ID = "agent@planwhy.example"
_MANIFEST = f"{HOST_NAME}.json"
_CHROMIUM_FOLDERS = ("chromium", "google-chrome", "microsoft-edge", "BraveSoftware/Brave-Browser", "yandex-browser")
_SYSTEM_CHROMIUM = ("/etc/chromium", "/etc/opt/chrome", "/etc/opt/edge", "/etc/opt/yandex/browser")
_SYSTEM_FIREFOX = "/usr/lib/mozilla"
_CHROMIUM_ID = re.compile(r"[a-p]{32}")
_GECKO_ID = re.compile(r"[\w.+-]*@[\w.+-]+|\{[0-9a-fA-F-]{36}\}", re.ASCII)

_Caller = dict[str, list[str]]


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
    our own and those that the manifests of the whole machine (below `system`) allow. Doing it again changes nothing.
    Raises OSError where a folder cannot be written.
    """
    launcher = _write_launcher(data_dir, runtime_dir)
    written = []
    for path, caller in _manifests(home, profiles, {*ids, *_allowed_on(system)}):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(host_manifest(str(launcher), caller), indent=1))
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


def manifest_paths(chromium: list[str], gecko: list[str], system: Path = Path("/")) -> list[tuple[Path, _Caller]]:
    """Where the manifests of the whole machine belong, each with the words by which its browser names who may call."""
    below = [system / folder.lstrip("/") for folder in _SYSTEM_CHROMIUM]
    places = [(folder / "native-messaging-hosts" / _MANIFEST, _chromium(chromium)) for folder in below]
    mozilla = system / _SYSTEM_FIREFOX.lstrip("/")
    return [*places, (mozilla / "native-messaging-hosts" / _MANIFEST, _firefox(gecko))]


def is_extension_id(text: str) -> bool:
    """Whether a text is an id of an extension, of Chromium or of Firefox."""
    return bool(_CHROMIUM_ID.fullmatch(text) or _GECKO_ID.fullmatch(text))


def _allowed_on(system: Path) -> set[str]:
    """The ids that manifests of the whole machine allow; one that cannot be read allows nobody."""
    found: set[str] = set()
    for path, _ in manifest_paths([], [], system):
        with suppress(OSError, ValueError, AttributeError, RecursionError):
            told = json.loads(path.read_text(encoding="utf-8"))
            names = [*(told.get("allowed_origins") or ()), *(told.get("allowed_extensions") or ())]
            found |= {str(name).removeprefix("chrome-extension://").rstrip("/") for name in names}
    return {one for one in found if is_extension_id(one)}


def _chromium(ids: Iterable[str]) -> _Caller:
    return {"allowed_origins": [f"chrome-extension://{one}/" for one in ids]}


def _firefox(ids: Iterable[str]) -> _Caller:
    return {"allowed_extensions": list(ids)}


def _manifests(home: Path | None, profiles: Iterable[Path], ids: Iterable[str] = ()) -> list[tuple[Path, _Caller]]:
    """Each manifest's path, with the words by which its browser names who may call."""
    others = sorted(set(ids) - {EXTENSION_ID, GECKO_ID})
    chromium = _chromium([EXTENSION_ID, *filter(_CHROMIUM_ID.fullmatch, others)])
    firefox = _firefox([GECKO_ID, *filter(_GECKO_ID.fullmatch, others)])
    folders = [_config_dir(home) / name for name in _CHROMIUM_FOLDERS] + list(profiles)
    paths = [(folder / "NativeMessagingHosts" / _MANIFEST, chromium) for folder in folders]
    return [*paths, ((home or Path.home()) / ".mozilla" / "native-messaging-hosts" / _MANIFEST, firefox)]


def _config_dir(home: Path | None) -> Path:
    """Where Chromium's relatives keep their configuration."""
    if home is None and (named := os.environ.get("XDG_CONFIG_HOME")):
        return Path(named)
    return (home or Path.home()) / ".config"


def host_manifest(launcher: str, caller: _Caller) -> dict[str, object]:
    """Describe the native host to a browser."""
    description = "Passes the tab in front to the Planwhy agent"
    return {"name": HOST_NAME, "description": description, "path": launcher, "type": "stdio", **caller}


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
