"""What a receiver is told, as JSON: where and when, and of which town. Never who; a booking goes by a pseudonym."""

import hashlib
import hmac
import json
from base64 import b32encode
from collections.abc import Mapping, Sequence
from typing import Any

from node.config import Config
from node.webhooks import signing

MOST_PLACES = 50
"""So many places of one booking are told; a message stays far below 20 kB."""


def pseudonym(secret: str, booking: str) -> str:
    """Return what a booking is called to one receiver: always the same there, and another word everywhere else."""
    mark = hmac.new(signing.key_of(secret), f"booking|{booking}".encode(), hashlib.sha256).digest()
    return b32encode(mark[:15]).decode("ascii").lower()


def message(kept: Mapping[str, Any], config: Config, *, secret: str) -> str:
    """Return the body for what the outbox kept of a happening (``node.webhooks.promising``)."""
    data = {
        "booking": pseudonym(secret, str(kept["booking"])),
        "state": kept["state"],
        "cause": kept["cause"],
        "places": [dict(spot) for spot in kept["spots"][:MOST_PLACES]],
        "count": len(kept["spots"]),
        "host": party(kept["host"], config),
        "home": party(kept["home"], config),
    }
    return _text(str(kept["kind"]), str(kept["at"]), data)


def trial(kind: str, at: str, config: Config) -> str:
    """Return the body that the trial button sends."""
    return _text(kind, at, {"town": party(None, config)})


def party(kept: Mapping[str, str] | None, config: Config) -> Mapping[str, str]:
    """Return a town by code and name; what was kept of this town itself is nothing."""
    return kept or {"code": config.code, "name": config.name}


def _text(kind: str, at: str, data: Mapping[str, object]) -> str:
    members: Sequence[tuple[str, object]] = (("type", kind), ("timestamp", at), ("data", data))
    return json.dumps(dict(members), ensure_ascii=False, separators=(",", ":"))
