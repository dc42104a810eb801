"""Which tests stay together on one worker: those that share real processes, and otherwise those of one file."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/browser/": "browser",
    "tests/federation/web/test_style.py": "browser",
    "tests/corpus/": "corpus",
    "tests/interop/": "processes",
}
"""Each of these groups starts a federation of processes, or a browser, once; a second worker would start it again."""


class Shifts(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types.
    """Hands out groups and files, the largest first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((group for begin, group in TOGETHER.items() if file.startswith(begin)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shifts:
    """Use it wherever tests run in parallel."""
    return Shifts(config, log)
