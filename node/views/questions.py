"""Questions to passkeys: each is bound to one browser's session, good for some minutes, and answered once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import session

from federation import replay
from federation.errors import PasskeyRefused, TokenReplayed
from node.people import passkeys
from node.views import town

LASTS = timedelta(minutes=10)
_ASKED = "asked"


def ask() -> str:
    """Return a new challenge, and remember it in the session; one that was asked before is forgotten."""
    challenge = passkeys.challenge()
    until = int((town().clock() + LASTS).timestamp())
    session[_ASKED] = {"challenge": challenge, "until": until}
    return challenge


def answered() -> str:
    """Return the challenge this session was asked, and use it up; raise ``PasskeyRefused`` where there is none.

    The cookie alone would not do: an older copy of it holds the challenge still.
    """
    asked = session.pop(_ASKED, None)
    if not isinstance(asked, Mapping):
        raise PasskeyRefused("nothing was asked")
    now, until = town().clock(), datetime.fromtimestamp(int(asked["until"]), UTC)
    if now >= until:
        raise PasskeyRefused("asked too long ago")
    challenge = str(asked["challenge"])
    try:
        with town().storage.transaction(write=True) as db:
            replay.once(db, issuer="passkey challenge", jti=challenge, expires=until, now=now)
    except TokenReplayed:
        raise PasskeyRefused("answered before") from None
    return challenge
