"""``tachiyori-registry``: what the registry's operator types."""

import os
import sys

from federation.terminal import run
from registry.commands import audit, carrying, keys, members, records, restored, running
from registry.commands.root import cli

__all__ = ["audit", "carrying", "cli", "keys", "main", "members", "records", "restored", "running"]


def main() -> None:
    """Run the command of the process's arguments."""
    run(cli, sys.argv[1:], os.environ)
