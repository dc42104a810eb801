"""``python -m node.commands``: the same as ``tachiyori-node``."""

from node.commands import main

main()
