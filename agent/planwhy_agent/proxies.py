"""Stage 5, the way out: which proxy stands between this machine and the collector.

In: the setting, the collector's address, what the system says. Out: a Proxy, or None for the straight way. Never: a
request that the proxy could read, for only tunnels to https are made; a password in a log.
"""

import base64
import os
import sys
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from planwhy_agent.errors import ConfigError

SYSTEM, NONE = "system", "none"
USUAL_PORT = 8080


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that makes tunnels (HTTP CONNECT). `headers` are for the proxy alone."""

    host: str
    port: int
    headers: dict[str, str]


def proxy_for(setting: str, collector: SplitResult) -> Proxy | None:
    """The proxy on the way to the collector; None where there is none. Raises ConfigError for one that cannot be used.

    `setting` is `system` (environment, on Windows and macOS also the system's own settings), `none`, or an address.
    """
    if collector.scheme != "https" or setting == NONE:
        return None
    address = _of_system(collector) if setting == SYSTEM else setting
    return proxy_at(address) if address else None


def proxy_at(address: str) -> Proxy:
    """Read a proxy's address: `http://proxy.example.com:3128`, with or without scheme, user and port."""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or USUAL_PORT
    except ValueError as error:
        raise ConfigError(f"proxy: {error}") from None
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigError("proxy: expected system, none, or an address such as http://proxy.example.com:3128")
    if parts.username is None:
        return Proxy(parts.hostname, port, {})
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return Proxy(parts.hostname, port, {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"})


def _of_system(collector: SplitResult) -> str:
    """What the system says of https and this host; empty for the straight way."""
    told = any(name.lower() in ("https_proxy", "all_proxy") and value for name, value in os.environ.items())
    if not told and sys.platform not in ("win32", "darwin"):
        return ""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  a megabyte that most machines do not need

    host = collector.hostname or ""
    if proxy_bypass(host if collector.port is None else f"{host}:{collector.port}") or proxy_bypass(host):
        return ""
    known = getproxies()
    return known.get("https") or known.get("all") or ""
