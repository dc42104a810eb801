"""What the registry answers, one file for each audience."""

from typing import cast

from flask import current_app

from registry.bureau import Bureau


def bureau() -> Bureau:
    """Return the registry that the present request is for."""
    return cast(Bureau, current_app.extensions["tachiyori"])
