"""A way to an engine that a test can close and open, as no test may do it with the engine itself."""

import contextlib
import socket
import threading
from pathlib import Path


class Gate:
    """Leads to the engine while it is open: a socket, or a port of 127.0.0.1."""

    def __init__(self, address: Path | int, engine: str) -> None:
        self.address, self.engine = address, engine
        self.open()

    def open(self) -> None:
        self.connections: list[socket.socket] = []
        self.listener = self._listening()
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _listening(self) -> socket.socket:
        if isinstance(self.address, int):
            return socket.create_server(("127.0.0.1", self.address), backlog=64)
        self.address.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.address))
        listener.listen(64)
        return listener

    def close(self) -> None:
        for one in (self.listener, *self.connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        if isinstance(self.address, Path):
            self.address.unlink(missing_ok=True)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.engine)
            self.connections += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
