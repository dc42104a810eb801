"""A lock that is handed on in the order in which it was asked for."""

import threading
from collections import deque


class Turns:
    """For those who must never be passed by others without end.

    ``threading.Lock`` makes no such promise: a thread that lets go and asks again at once usually has it again, and under
    load somebody waits until their patience ends.
    """

    def __init__(self) -> None:
        """Nobody has the turn."""
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def acquire(self, timeout: float) -> bool:
        """Wait for one's turn, at most ``timeout`` seconds; say whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(timeout):
            return True
        with self._guard:
            # It may have been called between the end of the waiting and here.
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def release(self) -> None:
        """Call the one who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
