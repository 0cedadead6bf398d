"""Where browsers on Windows look for the native host: a value in the user's registry that names the manifest.

In: manifests. Out: one key per browser. Never: administrator rights, another program's keys.
"""

import sys
import winreg
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

CHROMIUM_FOLDERS = (
    r"Chromium",
    r"Google\Chrome",
    r"Microsoft\Edge",
    r"BraveSoftware\Brave-Browser",
    r"Yandex\YandexBrowser",
)
FIREFOX_FOLDER = "Mozilla"


def announce(host_name: str, chromium: Path, firefox: Path) -> None:
    """Name the manifests to all browsers, installed or not. Raises OSError."""
    for folder in (*CHROMIUM_FOLDERS, FIREFOX_FOLDER):
        manifest = firefox if folder == FIREFOX_FOLDER else chromium
        winreg.SetValue(winreg.HKEY_CURRENT_USER, _key(folder, host_name), winreg.REG_SZ, str(manifest))


def withdraw(host_name: str) -> None:
    """Take the manifests' names back, and the keys that are empty then. Raises OSError."""
    for folder in (*CHROMIUM_FOLDERS, FIREFOX_FOLDER):
        key = _key(folder, host_name)
        with suppress(OSError):  # not there, or not empty
            for _ in range(3):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
                key = key.rpartition("\\")[0]


def announced(host_name: str, of_machine: bool = False) -> Iterator[Path]:
    """The manifests that are named now, one for each browser: to this user, or to all users of the machine."""
    root = winreg.HKEY_LOCAL_MACHINE if of_machine else winreg.HKEY_CURRENT_USER
    for folder in (*CHROMIUM_FOLDERS, FIREFOX_FOLDER):
        with suppress(OSError):
            yield Path(winreg.QueryValue(root, _key(folder, host_name)))


def _key(folder: str, host_name: str) -> str:
    return rf"Software\{folder}\NativeMessagingHosts\{host_name}"
