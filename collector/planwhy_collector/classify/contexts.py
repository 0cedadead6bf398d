"""Before stage 7: a span's program, address and title become a context, and a context becomes its id.

In: texts as agents sent them. Out: a Context and its 64-bit id. Never: the query or fragment of an address, or
its user name and port, even where an agent failed to cut them.
"""

import hashlib
from urllib.parse import unquote, urlsplit

from planwhy_collector.facts import Context

_BLANK: dict[int, str | None] = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
_BLANK |= {0xFEFF: None, ord("\t"): " ", ord("\n"): " ", ord("\r"): " "}
"""Control characters, invisible ones and bidirectional overrides: they could make a title look like another one."""


def context_of(app: str | None, url: str | None, title: str | None) -> Context:
    """Normalise what was in front. Addresses other than http(s) leave neither host nor path."""
    host, path = _host_and_path(url) if url else (None, None)
    return Context(_clean(app), host, path, _clean(title))


def context_id(key: bytes, context: Context) -> int:
    """Hash a context under the installation's key: a signed 64-bit integer, never 0; 0 for the empty context.

    No database is asked, so that shards and concurrent writers agree by themselves.
    """
    parts = (context.app, context.host, context.path, context.title)
    if not any(parts):
        return 0
    raw = b"\x1f".join(b"\x00" if p is None else p.encode("utf-8", "surrogatepass") for p in parts)
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8, key=key).digest(), "big", signed=True) or 1


def _host_and_path(url: str) -> tuple[str | None, str | None]:
    try:
        parts = urlsplit(url.strip())
        host = _clean(parts.hostname)
    except ValueError:
        return None, None
    if parts.scheme not in ("http", "https") or not host:
        return None, None
    path = _clean(unquote(parts.path, errors="replace"))
    return unicode_host(host.rstrip(".")), None if path in (None, "/") else path


def unicode_host(host: str) -> str:
    """A host with its `xn--` parts as letters; unchanged where they are none."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    return text.translate(_BLANK).encode("utf-8", "replace").decode().strip() or None
