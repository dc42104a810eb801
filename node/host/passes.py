"""利用証: a signed proof of a confirmed booking, which our own reception can check with the network down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from federation.keys import KeyRing
from federation.tokens import PASS, Claims
from node.host import printedpass
from node.models.bookings import Booking


@dataclass(frozen=True)
class Passes:
    """The office that signs and checks passes: this host's entity id and its pass keys."""

    entity_id: str
    ring: KeyRing

    def issue(self, booking: Booking, now: datetime) -> str:
        """Sign a pass for the booking as it stands, and return it as it is printed; it holds until the end of its last day.

        That is the site's own day. Empty once it is over: a home may still ask for a booking that no job has closed yet.
        """
        expires = _end_of_last_day(booking)
        if expires <= now:
            return ""
        desk, cards = booking.places[0].desk_id, {place.card for place in booking.places}
        card = cards.pop() if len(cards) == 1 else ""
        version = booking.version
        claims = printedpass.claims_of(
            self.entity_id, booking=booking.id, version=version, desk=desk, exp=expires, card=card
        )
        return printedpass.printed(PASS.sign(self.ring.current, claims, now=now))

    def verify(self, text: str, now: datetime) -> Claims:
        """Return a genuine pass's claims (booking, version, desk, maybe card); raise ``TokenRefused`` or ``TokenExpired``.

        Takes a printed pass, or the signed token that it stands for.
        """
        keys = self.ring.public()
        token = printedpass.signed(text, self.entity_id, keys) if printedpass.is_printed(text) else text
        return PASS.verify(token, keys, now=now, issuer=self.entity_id, audience=self.entity_id)


def _end_of_last_day(booking: Booking) -> datetime:
    last = max(booking.places, key=lambda place: place.end)
    local = last.end.astimezone(ZoneInfo(last.desk.room.site.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
