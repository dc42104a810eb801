"""What two towns say to each other of an agreement, each in one idempotent PUT: its whole present word, numbered.

May never change: a token inside is signed by who sends the message, for who receives it, and is all that counts of the
terms; ``revision`` and ``word`` grow with each thing said, and an older number than the last one is refused.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from federation.messages.base import Message, Utc, Uuid

Token = Annotated[str, StringConstraints(min_length=1, max_length=131072, pattern=r"^[A-Za-z0-9_.-]+$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
Counted = Annotated[int, Field(ge=1, le=2_000_000_000)]
_STORABLE = r"^[^\x00\x1b\u202a-\u202e\u2066-\u2069]*$"
Reason = Annotated[str, StringConstraints(max_length=500, pattern=_STORABLE)]
Objection = Annotated[str, StringConstraints(max_length=1000, pattern=_STORABLE)]
LARGEST = 640 * 1024
"""Bytes of a message at most: a token and the chain of who signed it."""


class SignersChain(Message):
    """Who signed, as of signing: its entity configuration, the registry's statement about it, and the registry's own."""

    configuration: Token
    statement: Token
    anchor: Token


class Suspended(Message):
    """Since when one side has stopped an agreement, and why."""

    at: Utc
    reason: Reason = ""


class OfferedTerms(Message):
    """A host's word: the newest version of its terms, signed for this home, and how the agreement stands."""

    id: Uuid
    revision: Counted
    in_force: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
    token: Token
    chain: SignersChain
    ends_on: Day | None = None
    suspended: Suspended | None = None


class TermsAnswer(Message):
    """A home's word on one version: its own signature of the same terms, or what does not match."""

    id: Uuid
    version: Counted
    token: Token | None = None
    chain: SignersChain | None = None
    objection: Objection = ""


class HomeSuspension(Message):
    """A home's word on its own people: since when and why none of them may book under an agreement; nothing where they may."""

    id: Uuid
    word: Counted
    suspended: Suspended | None = None


class SignedAgreement(Message):
    """A confirmed version as one file: both signatures, each with its signer's chain as of signing. It needs nothing else."""

    kind: Literal["tachiyori-agreement"]
    offer: Token
    offer_chain: SignersChain
    acceptance: Token
    acceptance_chain: SignersChain
