"""A code for an ID token and a token for userinfo (OpenID Connect Core 1.0, 3.1.3), under PKCE and DPoP.

Of Authlib's code grant nothing is used: it knows ``plain`` PKCE, and clients without a challenge.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError

from federation import audit
from federation.errors import NotAMember, NotSignedIn, TokenRefused
from federation.jwk import to_base64url
from federation.tokens import ID_TOKEN, USERINFO_TOKEN, Proof
from federation.trust import Party, VerifiedMember
from federation.web.grants import BoundGrant, Issued
from node.models.provider import SignInCode
from node.people import sessions
from node.people.provider import codes
from node.people.provider.asked import Asked

ID_TOKEN_LIFE = timedelta(minutes=5)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class CodeGrant(BoundGrant):
    """The authorization code grant of our profile; refresh tokens do not exist."""

    GRANT_TYPE = "authorization_code"

    def issue(self, party: Party, proof: Proof, now: datetime) -> Issued:
        """Issue both tokens to the client the code was for; raise ``TokenRefused``, told as ``invalid_grant``."""
        if not isinstance(party, VerifiedMember):
            raise NotAMember(f"{party.entity_id} receives no visitors")
        if "scope" in self.form:
            # What a code is good for was agreed to by a person; there is nothing left to choose.
            raise InvalidScopeError
        absent = [name for name in ("code", "redirect_uri", "code_verifier") if not self.form.get(name)]
        if absent:
            raise InvalidRequestError(description=f"{absent[0]} is missing")
        row = self._redeemed(party, now)
        asked = Asked.kept(row.asked)
        self._check(asked, proof)
        self._check_still(row, now)
        return Issued(*self._tokens(row, asked, proof, now))

    def _redeemed(self, party: Party, now: datetime) -> SignInCode:
        with self.authorization.storage.transaction(write=True) as db:
            row = codes.use_up(db, self.form["code"], party.entity_id, now=now)
        if row is None:
            raise TokenRefused("the code is unknown, used, over, or another client's")
        return row

    def _check(self, asked: Asked, proof: Proof) -> None:
        """Hold the request against what the code is bound to."""
        if self.form["redirect_uri"] != asked.redirect_uri:
            raise TokenRefused("another redirect_uri than the code's")
        verifier = self.form["code_verifier"]
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_sha256(verifier), asked.challenge):
            raise TokenRefused("the verifier is not that of the challenge (RFC 7636, 4.6)")
        if asked.jkt and asked.jkt != proof.jkt:
            raise TokenRefused("the code is bound to another key (RFC 9449, 10)")

    def _check_still(self, row: SignInCode, now: datetime) -> None:
        """Refuse for who has signed out or left within the minute, and write down for whom else it was allowed."""
        with self.authorization.storage.transaction(write=True) as db:
            try:
                sessions.still(db, codes.sign_in_of(row), now=now)
            except NotSignedIn:
                raise TokenRefused("the sign-in has ended since") from None
            audit.record(
                db,
                event="code",
                actor=row.client_id,
                subject=row.sub,
                verdict="allowed",
                jti=row.token,
                now=now,
            )

    def _tokens(
        self, row: SignInCode, asked: Asked, proof: Proof, now: datetime
    ) -> tuple[str, timedelta, str, dict[str, str]]:
        own, key = self.authorization.entity_id, self.authorization.keys.current
        person: dict[str, Any] = {"iss": own, "sub": row.sub, "acr": row.acr, "auth_time": row.auth_time}
        bound = {"aud": own, "client_id": row.client_id, "jti": row.token, "cnf": {"jkt": proof.jkt}}
        access = USERINFO_TOKEN.sign(key, {**person, **bound, "scope": asked.scope}, now=now, life=codes.TOKEN_LIFE)
        # at_hash is the left half of the digest (OpenID Connect Core 1.0, 3.1.3.6).
        at_hash = to_base64url(hashlib.sha256(access.encode()).digest()[:16])
        about = {"aud": row.client_id, "nonce": asked.nonce, "at_hash": at_hash}
        identity = ID_TOKEN.sign(key, {**person, **about}, now=now, life=ID_TOKEN_LIFE)
        return access, codes.TOKEN_LIFE, asked.scope, {"id_token": identity}


def _sha256(text: str) -> str:
    return to_base64url(hashlib.sha256(text.encode()).digest())
