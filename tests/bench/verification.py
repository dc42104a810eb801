"""Our verification of an access token with its DPoP proof, beside two raw ES256 verifications of the same bytes."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from federation import keys
from federation.jwk import from_base64url
from federation.tokens import NODE_TOKEN, sign_dpop_proof, verify_dpop_proof
from tests.bench.measure import Candidate, Figure, Work, compare

HOST = "https://desks.host.example"
HOME = "https://desks.home.example"
URL = f"{HOST}/api/v1/quotes"


def figures() -> list[Figure]:
    """Measure one core: token alone, then token and proof as a request carries them."""
    now = datetime.now(UTC)
    signer, caller = keys.make(), keys.make()
    claims = {"iss": HOST, "aud": HOST, "sub": HOME, "client_id": HOME, "scope": "manage", "cnf": {"jkt": caller.kid}}
    token = NODE_TOKEN.sign(signer, claims, now=now)
    proof = sign_dpop_proof(caller, method="POST", url=URL, now=now, access_token=token)
    trusted = keys.parse_jwks({"keys": [signer.public_jwk()]})

    def verify_token() -> object:
        return NODE_TOKEN.verify(token, trusted, now=now, issuer=HOST, audience=HOST)

    def verify_both() -> object:
        verify_token()
        return verify_dpop_proof(proof, method="POST", url=URL, now=now, access_token=token)

    raw_token, raw_proof = raw(signer, token), raw(caller, proof)

    def raw_both() -> object:
        return raw_token(), raw_proof()

    return [
        compare("verify an access token", Candidate([verify_token]), Candidate([raw_token])),
        compare("verify an access token and its proof", Candidate([verify_both]), Candidate([raw_both])),
    ]


def raw(pair: keys.KeyPair, token: str) -> Work:
    """The signature alone, decoded beforehand: what no implementation can go below."""
    signed, _, signature = token.rpartition(".")
    raw, message = from_base64url(signature), signed.encode()
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = pair.private.public_key()
    return lambda: public.verify(der, message, ec.ECDSA(hashes.SHA256()))
