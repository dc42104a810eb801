"""The smallest application: it answers with the id of the process it runs in."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any


def who() -> Callable[..., Iterable[bytes]]:
    """Return the application; ``/slowly`` takes one second."""
    return _answer


def nobody() -> Callable[..., Iterable[bytes]]:
    """Fail to make an application, as with a key file that cannot be read."""
    raise PermissionError("no key for nobody")


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/slowly":
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
