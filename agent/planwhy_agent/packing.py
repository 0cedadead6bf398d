"""Everything that brings the extension to many machines: packages, update manifest, policies, native host.

In: a key, and the address at which browsers find the packages. Out: one folder whose subfolder `linux` mirrors where
the files belong, and `windows` with files for the registry. Never: a change of this machine, the private key among
the files that are handed out.
"""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import quoteattr

from planwhy_agent import crx
from planwhy_agent.errors import ExtensionKeyRefused
from planwhy_agent.files import write_whole
from planwhy_agent.sources.callers import described, machine_manifests
from planwhy_agent.sources.extension import GECKO_ID, HOST_NAME, extension_dir

ADDRESS = "file:///opt/planwhy/extension"
LAUNCHER = PurePosixPath("/opt/planwhy/native-host")
_POLICIES = {
    "chromium": ("etc/chromium", "Chromium"),
    "chrome": ("etc/opt/chrome", "Google\\Chrome"),
    "edge": ("etc/opt/edge", "Microsoft\\Edge"),
    "yandex": ("etc/opt/yandex/browser", "YandexBrowser"),
}
"""By browser: the folder of its policies on Linux, and their key in the registry below SOFTWARE\\Policies."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: the id in Chromium and its relatives, the id in Firefox, whether the key is new, the files."""

    id: str
    gecko_id: str
    new_key: bool
    files: tuple[str, ...]


def pack(folder: Path, key_file: Path, address: str = ADDRESS, agent: str = "planwhy-agent") -> Packed:
    """Write everything into the folder; a key file that is not there is made, readable by its owner only.

    `address` is a `file://` or `https://` folder that browsers will read the packages from, `agent` the command that
    starts the agent on the target machines. Raises ExtensionKeyRefused, OSError.
    """
    if folder.resolve() in key_file.resolve().parents:
        raise ExtensionKeyRefused("the key must not lie in the folder that is handed out")
    new = not key_file.exists()
    if new:
        write_whole(key_file, crx.new_key())
    key = crx.read_key(key_file.read_bytes())
    found = crx.id_of(crx.public_key(key))
    packages = {"planwhy.crx": crx.crx(extension_dir(), key), "planwhy.xpi": crx.xpi(extension_dir())}
    packages["updates.xml"] = _updates(found, address.rstrip("/"), crx.version_of(extension_dir())).encode()
    files = _placed(packages, address) | _policies(found, address.rstrip("/")) | _native_hosts(found, agent)
    for name, content in files.items():
        _write(folder / name, content, executable=name == f"linux{LAUNCHER}")
    return Packed(found, GECKO_ID, new, tuple(sorted(files)))


def _placed(packages: dict[str, bytes], address: str) -> dict[str, bytes]:
    """The packages, and where the address is a folder of the target machines, there too."""
    parts = urlsplit(address)
    where = f"linux{unquote(parts.path).rstrip('/')}/" if parts.scheme == "file" and not parts.netloc else ""
    copies = {f"{where}{name}": content for name, content in packages.items()} if where else {}
    return packages | copies


def _updates(found: str, address: str, version: str) -> str:
    """The update manifest that browsers read to find the package."""
    package = quoteattr(f"{address}/planwhy.crx")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gupdate xmlns="http://www.google.com/update2/response" protocol="2.0">\n'
        f'  <app appid="{found}"><updatecheck codebase={package} version="{version}"/></app>\n'
        "</gupdate>\n"
    )


def _policies(found: str, address: str) -> dict[str, bytes]:
    """Policies that install the extension and keep it installed, for each browser."""
    updates = f"{address}/updates.xml"
    settings = {"installation_mode": "force_installed", "update_url": updates}
    policy = {"ExtensionSettings": {found: settings}, "NativeMessagingAllowlist": [HOST_NAME]}
    out = {"linux/etc/firefox/policies/policies.json": _json({"policies": _firefox(address)})}
    for browser, (folder, key) in _POLICIES.items():
        out[f"linux/{folder}/policies/managed/planwhy.json"] = _json(policy)
        out[f"windows/{browser}.reg"] = _registry(key, f"{found};{updates}")
    return out


def _firefox(address: str) -> dict[str, object]:
    """Firefox takes an unsigned package only where its makers allow that: ESR and developer builds."""
    settings = {"installation_mode": "force_installed", "install_url": f"{address}/planwhy.xpi"}
    unsigned = {"Value": False, "Status": "locked"}
    return {
        "ExtensionSettings": {GECKO_ID: settings},
        "Preferences": {"xpinstall.signatures.required": unsigned},
    }


def _registry(key: str, value: str) -> bytes:
    """A file for the registry, in the encoding that its editor writes."""
    lists = {"ExtensionInstallForcelist": value, "NativeMessagingAllowlist": HOST_NAME}
    root = f"HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\{key}"
    blocks = [f'[{root}\\{name}]\r\n"71"="{one}"\r\n' for name, one in lists.items()]
    return "\r\n".join(["Windows Registry Editor Version 5.00\r\n", *blocks]).encode("utf-16")


def _native_hosts(found: str, agent: str) -> dict[str, bytes]:
    """The native host for all users of a machine: it finds each user's agent by that user's own settings."""
    out = {f"linux{LAUNCHER}": f"#!/bin/sh\nexec {agent} native-host --of-user\n".encode()}
    for path, caller in machine_manifests(HOST_NAME, [found, GECKO_ID]):
        out[f"linux{path}"] = _json(described(HOST_NAME, str(LAUNCHER), caller))
    return out


def _json(content: object) -> bytes:
    return f"{json.dumps(content, indent=1)}\n".encode()


def _write(path: Path, content: bytes, executable: bool) -> None:
    """Write a file that everybody may read, in folders that everybody may enter."""
    made = [one for one in (path.parent, *path.parent.parents) if not one.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in made:
        one.chmod(0o755)
    path.write_bytes(content)
    path.chmod(0o755 if executable else 0o644)
