"""``tachiyori-node``: what an operator types, with a help in Japanese and English that a stranger can work from."""

import os
import sys

from federation.terminal import run
from node.commands import (
    agreements,
    audit,
    boundaries,
    carrying,
    disaster,
    keys,
    leaving,
    people,
    restored,
    running,
    status,
    towns,
)
from node.commands.root import cli

__all__ = [
    "agreements",
    "audit",
    "boundaries",
    "carrying",
    "cli",
    "disaster",
    "keys",
    "leaving",
    "main",
    "people",
    "restored",
    "running",
    "status",
    "towns",
]


def main() -> None:
    """Run the command of the process's arguments."""
    run(cli, sys.argv[1:], os.environ)
