"""The file of a confirmed agreement, checked years later: by the anchor that was pinned at joining, and by nothing else.

What it proves is which terms the two nodes signed. When they did so is their own word: the audit logs of both towns have
the digest too, and those nobody writes later.
"""

from dataclasses import dataclass

from federation import agreed
from federation.agreed import Signed
from federation.errors import BadInput, TokenRefused, TrustBroken
from federation.messages.agreement import SignedAgreement
from federation.trust import Pins, VerifiedMember

MOST_BYTES = 1024 * 1024
CHECKED = ("host-chain", "host-signature", "home-chain", "home-signature", "same-terms", "parties")
"""What is checked, in this order; each is a chain or a signature as of its signing."""


@dataclass(frozen=True)
class Proven:
    """What a file proves: both signatures, and who the registry said the two signers were."""

    offer: Signed
    acceptance: Signed
    host: VerifiedMember
    home: VerifiedMember


def verify(content: bytes, pins: Pins) -> Proven:
    """Verify a file; raise ``BadInput`` for what is none, ``TrustBroken`` or ``TokenRefused`` for what does not hold."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"a file of more than {MOST_BYTES} bytes", field="file")
    file = SignedAgreement.read(content)
    _, home_id = agreed.said_by(file.offer)
    _, host_id = agreed.said_by(file.acceptance)
    offer, host = agreed.chained(file.offer, file.offer_chain, pins, side="host", audience=home_id)
    acceptance, home = agreed.chained(file.acceptance, file.acceptance_chain, pins, side="home", audience=host_id)
    if not acceptance.matches(offer):
        raise TokenRefused("the two sides signed different things")
    if acceptance.at < offer.at - agreed.LEEWAY:
        raise TrustBroken("confirmed before it was offered")
    agreed.refuse_unless_named(offer, home.code)
    return Proven(offer, acceptance, host, home)
