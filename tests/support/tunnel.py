"""A proxy and a collector behind TLS, for tests of the way between them: real sockets, real certificates."""

import base64
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection

import trustme


@dataclass
class Tunnels:
    """What a proxy was asked for. `login` is what it wants, empty for nothing."""

    port: int = 0
    login: str = ""
    asked: list[str] = field(default_factory=list)
    seen: bytes = b""


@contextlib.contextmanager
def proxy(login: str = "") -> Iterator[Tunnels]:
    """Serve CONNECT on a loopback port; every tunnel leads to the port of this machine that it names."""
    told = Tunnels(login=login)

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            told.asked.append(self.path)
            wanted = f"Basic {base64.b64encode(told.login.encode()).decode()}"
            if told.login and self.headers.get("Proxy-Authorization") != wanted:
                self.send_error(407)
                return
            self.send_response(200)
            self.end_headers()
            with create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as far:
                back = threading.Thread(target=_pump, args=(far, self.connection))
                back.start()
                while data := self.connection.recv(65_536):
                    told.seen += data
                    far.sendall(data)
                back.join(5)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Proxy)) as told.port:
        yield told


@contextlib.contextmanager
def secure_collector(folder: Path, name: str = "localhost") -> Iterator[tuple[str, Path]]:
    """Answer every GET over TLS; gives its address and the file of the authority that vouches for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with _served(server) as port:
        yield f"https://{name}:{port}", folder / "ca.pem"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _served(server: ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pump(source, sink) -> None:  # type: ignore[no-untyped-def]  # two sockets
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
