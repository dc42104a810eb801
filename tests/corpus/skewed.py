"""A node whose clock is wrong: what ``serve`` runs in each worker, with the time of day shifted before anything reads it.

Only tests start it, as ``python -m tests.corpus.skewed``; the products know no such setting.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from federation import clock

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SKEW = "TACHIYORI_TEST_SKEW"


def _shifted() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=int(os.environ[SKEW]))


if SKEW in os.environ:
    clock.now = _shifted


def application() -> "WSGIApplication":
    """Return the towns of the environment, by the wrong clock."""
    from node.hosting import application as hosted  # noqa: PLC0415 - after the clock is wrong.

    return hosted()


if __name__ == "__main__":
    from node.commands import main, running

    running.TARGET = f"tests.corpus.skewed:{application.__name__}"
    main()
