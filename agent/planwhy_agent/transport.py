"""Stage 5, HTTP: one request to the collector, one answer, both bounded in time and size.

In: an address, a path, a body. Out: an Answer. Never: a followed redirect, an unverified certificate, an endless
body, or a request without TLS to another machine unless the settings permit it.

The standard library's client is used as it is: it follows nothing, decompresses nothing, retries nothing, and costs
a quarter of the memory of the usual choice.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from planwhy_agent import __version__, proxies
from planwhy_agent.errors import ConfigError, Unreachable
from planwhy_agent.system import clock

ANSWER_BYTES = 1 << 20
"""The longest answer that is read."""
TOTAL_S = 60.0
"""How long one request may take in all; an answer that trickles is cut off."""
SILENCE_S = 20.0
"""How long the other side may be silent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `server_ms` is the collector's clock at `mono_ms` of ours; None where it did not say."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    server_ms: int | None
    mono_ms: int


class Transport:
    """The way to one collector. Not to be shared between threads."""

    def __init__(
        self, url: str, token: str = "", ca_file: str = "", allow_http: bool = False, proxy: str = proxies.SYSTEM
    ) -> None:
        """Raises ConfigError for an address, a certificate file or a proxy that cannot be used."""
        self._parts = checked_address(url, allow_http)
        self._token = token
        self._context = trusting(ca_file) if self._parts.scheme == "https" else None
        self._proxy = proxies.proxy_for(proxy, self._parts)

    def get(self, path: str, headers: Mapping[str, str] | None = None, total_s: float = TOTAL_S) -> Answer:
        """Ask for something. Raises Unreachable."""
        return self._request("GET", path, None, headers or {}, total_s)

    def post(self, path: str, body: bytes, headers: Mapping[str, str], total_s: float = TOTAL_S) -> Answer:
        """Send something. Raises Unreachable; then nobody knows whether it arrived."""
        return self._request("POST", path, body, headers, total_s)

    def _request(self, verb: str, path: str, body: bytes | None, headers: Mapping[str, str], total_s: float) -> Answer:
        connection = self._connection(min(SILENCE_S, total_s))
        watch: threading.Timer | None = None
        try:
            connection.connect()
            watch = threading.Timer(total_s, _cut, [connection.sock])
            watch.daemon = True
            watch.start()
            sent_ms = clock.mono_ms()
            connection.request(verb, f"{self._parts.path.rstrip('/')}{path}", body, self._headers(headers))
            with connection.getresponse() as response:
                return _answer(response, (sent_ms + clock.mono_ms()) // 2)
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(f"{type(error).__name__}: {_reason(error)}") from None
        finally:
            if watch is not None:
                watch.cancel()
            connection.close()

    def _connection(self, timeout: float) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._context is not None and self._proxy is not None:
            tunnel = HTTPSConnection(self._proxy.host, self._proxy.port, timeout=timeout, context=self._context)
            tunnel.set_tunnel(host, port or 443, self._proxy.headers)
            return tunnel
        if self._context is not None:
            return HTTPSConnection(host, port, timeout=timeout, context=self._context)
        return HTTPConnection(host, port, timeout=timeout)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        headers = {
            "User-Agent": f"planwhy-agent/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **more,
        }
        return headers | ({"Authorization": f"Bearer {self._token}"} if self._token else {})


def checked_address(url: str, allow_http: bool) -> SplitResult:
    """Split an address. Raises ConfigError unless it is https, or http to this machine or by permission."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"url: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ConfigError("url: expected an address such as https://planwhy.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError("url: expected an address without user name, query and fragment")
    if parts.scheme == "http" and not allow_http and not _own_machine(parts.hostname):
        raise ConfigError("url: http:// is refused for another machine; use https:// or set allow_http")
    return parts


def _own_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def trusting(ca_file: str) -> ssl.SSLContext:
    """The certificates to trust. Raises ConfigError for a file that cannot be used."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"ca_file: {ca_file}: {error}") from None


def _cut(sock: socket.socket) -> None:
    """End a request that takes too long, whatever it is waiting for."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _answer(response: HTTPResponse, mono_ms: int) -> Answer:
    body = response.read(ANSWER_BYTES + 1)
    if len(body) > ANSWER_BYTES:
        raise HTTPException(f"an answer longer than {ANSWER_BYTES} bytes")
    if response.length:
        raise HTTPException("the answer was cut off")
    headers = {k.lower(): v for k, v in response.getheaders()}
    return Answer(response.status, headers, body, _date_ms(headers.get("date")), mono_ms)


def _date_ms(text: str | None) -> int | None:
    """Read a Date header; it is cut to whole seconds, so half a second is added."""
    try:
        return int(parsedate_to_datetime(text).timestamp() * 1000) + 500 if text else None
    except (TypeError, ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (isinstance(error, OSError) and error.strerror) or str(error)[:200]
