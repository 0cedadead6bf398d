"""Where the browser extension is, and how browsers learn to start the native host.

In: the agent's folders. Out: one manifest per browser in the user's own configuration and one launcher script that
they all name; on Windows two manifests beside the script, and a key in the user's registry per browser.
Never: administrator rights, another program's files, an extension installed behind a person's back.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from planwhy_agent.sources.callers import (
    Caller,
    allowed_by,
    chromium_callers,
    described,
    firefox_callers,
    machine_manifests,
)

if sys.platform == "win32":
    from planwhy_agent.sources import extension_windows as registry

HOST_NAME = "com.planwhy.agent"
EXTENSION_ID = "flogbabbmbikjagflihmngeopicehlln"
"""The id that Chromium derives from the key in the extension's manifest."""
GECKO_ID = "agent@planwhy.example"
_MANIFEST = f"{HOST_NAME}.json"
_CHROMIUM_FOLDERS = (
    ("Chromium", "Google/Chrome", "Microsoft Edge", "BraveSoftware/Brave-Browser", "Yandex/YandexBrowser")
    if sys.platform == "darwin"
    else ("chromium", "google-chrome", "microsoft-edge", "BraveSoftware/Brave-Browser", "yandex-browser")
)


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
    for path, caller in _manifests(data_dir, home, profiles, (*ids, *_allowed_on(system))):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(described(HOST_NAME, str(launcher), caller), indent=1))
        written.append(path)
    if sys.platform == "win32":
        registry.announce(HOST_NAME, *written)
    return tuple(written)


def unregister_native_host(data_dir: Path, home: Path | None = None, profiles: Iterable[Path] = ()) -> None:
    """Remove what `register_native_host` wrote, and the folders that are empty then."""
    if sys.platform == "win32":
        registry.withdraw(HOST_NAME)
    for path, _ in _manifests(data_dir, home, profiles):
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
            path.parent.parent.rmdir()
    _launcher(data_dir).unlink(missing_ok=True)


def registered_manifests(home: Path | None = None, profiles: Iterable[Path] = ()) -> tuple[Path, ...]:
    """List the manifests that stand now, one for each browser that knows of it."""
    if sys.platform == "win32":
        known = registry.announced(HOST_NAME)
    else:
        known = (path for path, _ in _manifests(Path(), home, profiles))
    return tuple(path for path in known if path.is_file())


def _allowed_on(system: Path) -> list[str]:
    """The ids that the manifests of the whole machine allow."""
    if sys.platform == "win32":
        return allowed_by(registry.announced(HOST_NAME, of_machine=True))
    else:  # noqa: RET505  what follows a return is unreachable to the type checker on the other system
        return allowed_by(path for path, _ in machine_manifests(HOST_NAME, (), system))


def _manifests(
    data_dir: Path, home: Path | None, profiles: Iterable[Path], ids: Iterable[str] = ()
) -> list[tuple[Path, Caller]]:
    """Each manifest's path, with the words by which its browser names who may call; Firefox's is the last."""
    callers = dict.fromkeys((EXTENSION_ID, GECKO_ID, *ids))
    chromium, firefox = chromium_callers(callers), firefox_callers(callers)
    if sys.platform == "win32":
        own = data_dir.absolute()
        paths, last = [own / f"{HOST_NAME}.chromium.json"], own / f"{HOST_NAME}.firefox.json"
    else:
        folders = [_config_dir(home) / name for name in _CHROMIUM_FOLDERS] + list(profiles)
        paths = [folder / "NativeMessagingHosts" / _MANIFEST for folder in folders]
        last = _firefox_dir(home) / _MANIFEST
    return [*((path, chromium) for path in paths), (last, firefox)]


def _firefox_dir(home: Path | None) -> Path:
    """Where Firefox looks for manifests of this user."""
    if sys.platform == "darwin":
        return _config_dir(home) / "Mozilla" / "NativeMessagingHosts"
    return (home or Path.home()) / ".mozilla" / "native-messaging-hosts"


def _config_dir(home: Path | None) -> Path:
    """Where Chromium's relatives keep their configuration."""
    if sys.platform == "darwin":
        return (home or Path.home()) / "Library" / "Application Support"
    if home is None and (named := os.environ.get("XDG_CONFIG_HOME")):
        return Path(named)
    return (home or Path.home()) / ".config"


def _launcher(data_dir: Path) -> Path:
    """Find the script that browsers start."""
    return data_dir.absolute() / ("native-host.bat" if sys.platform == "win32" else "native-host")


def _write_launcher(data_dir: Path, runtime_dir: Path) -> Path:
    """Write the script. `-P` keeps the folder in which the browser was started off the import path."""
    command = [_interpreter(), "-P", "-m", "planwhy_agent.sources.native_host", str(runtime_dir.absolute())]
    launcher = _launcher(data_dir)
    launcher.parent.mkdir(parents=True, exist_ok=True)
    script = _batch(command) if sys.platform == "win32" else f"#!/bin/sh\nexec {shlex.join(command)}\n"
    _write(launcher, script, mode=0o700)
    return launcher


def _interpreter() -> str:
    """This interpreter; on Windows its twin that a shell waits for, where this one is the one without a console."""
    twin = Path(sys.executable).with_name("python.exe")
    return str(twin) if Path(sys.executable).name.lower() == "pythonw.exe" and twin.exists() else sys.executable


def _batch(command: list[str]) -> str:
    """The script for Windows' shell. It is read as UTF-8 from its second line on, for names of folders.

    Not every shell does so; therefore the profile folder, most likely to have such a name, is left to a variable.
    """
    words = " ".join(f'"{_with_variable(word)}"' for word in command)
    return f"@chcp 65001 >nul\r\n@{words}\r\n"


def _with_variable(word: str) -> str:
    for name in ("LOCALAPPDATA", "APPDATA", "USERPROFILE"):
        folder = os.environ.get(name)
        if folder and word.lower().startswith(f"{folder.lower()}\\"):
            return f"%{name}%{word[len(folder) :].replace('%', '%%')}"
    return word.replace("%", "%%")


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file whole, so that a browser never reads half of it."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8", newline="")
    draft.chmod(mode)
    draft.replace(path)
