"""What is read off statements that were verified when they were taken in, and have been kept since."""

from dataclasses import dataclass

from federation import mandate
from federation.errors import TokenRefused
from federation.keys import PublicKeys
from federation.statement import keys_of, protocol_jwks, read_statement
from federation.tokens import peek


@dataclass(frozen=True)
class Spoken:
    """The thumbprints of the keys an entity names in its configuration: for its statements, and for its tokens."""

    federation: frozenset[str]
    protocol: frozenset[str]


def spoken_keys(configuration: str) -> Spoken:
    """Return the keys that a kept configuration names."""
    statement = read_statement(peek(configuration).claims)
    protocol = keys_of(protocol_jwks(statement.metadata))
    return Spoken(_thumbprints(statement.keys), _thumbprints(protocol))


def attested_keys(statement: str) -> frozenset[str]:
    """Return the thumbprints of the keys that a kept statement attests."""
    return _thumbprints(read_statement(peek(statement).claims).keys)


def mandate_in(configuration: str) -> str:
    """Return the recovery key's mandate that a kept configuration of the anchor carries, or nothing."""
    return mandate.carried(peek(configuration).claims)


def signed_with(statement: str, keys: PublicKeys) -> str:
    """Return the thumbprint of the key, one of ``keys``, that signed a kept statement."""
    return keys[str(peek(statement).header["kid"])].thumbprint


def is_signed_by(token: str, keys: PublicKeys) -> bool:
    """Say whether a token names one of ``keys`` as its signer; whether it is true is for whoever verifies it."""
    try:
        return peek(token).header.get("kid") in keys
    except TokenRefused:
        return False


def _thumbprints(keys: PublicKeys) -> frozenset[str]:
    return frozenset(key.thumbprint for key in keys.values())
