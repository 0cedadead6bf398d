"""What native hosts and extensions say to the agent, message by message.

In: JSON. Out: structs, and from them tabs and sites with clean texts. Never: an address with a query, a fragment or
credentials, whoever sent it; a text longer than the wire takes. Pure.
"""

import time
from typing import Annotated
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec
from msgspec import Meta
from planwhy_shared import limits

from planwhy_agent.sources.base import OPEN_AT_MOST, Tab
from planwhy_agent.sources.texts import clean

BEGINNING = 32
"""By so many of its first characters a part of an address is known in a title that was cut off."""
Host = Annotated[str, Meta(pattern=r"\A(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])\Z")]
"""A host as browsers write it: lower case, Punycode, no port."""


class HostMessage(msgspec.Struct, tag_field="type", tag="host"):
    """The native host's first words: the browser's process, and messages dropped while the agent was away."""

    browser_pid: int
    dropped: int = 0


class FloodMessage(msgspec.Struct, tag_field="type", tag="flood"):
    """The native host's last words: the extension sent too much and is not listened to for a while."""


class HelloMessage(msgspec.Struct, tag_field="type", tag="hello"):
    """The extension's first words."""

    seq: int
    browser: str


class TabMessage(msgspec.Struct, tag_field="type", tag="tab"):
    """The tab in the focused ordinary window; `url` is None where it is no web page."""

    seq: int
    url: str | None
    title: str

    def tab(self, before: Tab | None) -> Tab:
        """The tab told of; the same page told again is the tab before."""
        return tab_told(self.url, self.title, before)


class BlurMessage(msgspec.Struct, tag_field="type", tag="blur"):
    """No ordinary window of this browser has the focus."""

    seq: int

    def tab(self, _before: Tab | None) -> None:
        """None."""


class OpenMessage(msgspec.Struct, tag_field="type", tag="open"):
    """The hosts that ordinary tabs show now, each with its number of tabs; all of them, those told before are gone."""

    seq: int
    sites: Annotated[list[tuple[Host, Annotated[int, Meta(ge=1, le=100_000)]]], Meta(max_length=OPEN_AT_MOST)]


Numbered = HelloMessage | TabMessage | BlurMessage | OpenMessage
Message = HostMessage | FloodMessage | Numbered


def tab_told(url: str | None, title: str, before: Tab | None) -> Tab:
    """Make the tab that was told of; the same page told again is the tab before."""
    address, text = cut_address(url), clean(title, limits.TITLE_CHARS) or None
    if before is not None and (before.url, before.title) == (address, text):
        return before
    return Tab(address, text, private=False, since_ms=time.time_ns() // 1_000_000)


def cut_address(url: str | None) -> str | None:
    """Keep of a web address scheme, host, port and path; only the host where that is too long. None for all others."""
    if url is None or not url.startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(clean(url[: 2 * limits.URL_CHARS].partition("#")[0].partition("?")[0], 2 * limits.URL_CHARS))
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if not host or " " in host:
        return None
    whole = f"{parts.scheme}://{host}{parts.path or '/'}"
    short = whole if len(whole) <= limits.URL_CHARS else f"{parts.scheme}://{host}/"
    return short if len(short) <= limits.URL_CHARS else None


def cut_title(title: str, url: str) -> str:
    """Leave out of a title what does not belong there either: a page without a title shows its address as one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return title
    for part in _secret_parts(parts):
        for form in (part, unquote(part)):
            title = _without(title, form) if len(form) > 1 else title
    return title


def _without(title: str, part: str) -> str:
    """Leave a part out, and where only its beginning fitted into the title, all that follows."""
    left = title.replace(part, "")
    return left if len(part) <= BEGINNING else left.partition(part[:BEGINNING])[0]


def _secret_parts(parts: SplitResult) -> tuple[str, ...]:
    """Query, fragment and credentials as they stand in an address."""
    query, fragment = f"?{parts.query}", f"#{parts.fragment}"
    login = f"{parts.netloc.rpartition('@')[0]}@"
    return (query + fragment, query, fragment, login)
