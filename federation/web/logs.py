"""How every process of an installation writes its log: one line an event, with the town it was done for."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from federation.envelope import legible

_town: ContextVar[str] = ContextVar("town", default="-")
_LONGEST = 8000
_FORMAT = "%(asctime)s %(levelname)s [%(town)s] %(name)s: %(message)s"


def set_up(level: int = logging.INFO) -> None:
    """Write the log to standard error, for the process manager to keep. Lines bear UTC times (``...Z``)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Alembic tells of each plugin it has; what it does is said by our own commands.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def formatter() -> logging.Formatter:
    """Return what writes a record on one line, with the town for which the writing thread works."""
    return _Formatter()


@contextmanager
def speaking_for(town: str) -> Iterator[None]:
    """Mark what is logged inside as done for ``town``: its code, or ``-`` for the installation itself."""
    token = _town.set(town)
    try:
        yield
    finally:
        _town.reset(token)


def town() -> str:
    """Return the code of the town for which this thread works now, or ``-``."""
    return _town.get()


class _Formatter(logging.Formatter):
    """Adds the town, and keeps an event on one line so that nobody forges a second one."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; what would not stay on its line is spelt out, a traceback keeps its own lines."""
        record.town = _town.get()
        record.msg = legible(record.getMessage(), longest=_LONGEST)
        record.args = ()
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name.
        """Write the traceback, each of its lines legible: an exception may quote what somebody sent."""
        written = super().formatException(ei)  # type: ignore[arg-type]  # As logging gives it.
        return "\n".join(legible(line, longest=_LONGEST) for line in written.split("\n"))
