"""An address that an attack names and that nobody may call: a socket that listens, and counts who comes."""

import socket
import threading
from types import TracebackType


class Bait:
    """Listens on a free port. The parties under attack may call its origin, so that only their own sense keeps them off."""

    def __init__(self) -> None:
        """Listen from now on."""
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://localhost:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Bait":
        """Begin to count."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            line.close()
