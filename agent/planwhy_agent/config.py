"""Settings: environment `PLANWHY_AGENT_*` over `planwhy-agent.toml` over defaults. An unknown key stops the start.

In: an environment mapping. Out: one frozen Settings. Never: the device token, which `identity` keeps.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import platformdirs
from msgspec import Meta, Struct

from planwhy_agent.errors import ConfigError

PREFIX = "PLANWHY_AGENT_"
_IDS = r"\A(\s*([a-p]{32}|[\w.+-]*@[\w.+-]+|\{[0-9a-fA-F-]{36}\})\s*(,|\Z))*\Z"
FILE_NAME = "planwhy-agent.toml"


def _default_data_dir() -> str:
    return platformdirs.user_data_dir("planwhy-agent", appauthor=False)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of the agent. What to record is not among them: that is the collector's policy.

    `idle_after_s` and `upload_interval_s` of 0 mean: as the policy says. `allow_http` permits an address without
    TLS that is not this machine's own.
    """

    data_dir: str = msgspec.field(default_factory=_default_data_dir)
    runtime_dir: str = ""
    url: str = ""
    ca_file: str = ""
    allow_http: bool = False
    proxy: str = "system"
    keyring: bool = True
    tray: bool = True
    idle_after_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    upload_interval_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    extension_ids: Annotated[str, Meta(pattern=_IDS)] = ""
    activitywatch: bool = False
    activitywatch_ids: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,64}(,[a-z0-9-]{1,64})*\Z")] = (
        "nglaklhklhcoonedhgnpgddginnjdadi,firefox"
    )
    quota_mb: Annotated[int, Meta(ge=10, le=100_000)] = 500
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"

    @property
    def own_extensions(self) -> tuple[str, ...]:
        """The ids of `extension_ids`."""
        return tuple(one.strip() for one in self.extension_ids.split(",") if one.strip())

    @property
    def data(self) -> Path:
        """Where spool, identity and policy live."""
        return Path(self.data_dir).expanduser()

    @property
    def lock(self) -> Path:
        """The file that the running agent holds locked."""
        return self.data / "agent.lock"

    @property
    def runtime(self) -> Path:
        """Where sockets and the status of the running agent live; gone after a restart of the machine."""
        return Path(self.runtime_dir).expanduser() if self.runtime_dir else _runtime_dir(self.data)


DESCRIBED: Mapping[str, str] = {
    "data_dir": "where spool, identity and policy live",
    "runtime_dir": "where sockets and the status of the running agent live",
    "url": "the collector's address, when `enrol --url` does not give it",
    "ca_file": "certificates (PEM) to trust instead of the system's",
    "allow_http": "permit an address without TLS that is not this machine's own",
    "proxy": "the proxy to the collector: system, none, or an address such as http://proxy.example.com:3128",
    "keyring": "keep the token in the system's secret store where there is one",
    "tray": "show an icon in the desktop's tray, and notifications, where the desktop has them",
    "idle_after_s": "seconds without input that count as idle; 0: as the policy says",
    "upload_interval_s": "seconds between uploads; 0: as the policy says",
    "extension_ids": "ids of browser extensions that may speak to the agent besides the published one, comma-separated",
    "activitywatch": "take the tab from ActivityWatch's own browser extension too, on 127.0.0.1:5600",
    "activitywatch_ids": "who may do so: ids in Chromium, ids of installations in Firefox, `firefox` for all of these",
    "quota_mb": "how much disk unsent spans may take",
    "log_level": "debug, info, warning or error",
}
"""Each setting in words, for the documentation and for `doctor`."""


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings in force. Raises ConfigError that names the key and what was expected."""
    values: dict[str, Any] = {}
    path = config_path(environment)
    if path is not None:
        values.update(_from_file(path))
    values.update(_from_environment(environment))
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"settings: {error}") from None


def config_path(environment: Mapping[str, str]) -> Path | None:
    """The file named by PLANWHY_AGENT_CONFIG, else the one in the user's configuration folder, if it is there."""
    if named := environment.get(f"{PREFIX}CONFIG"):
        return Path(named)
    usual = Path(platformdirs.user_config_dir("planwhy-agent", appauthor=False)) / FILE_NAME
    return usual if usual.is_file() else None


def _runtime_dir(data: Path) -> Path:
    if sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        return data / "run"  # what stands in for it elsewhere is a folder in /tmp, which others may have made
    try:
        return Path(platformdirs.user_runtime_dir("planwhy-agent", appauthor=False, ensure_exists=True))
    except OSError:
        return data / "run"


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in environment.items():
        name = key.removeprefix(PREFIX).lower()
        if not key.startswith(PREFIX) or name == "config":
            continue
        if name not in Settings.__struct_fields__:
            raise ConfigError(f"{key}: there is no such setting")
        values[name] = value
    return values
