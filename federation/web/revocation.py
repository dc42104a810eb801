"""Tokens that end before their time (RFC 7009): remembered by ``jti`` until they would have ended anyway.

The mark stands in the storage that all workers share, in the same table as used tokens, and is purged with them.
"""

import contextlib
from datetime import datetime

from sqlalchemy.orm import Session

from federation import replay
from federation.claims import Claims
from federation.errors import TokenRefused, TokenReplayed
from federation.keys import PublicKeys
from federation.tokens import NODE_TOKEN, PERSON_TOKEN, USERINFO_TOKEN

_REVOKED = "revoked"


def revoke(db: Session, jti: str, *, expires: datetime, now: datetime) -> None:
    """End the token ``jti`` of our own making; ending it again changes nothing."""
    with contextlib.suppress(TokenReplayed):
        replay.once(db, issuer=_REVOKED, jti=jti, expires=expires, now=now)


def is_revoked(claims: Claims, db: Session) -> bool:
    """Say whether a token has been revoked."""
    return replay.was_used(db, issuer=_REVOKED, jti=claims.jti)


def own_token(token: str, keys: PublicKeys, *, entity_id: str, now: datetime) -> Claims | None:
    """Return the claims of an access token we issued that still lives, of whichever kind; None for anything else."""
    for kind in (NODE_TOKEN, PERSON_TOKEN, USERINFO_TOKEN):
        with contextlib.suppress(TokenRefused):
            return kind.verify(token, keys, now=now, issuer=entity_id, audience=entity_id)
    return None
