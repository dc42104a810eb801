"""Sessions that end: our own at the provider (RP-Initiated Logout 1.0), the provider's at ours (Back-Channel Logout 1.0)."""

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from federation import replay
from federation.claims import Claims
from federation.errors import TokenRefused
from federation.tokens import UPSTREAM_LOGOUT_TOKEN, peek
from node.models.staff import OutsideAccount
from node.people.upstream.idp import Idp


def onward(idp: Idp, landing: str) -> str:
    """Return where a browser goes after signing out here, empty where the provider has no such place.

    The provider knows us by ``client_id``: an ID token for the hint would have to be kept, and would tell of a person.
    """
    endpoint = idp.metadata().end_session_endpoint
    if not endpoint:
        return ""
    query = urlencode({"client_id": idp.settings.client_id, "post_logout_redirect_uri": landing})
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"


def verified(idp: Idp, token: str, now: datetime) -> Claims:
    """Return the claims of a logout token; raise ``TokenRefused``, ``UpstreamDown`` or ``UpstreamWrong``."""
    keys = idp.keys_for(peek(token).header.get("kid"))
    settings = idp.settings
    return UPSTREAM_LOGOUT_TOKEN.verify(token, keys, now=now, issuer=settings.issuer, audience=settings.client_id)


def person_of(db: Session, claims: Claims, *, now: datetime) -> int:
    """Return the staff id of the person a logout token is about, and use the token up.

    Raises ``TokenRefused`` for one that came before, or is about nobody of ours.
    """
    replay.once(db, issuer=f"upstream {claims.issuer}", jti=claims.jti, expires=claims.expires, now=now)
    account = db.get(OutsideAccount, (claims.issuer, claims.subject))
    if account is None:
        raise TokenRefused("a logout token about nobody of ours")
    return account.staff_id
