"""The host side of a visit: from the home's word about a person to a token of our own (identity chaining, 2.4 and 2.5).

The grant has the claims and typ of ID-JAG and lives for a minute. Authlib's own JWT grant is not used: it authenticates
nobody, accepts an audience among others, and refuses grants that are bound to a key.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError

from federation import audit, replay
from federation.claims import moment
from federation.envelope import shown
from federation.errors import NotAMember, TokenRefused
from federation.peer import JWT_BEARER
from federation.tokens import PERSON_TOKEN, VISIT_GRANT, Claims, Proof
from federation.trust import Party, VerifiedMember
from federation.web.grants import BoundGrant, Issued, SurerSignIn
from node.people import assurance, endings
from node.people.endings import SIGN_IN_HOLDS

PERSON_LIFE = timedelta(minutes=5)


class VisitGrant(BoundGrant):
    """The JWT bearer grant (RFC 7523, 2.1) of our profile: a member vouches for one of its own people, once."""

    GRANT_TYPE = JWT_BEARER
    MINIMUM: ClassVar[str] = assurance.ONE_FACTOR
    """The least 当人認証保証レベル this host accepts; ``requiring`` sets it."""

    def issue(self, party: Party, proof: Proof, now: datetime) -> Issued:
        """Issue a person token, bound to the same key as the grant; refresh tokens do not exist.

        Raises ``TokenRefused``, ``TokenReplayed`` and kin, which are told as ``invalid_grant``, and ``SurerSignIn``: the
        home may come again with the same person, who has shown more by then. The grant is not used up for that.
        """
        if not isinstance(party, VerifiedMember):
            raise NotAMember(f"{party.entity_id} has no people")
        if self.form.get("scope"):
            # A person token creates a booking and does nothing else; there is nothing to choose.
            raise InvalidScopeError
        assertion = self.form.get("assertion")
        if not assertion:
            raise InvalidRequestError(description="assertion is missing")
        claims = self._verified(assertion, party, proof, now)
        self._use_up(claims, now)
        return Issued(self._token(claims, now), PERSON_LIFE)

    def _verified(self, assertion: str, party: VerifiedMember, proof: Proof, now: datetime) -> Claims:
        """Check the grant against the client that presents it: one party is issuer, client and caller."""
        claims = VISIT_GRANT.verify(
            assertion,
            party.protocol_keys,
            now=now,
            issuer=party.entity_id,
            audience=self.authorization.entity_id,
            client_id=party.entity_id,
        )
        if claims.jkt != proof.jkt:
            raise TokenRefused("the grant is bound to another key")
        if not assurance.reaches(str(claims["acr"]), assurance.ONE_FACTOR):
            raise TokenRefused(f"acr {shown(claims['acr'])} is unknown")
        if not assurance.reaches(str(claims["acr"]), self.MINIMUM):
            raise SurerSignIn(self.MINIMUM)
        if now.timestamp() - int(claims["auth_time"]) > SIGN_IN_HOLDS.total_seconds():
            raise TokenRefused("the person signed in too long ago")
        return claims

    def _use_up(self, claims: Claims, now: datetime) -> None:
        with self.authorization.storage.transaction(write=True) as db:
            if endings.is_ended(db, claims.issuer, claims.subject, moment(claims["auth_time"])):
                raise TokenRefused("the home has ended this sign-in")
            replay.once(db, issuer=claims.issuer, jti=claims.jti, expires=claims.expires, now=now)
            audit.record(
                db,
                event="visit-grant",
                actor=claims.issuer,
                subject=claims.subject,
                verdict="allowed",
                jti=claims.jti,
                now=now,
            )

    def _token(self, claims: Claims, now: datetime) -> str:
        own = self.authorization.entity_id
        said = {name: claims[name] for name in ("sub", "client_id", "acr", "auth_time", "cnf")}
        return PERSON_TOKEN.sign(
            self.authorization.keys.current, {"iss": own, "aud": own, **said}, now=now, life=PERSON_LIFE
        )


def requiring(level: int) -> type[VisitGrant]:
    """Return the grant of a host that asks 当人認証保証レベル ``level`` of its visitors."""
    return type("VisitGrant", (VisitGrant,), {"MINIMUM": assurance.of_level(level)})
