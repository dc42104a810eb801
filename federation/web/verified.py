"""Access tokens that were verified before, remembered by their exact text, so that a busy caller costs one signature less.

Only node tokens: a caller uses one for ten minutes, while a person token is used once. A remembered token is good as long
as it has not expired and its key is still published. All else is asked anew with each request: the proof, the caller's
standing, whether the token was ended.
"""

import threading
from collections import OrderedDict
from datetime import datetime

from federation.claims import check_times
from federation.keys import KeyRing
from federation.tokens import NODE_TOKEN, Claims


class VerifiedTokens:
    """The node tokens of one issuer, ourselves. Safe to share between threads; each process has its own."""

    def __init__(self, entity_id: str, keys: KeyRing, *, most: int = 1024) -> None:
        """Take who we are and the keys we issue with; of more than ``most`` tokens the one unused longest is forgotten."""
        self._entity_id = entity_id
        self._keys = keys
        self._most = most
        self._kept: OrderedDict[str, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str, now: datetime) -> Claims | None:
        """Return the claims of a token that was verified before, or None. Raises ``TokenExpired``."""
        with self._lock:
            claims = self._kept.get(token)
            if claims is None:
                return None
            self._kept.move_to_end(token)
        if claims.kid not in self._keys.public():
            return None
        check_times(claims, now=now, max_age=None)
        return claims

    def verify(self, token: str, now: datetime) -> Claims:
        """Verify a node token and remember it; raises ``TokenRefused`` or ``TokenExpired`` and remembers nothing then."""
        own = self._entity_id
        claims = NODE_TOKEN.verify(token, self._keys.public(), now=now, issuer=own, audience=own)
        with self._lock:
            self._kept[token] = claims
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return claims
