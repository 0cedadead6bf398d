"""Which extensions may start the native host, in the words of browsers, and what the whole machine says of that.

In: ids, and the manifests of the whole machine, which administrators put there. Out: words for manifests. Never: an
id that is none. A browser that finds its user's manifest does not look at the one of the machine; so the user's
allows whatever that one allows, for an extension that was packed with an own key has another id.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

Caller = dict[str, list[str]]

_FOLDERS = ("etc/chromium", "etc/opt/chrome", "etc/opt/edge", "etc/opt/yandex/browser")
_FIREFOX = "usr/lib/mozilla"
_CHROMIUM_ID = re.compile(r"[a-p]{32}")
_GECKO_ID = re.compile(r"[\w.+-]*@[\w.+-]+|\{[0-9a-fA-F-]{36}\}", re.ASCII)


def chromium_callers(ids: Iterable[str]) -> Caller:
    """How Chromium and its relatives name who may call; ids of Firefox are left out."""
    return {"allowed_origins": [f"chrome-extension://{one}/" for one in ids if _CHROMIUM_ID.fullmatch(one)]}


def firefox_callers(ids: Iterable[str]) -> Caller:
    """How Firefox names who may call; ids of Chromium are left out."""
    return {"allowed_extensions": [one for one in ids if _GECKO_ID.fullmatch(one)]}


def described(name: str, launcher: str, caller: Caller) -> dict[str, object]:
    """Describe a native host to a browser."""
    description = "Passes the tab in front to the Planwhy agent"
    return {"name": name, "description": description, "path": launcher, "type": "stdio", **caller}


def machine_manifests(name: str, ids: Iterable[str], system: Path = Path("/")) -> list[tuple[Path, Caller]]:
    """Where the manifests of the whole machine belong, below `system`, each with who may call."""
    known, file = list(ids), f"native-messaging-hosts/{name}.json"
    chromium, firefox = chromium_callers(known), firefox_callers(known)
    return [*((system / folder / file, chromium) for folder in _FOLDERS), (system / _FIREFOX / file, firefox)]


def allowed_by(manifests: Iterable[Path]) -> list[str]:
    """The ids that manifests allow, sorted; one that cannot be read allows nobody."""
    found: set[str] = set()
    for path in manifests:
        with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            told = json.loads(path.read_text(encoding="utf-8"))
            names = [*(told.get("allowed_origins") or ()), *(told.get("allowed_extensions") or ())]
            found |= {str(one).removeprefix("chrome-extension://").rstrip("/") for one in names}
    return sorted(one for one in found if _CHROMIUM_ID.fullmatch(one) or _GECKO_ID.fullmatch(one))
