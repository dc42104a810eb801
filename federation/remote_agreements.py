"""Telling another town how an agreement stands: one idempotent PUT each (protocol, section 5), as this node and by its own word."""

from federation.errors import PeerAnsweredBadly, PeerRefused
from federation.messages.base import Message
from federation.peer import Peer
from federation.remote import said
from federation.trust import VerifiedMember


def put(peer: Peer, to: VerifiedMember, uuid: str, what: str, message: Message) -> None:
    """Put a host's ``offer``, or a home's ``answer`` or ``suspension``, of the agreement the host gave this UUID.

    Raises what the other town refuses with, and as every call of another party does.
    """
    endpoint = to.metadata.get("desk_exchange", {}).get("agreements_endpoint")
    if not isinstance(endpoint, str):
        raise PeerAnsweredBadly(f"{to.entity_id} publishes no desk_exchange.agreements_endpoint")
    answer = peer.request(
        "PUT",
        f"{endpoint}/{uuid}/{what}",
        audience=to.entity_id,
        token_endpoint=to.token_endpoint,
        scope="manage",
        body=message.text(),
    )
    try:
        answer.expect(204)
    except PeerRefused as refusal:
        raise said(refusal) from None
