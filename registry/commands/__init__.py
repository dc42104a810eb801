"""``tachiyori-registry``: what the registry's operator types."""

import os
import sys

from federation.terminal import run
from registry.commands import keys, members, records, running
from registry.commands.root import cli

__all__ = ["cli", "keys", "main", "members", "records", "running"]


def main() -> None:
    """Run the command of the process's arguments."""
    run(cli, sys.argv[1:], os.environ)
