"""The nonce a running server wants in a proof; it tells anybody who asks its token endpoint for anything."""

import time
from functools import lru_cache

import requests


def nonce_of(origin: str) -> str:
    """Return a nonce of the server at ``origin`` that is good for another minute at least."""
    return _asked(origin, int(time.time() // 30))


def forget() -> None:
    """Ask anew the next time: a server was started again, perhaps by another clock."""
    _asked.cache_clear()


@lru_cache(maxsize=8)
def _asked(origin: str, _while: int) -> str:
    return requests.post(f"{origin}/oauth/token", timeout=30).headers["DPoP-Nonce"]
