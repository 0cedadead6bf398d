"""A web site whose pages behave oddly, on a loopback port.

with odd_site() as site:
    browser.open(f"{site}/redirect?n=3&token=secret")   # redirects three times, then shows "Landed"
    browser.open(f"{site}/endless")                     # never finishes loading
    browser.open(f"{site}/again")                       # the same, and begins anew every 700 ms
    browser.open(f"{site}/spinner")                     # changes its title a hundred times a second
    browser.open(f"{site}/cut")                         # closes the connection: the browser's own error page
    browser.open(f"{site}/report.pdf")                  # a PDF
    browser.open(f"{site}/title/big")                   # a title of TITLES
"""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

SPINNER = """<title>0</title><script>let n = 0; setInterval(() => document.title = `turn ${++n}`, 10)</script>"""
HISTORY = "<title>first</title><p>A page that changes its address by itself"
TITLES = {
    "big": b"x" * (1 << 20),
    "bytes": b"caf\xe9 \xff\xfe \xed\xa0\x80",
    "controls": b"a&#1;b&#27;[31mc&#10;d&#8;",
    "turned": "safe\u202egnp.exe\u2066\u200b".encode(),
    "surrogate": b"set by script",
}
SURROGATE = b"<script>document.title = 'a\\ud800b'</script>"
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@contextlib.contextmanager
def odd_site() -> Iterator[str]:
    """Serve the pages; gives the address without a slash at the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _OddPages)
    server.daemon_threads, server.ending = True, threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _OddPages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        first = parts.path.split("/")[1]
        getattr(self, f"_{first.partition('.')[0]}", self._page)(parts.path, parse_qs(parts.query))

    def _page(self, path: str, _query: dict[str, list[str]]) -> None:
        self._send(f"<title>Page {path}</title>".encode())

    def _redirect(self, _path: str, query: dict[str, list[str]]) -> None:
        left = int(query["n"][0])
        self.send_response(302)
        self.send_header("Location", f"/redirect?n={left - 1}&token=secret" if left > 1 else "/landed?token=secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _endless(self, _path: str, _query: dict[str, list[str]]) -> None:
        self._send(b"<title>Endless</title><p>more comes", length=1 << 30)
        self.server.ending.wait(60)

    def _again(self, _path: str, _query: dict[str, list[str]]) -> None:
        self._send(b"<title>Again</title><script>setTimeout(() => location.reload(), 700)</script>", length=1 << 30)
        self.server.ending.wait(3)

    def _spinner(self, _path: str, _query: dict[str, list[str]]) -> None:
        self._send(SPINNER.encode())

    def _history(self, _path: str, _query: dict[str, list[str]]) -> None:
        self._send(HISTORY.encode())

    def _cut(self, _path: str, _query: dict[str, list[str]]) -> None:
        self.close_connection = True

    def _report(self, _path: str, _query: dict[str, list[str]]) -> None:
        self._send(PDF, kind="application/pdf")

    def _title(self, path: str, _query: dict[str, list[str]]) -> None:
        name = path.rpartition("/")[2]
        self._send(b"<title>" + TITLES[name] + b"</title>" + (SURROGATE if name == "surrogate" else b""))

    def _send(self, body: bytes, kind: str = "text/html; charset=utf-8", length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
