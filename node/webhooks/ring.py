"""The secrets of one receiver: the one in use, for a day the one before it, and the one by which bookings are named."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.webhooks import signing

OVERLAP = timedelta(days=1)
"""So long messages are signed with the former secret as well, for whoever has yet to enter the new one."""


@dataclass(frozen=True)
class Ring:
    """What stands sealed in the receiver's row. Bookings keep their pseudonyms when the secret is changed: ``naming`` stays."""

    current: str
    naming: str
    former: str = ""
    former_until: datetime | None = None

    @classmethod
    def made(cls) -> "Ring":
        """Return a ring with one new secret."""
        secret = signing.new_secret()
        return cls(secret, secret)

    @classmethod
    def read(cls, text: str) -> "Ring":
        """Read what ``text`` wrote, or a single secret as it stood there before there were rings."""
        if text.startswith(signing.PREFIX):
            return cls(text, text)
        kept = json.loads(text)
        until = kept["former_until"]
        return cls(kept["current"], kept["naming"], kept["former"], datetime.fromisoformat(until) if until else None)

    @property
    def text(self) -> str:
        """The ring as it is sealed."""
        until = self.former_until.isoformat() if self.former_until else ""
        return json.dumps({**vars(self), "former_until": until})

    def turned(self, now: datetime) -> "Ring":
        """Return the ring with a new secret; the one in use until now signs along for ``OVERLAP``, any older one no more."""
        return Ring(signing.new_secret(), self.naming, self.current, now + OVERLAP)

    def signing(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets to sign with, the one in use first."""
        both = self.former_until is not None and now < self.former_until
        return (self.current, self.former) if both else (self.current,)
