"""The registry in one process: everything its views, jobs and commands reach for, opened once by ``registry.app``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.feed import Feeds
    from federation.members import Members
    from federation.peer import Peer
    from federation.replay import Proofs
    from federation.storage import Storage
    from registry.config import Config
    from registry.membership.anchor import Seal


@dataclass(frozen=True)
class Bureau:
    """The registry as its own process knows it. ``clock`` gives the aware UTC moment; only the edges read it.

    ``seal`` holds the keys and signs with them; ``secret`` signs the operators' session cookies.
    """

    config: Config
    storage: Storage
    proofs: Proofs
    feeds: Feeds
    peer: Peer
    members: Members
    seal: Seal
    secret: str = field(repr=False)
    clock: Callable[[], datetime]
