"""One town's node in one process: everything its views, jobs and commands reach for, opened once by ``node.app``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.feed import Feeds
    from federation.host import HostVerbs
    from federation.keys import KeyRing
    from federation.members import Members
    from federation.peer import Peer
    from federation.replay import Proofs
    from federation.storage import Storage
    from node.config import Config


@dataclass(frozen=True)
class Keys:
    """The town's three key rings: for its statements, for its tokens, and for the passes its own reception checks."""

    federation: KeyRing
    protocol: KeyRing
    passes: KeyRing


@dataclass(frozen=True)
class Town:
    """A town as its own process knows it. ``clock`` gives the aware UTC moment; only the edges read it.

    ``hosts`` answers with the verbs of the host of that entity id, the own town's included (in-process); it raises
    ``NotAMember`` for one the registry does not know.
    """

    config: Config
    storage: Storage
    proofs: Proofs
    feeds: Feeds
    peer: Peer
    members: Members
    keys: Keys
    clock: Callable[[], datetime]
    hosts: Callable[[str], HostVerbs]
