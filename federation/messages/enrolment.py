"""Asking to become a member, and the registry's first answer.

May never change: the invitation is a secret used once; ``configuration`` is the node's own entity configuration;
``proof`` is a client assertion to the registry signed with the same **federation** key (OpenID Federation 1.1, 8.8).
"""

from typing import Annotated, Literal

from pydantic import Field

from federation.messages.base import Code, Message, Url, Word
from federation.messages.member import Jwt

Thumbprint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class EnrolmentRequest(Message):
    """What ``join`` sends to the registry's enrolment endpoint."""

    invitation: Word
    configuration: Jwt
    proof: Jwt


class EnrolmentAnswer(Message):
    """What the registry understood. Both screens show ``thumbprint``; the operator admits after comparing them.

    ``anchor_thumbprint`` and ``recovery_thumbprint`` are the registry's two keys, which the invitation names as well:
    a node pins them only after they agree with what its admin was given.
    """

    state: Literal["pending", "admitted", "declined"]
    registry: Url
    code: Code
    name: Word
    thumbprint: Thumbprint
    anchor_thumbprint: Thumbprint
    recovery_thumbprint: Thumbprint
