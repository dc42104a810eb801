"""Signing what must be proven years later: with the protocol key of today, and the chain by which anybody may believe it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation import trust
from federation.errors import NotAMember, TrustBroken
from federation.messages.agreement import SignedAgreement, SignersChain
from federation.roster import AnchorSeen, find
from node import entity
from node.town import Town


def own_chain(db: Session, town: Town, now: datetime) -> SignersChain:
    """Return this town's chain as of now; raises ``NotAMember`` before the registry has spoken of it, ``TrustBroken`` where
    that no longer holds: what is signed then could not be proven.
    """
    own, seen = find(db, town.config.entity_id), db.get(AnchorSeen, town.config.registry)
    if own is None or own.gone or seen is None:
        raise NotAMember("the registry has not spoken of this town yet")
    chain = SignersChain(
        configuration=entity.configuration(town.config, town.keys, now),
        statement=own.statement,
        anchor=seen.configuration,
    )
    anchor = town.members.anchor_of(db)
    member = trust.verify_member(
        anchor=anchor, entity_configuration=chain.configuration, subordinate_statement=chain.statement, now=now
    )
    if town.keys.protocol.current.kid not in member.protocol_keys:
        raise TrustBroken("our own chain does not bear the key that signs")
    return chain


def both(
    offer: str, offer_chain: Mapping[str, Any], acceptance: str, acceptance_chain: Mapping[str, Any]
) -> SignedAgreement:
    """Return both sides' signatures of a version with their chains, as the one file in which they are handed on."""
    return SignedAgreement(
        kind="tachiyori-agreement",
        offer=offer,
        offer_chain=SignersChain.model_validate(offer_chain),
        acceptance=acceptance,
        acceptance_chain=SignersChain.model_validate(acceptance_chain),
    )
