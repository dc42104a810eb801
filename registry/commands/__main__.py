"""``python -m registry.commands``: the same as ``tachiyori-registry``."""

from registry.commands import main

main()
