"""Other towns' people signing in at this host with their home as OpenID Provider: the relying party's side.

A sign-in belongs to the browser that began it and to the one home it began with. The answer counts only with that
browser's state and that home's ``iss`` (RFC 9207, 2.4), an error's too; the ID token only under the keys that the registry
attests. What results is short, and reaches the visitor's own bookings at this host and nothing else.
"""

import hashlib
import hmac
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from federation import municipality, replay
from federation.envelope import shown
from federation.errors import (
    NoProvider,
    NotFound,
    TachiyoriError,
    TokenRefused,
    TokenReplayed,
    TooManyVisits,
    VisitDeclined,
    VisitOver,
    VisitRefused,
)
from federation.jwk import to_base64url
from federation.members import Member, Members
from federation.relying import PROVIDER, Redeemed, RemoteProvider
from federation.tokens import ID_TOKEN, Claims, half_hash, peek
from federation.trust import VerifiedMember
from node.entity import CALLBACK
from node.people import assurance, endings
from node.people.endings import SIGN_IN_HOLDS
from node.town import Town

FLOW_LASTS = timedelta(minutes=10)
"""How long a person may take to sign in at home."""
LASTS = timedelta(minutes=30)
"""How long a visitor stays signed in here, however busy: a phone at a desk is put down and picked up by others."""
_STATE, _SESSION = "visit-state", "visit-session"
_LONGEST = 1024
_EACH, _ALL = 2, 4
"""So many calls to one home, and to all, are under way at once for people who are nobody yet.

More would let one slow home hold every thread, or keep the people of the others out.
"""
_called: Counter[str] = Counter()
_calling_lock = threading.Lock()


@dataclass(frozen=True)
class Flow:
    """A sign-in under way, as the browser that began it keeps it; ``desk`` is the id of the desk it began at, or empty."""

    issuer: str
    state: str
    nonce: str
    verifier: str
    desk: str
    begun: datetime

    @property
    def ends(self) -> datetime:
        """When the answer comes too late."""
        return self.begun + FLOW_LASTS


@dataclass(frozen=True)
class Visitor:
    """Who signed in, and how: the person's key is (issuer, sub). ``desk`` is the id of the desk they stand at, or empty."""

    issuer: str
    sub: str
    acr: str
    auth_time: datetime
    since: datetime
    number: str
    desk: str

    @property
    def ends(self) -> datetime:
        """When the session here is over at the latest."""
        return min(self.since + LASTS, self.auth_time + SIGN_IN_HOLDS)


K = TypeVar("K", Flow, Visitor)


def provider(town: Town, code: str, *, now: datetime) -> VerifiedMember:
    """Return the member of this 団体コード as a provider; raise ``NotFound`` for none, ``NoProvider`` if it is none."""
    try:
        home = town.members.by_code(municipality.parse(code), now)
    except TachiyoriError as error:
        raise NotFound(f"no home {code[:6]!r}: {error.code}") from None
    if home.entity_id == town.config.entity_id or PROVIDER not in home.metadata:
        raise NoProvider(home.entity_id)
    return home


def begin(town: Town, home: VerifiedMember, desk: str, *, now: datetime) -> tuple[Flow, str]:
    """Ask the home for a sign-in; return what the browser keeps, and where it goes. Raises what kept us from asking."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    request = {
        "response_type": "code",
        "redirect_uri": town.config.entity_id + CALLBACK,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": _digest(verifier),
        "code_challenge_method": "S256",
        "max_age": str(int(SIGN_IN_HOLDS.total_seconds())),
        "acr_values": _minimum(town),
    }
    with calling(home.entity_id):
        address = RemoteProvider(town.peer, home).push(request)
    return Flow(home.entity_id, state, nonce, verifier, desk, now), address


def _minimum(town: Town) -> str:
    """Return the least 当人認証保証レベル with which this host shows somebody their bookings."""
    return assurance.of_level(town.config.visitors_level)


def answered(flow: Flow | None, answer: Mapping[str, Sequence[str]], *, now: datetime) -> tuple[Flow, str]:
    """Return this browser's flow with the code of the answer to it; raise ``VisitRefused`` or ``VisitDeclined``."""
    if flow is None:
        raise VisitRefused("this browser began no sign-in")
    if any(len(values) != 1 for values in answer.values()):
        raise VisitRefused("a parameter stands twice")
    said = {name: values[0] for name, values in answer.items()}
    if not hmac.compare_digest(said.get("state", "").encode(), flow.state.encode()):
        raise VisitRefused("the state of another sign-in")
    if said.get("iss") != flow.issuer:
        raise VisitRefused(f"iss {shown(said.get('iss'))} is not {flow.issuer} (RFC 9207, 2.4)")
    if now >= flow.ends:
        raise VisitRefused("the answer came too late")
    if "error" in said:
        raise VisitDeclined(f"{flow.issuer} says {shown(said['error'])}")
    code = said.get("code", "")
    if not (0 < len(code) <= _LONGEST and code.isascii() and code.isprintable()):
        raise VisitRefused("no code")
    return flow, code


def use_up(db: Session, flow: Flow, *, now: datetime) -> None:
    """Let a flow be answered once, whoever kept a copy of its cookie; raises ``VisitRefused``."""
    try:
        replay.once(db, issuer=_STATE, jti=flow.state, expires=flow.ends, now=now)
    except TokenReplayed:
        raise VisitRefused("answered before") from None


def finish(town: Town, flow: Flow, code: str) -> Visitor:
    """Redeem the code and return who signed in; raises ``TokenRefused`` and kin, and what kept us from asking."""
    home = town.members.verified(flow.issuer, town.clock())
    with calling(home.entity_id):
        redeemed = RemoteProvider(town.peer, home).redeem(code, town.config.entity_id + CALLBACK, flow.verifier)
    now = town.clock()
    claims = _verified(town, home, redeemed.id_token, flow.nonce, now)
    _check_hash(claims, redeemed)
    if not assurance.reaches(str(claims["acr"]), _minimum(town)):
        raise TokenRefused(f"acr {shown(claims['acr'])} is unknown, or less than {_minimum(town)}")
    signed_in = datetime.fromtimestamp(int(claims["auth_time"]), UTC)
    if now >= signed_in + SIGN_IN_HOLDS:
        raise TokenRefused("the person signed in too long ago")
    return Visitor(
        issuer=home.entity_id,
        sub=claims.subject,
        acr=str(claims["acr"]),
        auth_time=signed_in,
        since=now.replace(microsecond=0),
        number=secrets.token_urlsafe(16),
        desk=flow.desk,
    )


def _verified(town: Town, home: VerifiedMember, token: str, nonce: str, now: datetime) -> Claims:
    """Verify the ID token under the home's attested keys; one we have not seen has the home's statements read once more."""
    if peek(token).header.get("kid") not in home.protocol_keys and town.members.refetch(home.entity_id, now):
        home = town.members.verified(home.entity_id, now)
    own = town.config.entity_id
    return ID_TOKEN.verify(token, home.protocol_keys, now=now, issuer=home.entity_id, audience=own, nonce=nonce)


def _check_hash(claims: Claims, redeemed: Redeemed) -> None:
    """Refuse an access token that the ID token does not name, where it names one (OpenID Connect Core 1.0, 3.1.3.8)."""
    if claims.get("at_hash", half_hash(redeemed.access_token)) != half_hash(redeemed.access_token):
        raise TokenRefused("at_hash names another access token")


@contextmanager
def calling(home: str) -> Iterator[None]:
    """Count a call to ``home`` while it lasts; raise ``TooManyVisits`` for one too many."""
    with _calling_lock:
        if _called[home] >= _EACH or _called.total() >= _ALL:
            raise TooManyVisits(f"{home} is being called already, or too many are", retry_after=5)
        _called[home] += 1
    try:
        yield
    finally:
        with _calling_lock:
            _called[home] -= 1


def _digest(verifier: str) -> str:
    return to_base64url(hashlib.sha256(verifier.encode()).digest())


# --- Staying signed in ------------------------------------------------------------------------------------------


def still(db: Session, members: Members, visitor: Visitor, *, now: datetime) -> Member:
    """Return the home's row of the members table, if the visitor may still be believed.

    Raises ``VisitOver`` when the session has ended, and what ``Members.verify`` raises about the home: a suspended member's
    people are refused with their next click.
    """
    if now >= visitor.ends or replay.was_used(db, issuer=_SESSION, jti=visitor.number):
        raise VisitOver("the session is over")
    if endings.is_ended(db, visitor.issuer, visitor.sub, visitor.auth_time):
        raise VisitOver("the home has ended it")
    row = members.row(db, visitor.issuer)
    members.verify(db, row, now)
    return row


def end(db: Session, visitor: Visitor, *, now: datetime) -> None:
    """End one session for good: a copy of its cookie is worth nothing afterwards."""
    if not replay.was_used(db, issuer=_SESSION, jti=visitor.number):
        replay.once(db, issuer=_SESSION, jti=visitor.number, expires=visitor.ends, now=now)


def sign_out_at_home(town: Town, issuer: str, back: str, *, now: datetime) -> str:
    """Return where the browser signs out at home as well, or nothing where the home offers no such thing."""
    try:
        return RemoteProvider(town.peer, town.members.verified(issuer, now)).sign_out(back)
    except TachiyoriError:
        return ""


def kept(words: Flow | Visitor) -> dict[str, Any]:
    """Return a flow or a session as a signed cookie keeps it."""
    return {
        name: int(value.timestamp()) if isinstance(value, datetime) else value for name, value in vars(words).items()
    }


def read(kind: type[K], words: object) -> K | None:
    """Read back what ``kept`` wrote; None for what is no such thing."""
    if not isinstance(words, Mapping) or set(words) != {field.name for field in fields(kind)}:
        return None
    times = {"begun", "since", "auth_time"}
    found: dict[str, Any] = {
        name: datetime.fromtimestamp(value, UTC) if name in times else value for name, value in words.items()
    }
    return kind(**found)
