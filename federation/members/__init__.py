"""What this party knows of the others: the members table, how it is kept fresh, and who may be believed now.

Anchor-first: only who stands in the table is anybody. An id that does not is refused without a call to anyone, so no
token can make us contact the host it names. What is in the table came from the registry's feed and verified under the
pinned keys. Freshness is not validity: a statement holds until it expires, and only a signed status suspends.
"""

from federation.members.informed import REGISTRY, Members
from federation.members.witness import Witness
from federation.remote_registry import RegistryVerbs
from federation.roster import AnchorSeen, Member, find, keep

__all__ = ["REGISTRY", "AnchorSeen", "Member", "Members", "RegistryVerbs", "Witness", "find", "keep"]
