"""A server between agent and stub that misbehaves on the level of bytes: one behaviour per connection, then none."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[["Talk"], None]


class Talk:
    """One connection: what was asked, the socket, and the way on to the stub."""

    def __init__(self, sock: socket.socket, port: int) -> None:
        self.sock, self._port = sock, port

    def asked(self) -> bytes:
        """The whole request."""
        found = b""
        while b"\r\n\r\n" not in found:
            found += self._more()
        head, _, body = found.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            more = self._more()
            found, body = found + more, body + more
        return found

    def passed_on(self) -> bytes:
        """What the stub answers to it, after it has stored what it was sent."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=10) as stub:
            stub.sendall(self.asked())
            answer = b""
            while more := stub.recv(65_536):
                answer += more
                head, _, body = answer.partition(b"\r\n\r\n")
                length = [line.split(b":")[1] for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")]
                if length and len(body) >= int(length[0]):
                    break
            return answer

    def say(self, *pieces: bytes, every_s: float = 0) -> None:
        """Send pieces, with pauses between them."""
        for piece in pieces:
            self.sock.sendall(piece)
            if every_s:
                time.sleep(every_s)

    def reset(self) -> None:
        """End the connection as a broken line does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def _more(self) -> bytes:
        more = self.sock.recv(65_536)
        if not more:
            raise ConnectionError
        return more


class Rogue:
    """Connections come in; `script` says how to treat the next ones."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.script: list[Behaviour] = []
        self.received = b""
        self._port, self._context = port, context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.settimeout(20)
            behaviour = self.script.pop(0) if self.script else honest
            threading.Thread(target=self._treat, args=(sock, behaviour), daemon=True).start()

    def _treat(self, sock: socket.socket, behaviour: Behaviour) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            with sock:
                talk = Talk(sock, self._port)
                if self._context is not None:
                    self.received += talk.asked()
                behaviour(talk)


def honest(talk: Talk) -> None:
    """Pass everything on."""
    talk.say(talk.passed_on())


@contextmanager
def rogue(port: int, context: ssl.SSLContext | None = None) -> Iterator[Rogue]:
    """Such a server before the stub at a port."""
    found = Rogue(port, context)
    try:
        yield found
    finally:
        found.listener.close()
