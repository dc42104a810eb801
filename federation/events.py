"""Security events: one party tells another that something has ended (RFC 8417), by pushing a signed token (RFC 8935).

A person's events are those of RISC 1.0 and CAEP 1.0, in the form the Shared Signals Framework 1.0 asks for: one event a
token, its subject in ``sub_id``, neither sub nor exp. What may never change: that a party speaks of its own people alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from federation import entity
from federation.claims import LEEWAY, Claims, moment, pairwise
from federation.envelope import shown
from federation.errors import Forbidden, TokenRefused
from federation.keys import KeyPair, PublicKeys
from federation.peer import Peer
from federation.tokens import EVENT

MEDIA_TYPE = "application/secevent+jwt"
DELIVERY = "urn:ietf:rfc:8935"

ACCOUNT_DISABLED = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
CREDENTIAL_CHANGE = "https://schemas.openid.net/secevent/caep/event-type/credential-change"
OF_PERSONS = frozenset({ACCOUNT_DISABLED, SESSION_REVOKED, CREDENTIAL_CHANGE})
STATUS_CHANGED = "urn:tachiyori:event:status-changed"
"""Our own: the registry's status list has changed. A hint to fetch it, and no more than that."""


@dataclass(frozen=True)
class SecurityEvent:
    """What happened, when, and to whom: a person's pairwise subject, or the address of what has changed.

    ``issuer`` says it and no other party may. ``details`` are the members the event's type defines.
    """

    kind: str
    issuer: str
    subject: str
    at: datetime
    details: Mapping[str, object] = field(default_factory=dict)
    jti: str = ""

    @property
    def name(self) -> str:
        """The last word of the event type, for the log."""
        return self.kind.replace(":", "/").rpartition("/")[2]


def sign(key: KeyPair, event: SecurityEvent, *, audience: str, txn: str, now: datetime) -> str:
    """Sign an event for one recipient. ``txn`` is the same at every attempt to deliver it; the token's own id is not."""
    when = int(event.at.timestamp())
    details = dict(event.details) | ({"event_timestamp": when} if "/caep/" in event.kind else {})
    claims = {
        "iss": event.issuer,
        "aud": audience,
        "txn": txn,
        "toe": when,
        "sub_id": _identified(event.kind, event.issuer, event.subject),
        "events": {event.kind: details},
    }
    return EVENT.sign(key, claims, now=now)


def read(token: str, keys: PublicKeys, *, issuer: str, audience: str, now: datetime) -> SecurityEvent:
    """Verify an event against its issuer's keys; raises ``TokenRefused`` or ``TokenExpired``, after seven days too.

    Raises ``Forbidden`` where a party speaks of what is not its own. Whoever acts on it also asks ``replay.once``, for a day longer than that.
    """
    claims = EVENT.verify(token, keys, now=now, issuer=issuer, audience=audience)
    ((kind, details),) = claims["events"].items()
    if kind not in OF_PERSONS | {STATUS_CHANGED} or not isinstance(details, dict):
        raise TokenRefused(f"nobody here knows the event {shown(kind)}")
    return SecurityEvent(kind, issuer, _subject(claims, kind), _when(claims, details, now), details, claims.jti)


def _identified(kind: str, issuer: str, subject: str) -> dict[str, str]:
    """Name a subject as RFC 9493 does: a person by issuer and name (3.2.3), all else by its address (3.2.7)."""
    if kind in OF_PERSONS:
        return {"format": "iss_sub", "iss": issuer, "sub": subject}
    return {"format": "uri", "uri": subject}


def _subject(claims: Claims, kind: str) -> str:
    """Return whom the event is about: a person of the issuer's own, or the issuer's own status list."""
    named = claims.get("sub_id")
    subject = named.get("sub", named.get("uri")) if isinstance(named, dict) else None
    if not pairwise.is_met_by(subject) and subject != claims.issuer + entity.STATUS:
        raise TokenRefused(f"no subject: {shown(subject)}")
    if named != _identified(kind, claims.issuer, str(subject)):
        raise Forbidden("the subject is not the issuer's own to speak of (SSF 1.0)")
    return str(subject)


def _when(claims: Claims, details: Mapping[str, Any], now: datetime) -> datetime:
    """Return when it happened (RFC 8417, 2.2: toe; CAEP 1.0, 2: event_timestamp), which cannot be still to come."""
    second = claims.get("toe", details.get("event_timestamp", claims["iat"]))
    if type(second) is not int or not 0 <= second <= (now + LEEWAY).timestamp():
        raise TokenRefused(f"it happened at {shown(second)}")
    return moment(second)


def push(peer: Peer, url: str, token: str) -> None:
    """Hand an event to its recipient (RFC 8935, 2); raises as every call of another party does."""
    headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json"}
    peer.transport.send("POST", url, headers=headers, body=token).expect(202)
