"""Signing what is sent, by Standard Webhooks 1.0: HMAC-SHA256 over ``id.timestamp.body``, with a secret for each receiver."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32
"""Of a secret; the specification asks for 24 to 64."""


def new_secret() -> str:
    """Return a new secret as the specification writes it: base64 behind ``whsec_``."""
    return PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret."""
    return b64decode(secret.removeprefix(PREFIX))


def headers(keys: Sequence[str], message_id: str, body: str, *, now: datetime) -> Mapping[str, str]:
    """Return the three headers of a message, with a signature by each secret; whoever knows one of them can verify it.

    ``message_id`` is the same at every attempt, ``now`` is the attempt's own.
    """
    stamp = str(int(now.timestamp()))
    said = f"{message_id}.{stamp}.{body}".encode()
    marks = (hmac.new(key_of(secret), said, hashlib.sha256).digest() for secret in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{b64encode(mark).decode('ascii')}" for mark in marks),
    }
