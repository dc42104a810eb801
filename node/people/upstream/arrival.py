"""The way back from the provider: an answer checked against its attempt, a code redeemed, an ID token verified, a person let in."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation import audit, replay
from federation.claims import LEEWAY, Claims, moment
from federation.envelope import shown
from federation.errors import (
    LevelMissed,
    NotEntitled,
    SignInLapsed,
    SignInStale,
    TachiyoriError,
    TokenRefused,
    TokenReplayed,
    UpstreamDenied,
    UpstreamDown,
    UpstreamWrong,
)
from federation.refusals import Refusals
from federation.storage import Storage
from federation.tokens import UPSTREAM_ID_TOKEN, half_hash, peek
from node.models.staff import OutsideAccount
from node.people import announcements, assurance, entries
from node.people import staff as directory
from node.people.sessions import LASTS as SIGN_IN_LASTS
from node.people.signin import SignedIn
from node.people.upstream import person
from node.people.upstream.attempt import Attempt
from node.people.upstream.idp import Idp, Redeemed
from node.upstream import Upstream

log = logging.getLogger(__name__)

_LONGEST_CODE = 4096
_NO = frozenset(
    {"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"}
)
_LATER = frozenset({"temporarily_unavailable", "server_error"})


@dataclass(frozen=True)
class Returned:
    """The parameters the browser came back with (RFC 6749, 4.1.2; RFC 9207, 2); empty where there was none, or two."""

    code: str = ""
    iss: str = ""
    error: str = ""


@dataclass(frozen=True)
class Gate:
    """What an arrival needs of its town: provider, storage, where refusals go, the secret of its attempts, its address."""

    idp: Idp
    storage: Storage
    refusals: Refusals
    secret: str
    redirect_uri: str


def arrive(gate: Gate, attempt: Attempt, returned: Returned, now: datetime) -> SignedIn:
    """Finish an attempt, once; a refusal is written down as a stranger's, for whoever has a browser can bring one about.

    Raises ``SignInLapsed``, ``SignInStale``, ``LevelMissed``, ``NotEntitled``, ``EntryRefused``, ``UpstreamDenied``,
    ``UpstreamDown`` or ``UpstreamWrong``.
    """
    try:
        _use_up(gate, attempt, now)
        _check_answer(gate.idp, attempt, returned)
        redeemed = gate.idp.redeem(returned.code, attempt.verifier(gate.secret), gate.redirect_uri)
        claims = _verified(gate, attempt, redeemed, now)
        return _let_in(gate, attempt, claims, _complete(gate.idp, claims, redeemed), now)
    except TachiyoriError as error:
        log.warning("upstream: sign-in refused: %s: %s", error.code, error.detail)
        gate.refusals.of_stranger("sign-in", gate.idp.settings.issuer, error.code)
        raise


def _use_up(gate: Gate, attempt: Attempt, now: datetime) -> None:
    if now >= attempt.expires or attempt.issuer != gate.idp.settings.issuer:
        raise SignInLapsed("the attempt is over, or was at another issuer")
    try:
        with gate.storage.transaction(write=True) as db:
            replay.once(db, issuer="upstream", jti=attempt.state, expires=attempt.expires, now=now)
    except TokenReplayed:
        raise SignInLapsed("the attempt was finished before") from None


def _check_answer(idp: Idp, attempt: Attempt, returned: Returned) -> None:
    """Check who answers before what is answered (RFC 9207, 2.4)."""
    if (returned.iss or idp.metadata().says_who_answers) and returned.iss != attempt.issuer:
        raise UpstreamWrong(f"the answer is from {shown(returned.iss)} (RFC 9207)")
    if returned.error:
        kind = UpstreamDenied if returned.error in _NO else UpstreamDown if returned.error in _LATER else UpstreamWrong
        raise kind(f"the provider answered {shown(returned.error)}")
    if not 0 < len(returned.code) <= _LONGEST_CODE or not returned.code.isascii():
        raise UpstreamWrong("no code, or more than one, in the answer")


def _verified(gate: Gate, attempt: Attempt, redeemed: Redeemed, now: datetime) -> Claims:
    """Verify the ID token as strictly as Core 1.0, 3.1.3.7 allows, and more."""
    settings = gate.idp.settings
    try:
        kid = peek(redeemed.id_token).header.get("kid")
        claims = UPSTREAM_ID_TOKEN.verify(
            redeemed.id_token,
            gate.idp.keys_for(kid),
            now=now,
            issuer=settings.issuer,
            audience=settings.client_id,
            nonce=attempt.nonce(gate.secret),
            **dict([settings.tenant] if settings.tenant else []),
        )
    except TokenRefused as error:
        raise UpstreamWrong(f"ID token: {error.code}: {error.detail}") from None
    if not hmac.compare_digest(
        str(claims.get("at_hash", half_hash(redeemed.access_token))), half_hash(redeemed.access_token)
    ):
        raise UpstreamWrong("at_hash is of another access token (Core 1.0, 3.1.3.8)")
    return claims


def _auth_time(claims: Claims, attempt: Attempt, settings: Upstream, now: datetime) -> datetime:
    """Return when the person showed themselves, which ``max_age`` asks for (Core 1.0, 3.1.3.7): hosts are told, so it is known.

    A provider that tells no such time, or zero, is believed about none; only one that was told to ask anew may go by iat.
    """
    since = int(claims.get("auth_time", 0)) or (claims["iat"] if settings.always_anew else 0)
    if not since:
        raise UpstreamWrong("the ID token has no auth_time, though max_age was asked for")
    oldest = attempt.begun - LEEWAY if attempt.anew else now - SIGN_IN_LASTS
    if moment(since) <= oldest:
        raise SignInStale("the person showed themselves to the provider too long ago")
    return moment(since)


def _complete(idp: Idp, claims: Claims, redeemed: Redeemed) -> Mapping[str, Any]:
    """Add from userinfo what the ID token does not tell; what it tells stands."""
    if not person.missing(claims, idp.settings):
        return claims
    return {**idp.userinfo(redeemed.access_token, claims.subject), **claims}


def _let_in(gate: Gate, attempt: Attempt, claims: Claims, told: Mapping[str, Any], now: datetime) -> SignedIn:
    """Enter the person into the directory, and their sign-in into the log, in one transaction."""
    settings = gate.idp.settings
    acr = person.level(claims, settings)
    if attempt.minimum and not assurance.reaches(acr, attempt.minimum):
        raise LevelMissed(f"{acr} is less than {attempt.minimum}")
    since = _auth_time(claims, attempt, settings, now)
    if not person.is_entitled(told, settings):
        _take_away(gate, claims.subject, now)
        raise NotEntitled(f"{shown(claims.subject)} is in no group of 利用職員")
    said = person.said(told, settings)

    def enter(db: Session) -> SignedIn:
        staff = entries.enter(db, said, link_numbers=settings.link_numbers, now=now)
        who, way = f"staff:{staff.id}", f"by {said.source}"
        audit.record(db, event="sign-in", actor=who, subject=who, verdict="allowed", reason=way, now=now)
        return SignedIn(staff.id, staff.session_epoch, acr, since)

    return entries.entering(gate.storage, enter)


def _take_away(gate: Gate, subject: str, now: datetime) -> None:
    """End the sessions and take the roles of somebody whom the provider names in no group any more, if we know them."""
    issuer = gate.idp.settings.issuer
    with gate.storage.transaction(write=True) as db:
        account = db.get(OutsideAccount, (issuer, subject))
        if account is None:
            return
        staff = directory.get(db, account.staff_id)
        directory.give_roles(staff, ("staff",))
        staff.session_epoch += 1
        announcements.sessions_ended(db, staff.id, by="policy", now=now)
        who = f"staff:{staff.id}"
        audit.record(db, event="roles", actor=issuer, subject=who, verdict="refused", reason="no group", now=now)
