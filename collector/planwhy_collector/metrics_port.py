"""The metrics on an address of their own, apart from the port for everybody. In: GETs. Out: Prometheus' text.

Several server processes listen on it together where the system allows that; each answers for all.
"""

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from planwhy_collector.condition import PROMETHEUS

PATIENCE_S = 10


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    allow_reuse_port = sys.platform != "win32"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked has gone."""


def listen(address: str, metrics: Callable[[], bytes]) -> None:
    """Serve the metrics on `host:port` in the background of this process. Raises OSError where that is taken."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = type("Server", (_Server,), {"address_family": family})((host, int(port)), _handler(metrics))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def _handler(metrics: Callable[[], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE_S

        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/metrics"
            content = metrics() if found else b"there is only /metrics\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", PROMETHEUS if found else "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_arguments: object) -> None:
            """Log nothing: it is asked every few seconds."""

    return Handler
