"""A kind of token: how it is signed and verified. Everything specific to a kind is data in ``federation.tokens.kinds``."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation import clock
from federation.claims import Claims, ClaimsTable, as_seconds, check_expected, check_life, check_table, check_times
from federation.envelope import Envelope, open_envelope, read_object, shown
from federation.errors import TokenRefused
from federation.jwk import Algorithm
from federation.keys import KeyPair, PublicKeys
from federation.tokens import door

PLAIN_HEADER = frozenset({"alg", "kid", "typ"})
"""What the header of most kinds may hold; anything else is refused."""

_DAY = timedelta(days=1)

Relation = Callable[[Mapping[str, Any]], None]
_EVERY_HEADER_MEMBER = PLAIN_HEADER | {"jwk", "x5t"}


@dataclass(frozen=True)
class Unverified:
    """What a token says before anything is known of its truth: for choosing issuer and keys, and nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def peek(token: str, *, max_size: int = 65536) -> Unverified:
    """Read a token without verifying it; raise ``TokenRefused`` when its form is unsound."""
    envelope = open_envelope(token, max_size=max_size, header_members=_EVERY_HEADER_MEMBER)
    return Unverified(envelope.header, read_object(envelope.payload, depth=16, fractions=True))


@dataclass(frozen=True)
class TokenKind:
    """One kind of token: its typ, its limits and its table of claims.

    ``max_life`` bounds exp - iat, ``max_age`` the time since iat for kinds without exp. ``relations`` raise
    ``TokenRefused`` when claims that are right by themselves do not fit together. ``depth`` counts nested JSON levels.
    """

    typ: str
    table: ClaimsTable
    max_life: timedelta | None = None
    max_age: timedelta | None = None
    max_size: int = 8192
    depth: int = 8
    fractions: bool = False
    may_omit_typ: bool = False
    algorithms: Sequence[Algorithm] = ("ES256",)
    header_members: frozenset[str] = PLAIN_HEADER
    relations: Sequence[Relation] = ()

    def sign(
        self,
        key: KeyPair,
        claims: Mapping[str, object],
        *,
        now: datetime | None = None,
        life: timedelta | None = None,
    ) -> str:
        """Sign claims with ES256 and return the compact token.

        ``iat`` is now and ``jti`` random unless given; ``exp`` is iat + ``life``, or + ``max_life`` when that is a
        day at most. Times may be given as aware datetimes. Raises ``ValueError`` for claims that ``verify`` would
        refuse: such a token is a mistake of ours and must not leave.
        """
        complete = self._completed(claims, now or clock.now(), life)
        payload = json.dumps(complete, separators=(",", ":"), ensure_ascii=False).encode()
        token = door.sign(payload, key, {"kid": key.kid, "typ": self.typ})
        try:
            open_envelope(token, max_size=self.max_size, header_members=self.header_members)
            self._read_claims(payload)
        except TokenRefused as error:
            raise ValueError(f"{self.typ} would be refused: {error.detail}") from error
        return token

    def verify(
        self,
        token: str,
        keys: PublicKeys,
        *,
        now: datetime,
        issuer: str | None = None,
        audience: str | None = None,
        **expected: object,
    ) -> Claims:
        """Verify a token against the keys of its issuer and return its claims.

        ``issuer`` is who the keys belong to and ``audience`` our own entity id; both must be named where the kind has
        the claim (``TypeError`` otherwise: to forget them is a mistake of ours). ``expected`` are further claims that
        must have exactly this value, such as ``nonce`` or ``client_id``. Raises ``TokenRefused`` or ``TokenExpired``,
        nothing else. Whoever accepts a token that counts once also asks ``replay.once``.
        """
        parties = self._parties(issuer, audience)
        try:
            payload, kid = self._open(token, keys)
            members = self._read_claims(payload)
            check_expected(members, {**expected, **parties})
            check_times(members, now=now, max_age=self.max_age)
        except TokenRefused:
            raise
        except Exception as error:
            raise TokenRefused(f"{self.typ}: {type(error).__name__}") from error
        return Claims(members, kid=kid)

    def _parties(self, issuer: str | None, audience: str | None) -> dict[str, str]:
        parties = {"iss": issuer, "aud": audience}
        for name, value in parties.items():
            demanded = name in self.table and self.table[name].required
            if demanded != (value is not None):
                raise TypeError(f"{self.typ}: {name} must {'' if demanded else 'not '}be named")
        return {name: value for name, value in parties.items() if value is not None}

    def _open(self, token: object, keys: PublicKeys) -> tuple[bytes, str]:
        envelope = open_envelope(token, max_size=self.max_size, header_members=self.header_members)
        check_header(envelope, typ=self.typ, may_omit_typ=self.may_omit_typ, algorithms=self.algorithms)
        kid = envelope.header.get("kid")
        if not isinstance(kid, str) or kid not in keys:
            raise TokenRefused(f"kid {shown(kid)} is not among the issuer's keys")
        return door.verify(envelope, keys[kid]), kid

    def _read_claims(self, payload: bytes) -> dict[str, Any]:
        members = read_object(payload, depth=self.depth, fractions=self.fractions)
        check_table(members, self.table)
        check_life(members, max_life=self.max_life)
        for relation in self.relations:
            relation(members)
        return members

    def _completed(self, claims: Mapping[str, object], now: datetime, life: timedelta | None) -> dict[str, object]:
        complete = {name: as_seconds(value) for name, value in claims.items()}
        issued = complete.setdefault("iat", as_seconds(now))
        if life is None and self.max_life is not None and self.max_life <= _DAY:
            life = self.max_life
        if life is not None and "exp" in self.table and isinstance(issued, int):
            complete.setdefault("exp", issued + int(life.total_seconds()))
        if "jti" in self.table:
            complete.setdefault("jti", secrets.token_urlsafe(16))
        return complete


def check_header(
    envelope: Envelope, *, typ: str, may_omit_typ: bool = False, algorithms: Sequence[Algorithm] = ("ES256",)
) -> None:
    """Raise ``TokenRefused`` unless typ and alg are the kind's (RFC 8725, 3.1 and 3.11; RFC 7515, 4.1.9)."""
    given = envelope.header.get("typ", typ if may_omit_typ else None)
    if not isinstance(given, str) or given.lower().removeprefix("application/") != typ.lower():
        raise TokenRefused(f"typ {shown(given)} is not {typ}")
    if envelope.header.get("alg") not in tuple(algorithms):
        raise TokenRefused(f"alg {shown(envelope.header.get('alg'))} is not allowed")
