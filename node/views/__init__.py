"""What comes in by HTTP: one file per audience, handlers that authorise, read, ask the domain once, and answer."""

from typing import cast

from flask import current_app

from node.town import Town

EXTENSION = "tachiyori"
"""The name under which ``node.app`` leaves the town in ``Flask.extensions``."""


def town() -> Town:
    """Return the town that this request is for; needs a request or application context."""
    return cast(Town, current_app.extensions[EXTENSION])
