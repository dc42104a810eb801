"""Knowing a town: its chain read for the first time, a caller known already, and the registry's round of signatures."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from federation import entity, jwk, keys
from federation.keys import ring_of
from federation.status import Status
from federation.tokens import NODE_TOKEN, door, sign_dpop_proof, verify_dpop_proof
from federation.trust import verify_member
from federation.web.verified import VerifiedTokens
from registry.membership.anchor import Seal
from tests.bench.measure import Candidate, Figure, Work, compare
from tests.bench.verification import HOME, HOST, URL, raw
from tests.federation.world import Town

REGISTRY = "https://registry.example"
MEMBERS = 1788
"""As many as there are local public bodies in Japan."""


def figures() -> list[Figure]:
    """Measure one core, each beside the raw signatures it cannot do without."""
    now = datetime.now(UTC)
    return [_cold_chain(now), _warm_request(now), *_signing(now)]


def _cold_chain(now: datetime) -> Figure:
    """A member's two statements, with no key built and nothing remembered."""
    seal, town = _seal(), Town(HOME, "131130")
    about = _statement(seal, town, now)
    own = town.configuration(now, authority_hints=[REGISTRY])

    def ours() -> object:
        for remembered in (jwk._build_ec, door._verifier):
            remembered.cache_clear()
        return verify_member(anchor=seal.anchor, entity_configuration=own, subordinate_statement=about, now=now)

    return compare(
        "a cold chain",
        Candidate([ours]),
        Candidate([_both(raw(seal.federation.current, about), raw(town.federation, own))]),
    )


def _warm_request(now: datetime) -> Figure:
    """A token seen before, and the new proof that comes with it: one signature is left."""
    signer, caller = keys.make(), keys.make()
    claims = {"iss": HOST, "aud": HOST, "sub": HOME, "client_id": HOME, "scope": "manage", "cnf": {"jkt": caller.kid}}
    token = NODE_TOKEN.sign(signer, claims, now=now)
    proof = sign_dpop_proof(caller, method="POST", url=URL, now=now, access_token=token)
    kept = VerifiedTokens(HOST, ring_of(signer))
    kept.verify(token, now)

    def ours() -> object:
        return kept.find(token, now), verify_dpop_proof(proof, method="POST", url=URL, now=now, access_token=token)

    return compare("a warm request: token known, proof new", Candidate([ours]), Candidate([raw(caller, proof)]))


def _signing(now: datetime) -> list[Figure]:
    """One of the registry's statements, and the whole status list: the rate of the first, times 1,788, is a round."""
    seal, town = _seal(), Town(HOME, "131130")
    everybody: dict[int, Status] = dict.fromkeys(range(MEMBERS), "valid")
    pair = seal.federation.current

    def sign(text: str) -> Work:
        message = text.rpartition(".")[0].encode()
        return lambda: pair.private.sign(message, ec.ECDSA(hashes.SHA256()))

    statement, listed = _statement(seal, town, now), seal.status_list(everybody, now)
    return [
        compare(
            f"sign a statement (a round is {MEMBERS:,})",
            Candidate([lambda: _statement(seal, town, now)]),
            Candidate([sign(statement)]),
        ),
        compare(
            f"sign the status list of {MEMBERS:,}",
            Candidate([lambda: seal.status_list(everybody, now)]),
            Candidate([sign(listed)]),
        ),
    ]


def _seal() -> Seal:
    return Seal(REGISTRY, "連携基盤", "", ring_of(keys.make()), ring_of(keys.make()), keys.make().kid)


def _statement(seal: Seal, town: Town, now: datetime) -> str:
    return seal.statement(
        HOME, jwks=ring_of(town.federation).jwks(), pinned=entity.pinned(code=town.code, name=town.name),
        status_index=1, now=now,
    )  # fmt: skip


def _both(first: Work, second: Work) -> Work:
    return lambda: (first(), second())
