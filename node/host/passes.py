"""利用証: a signed proof of a confirmed booking, which our own reception can check with the network down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from federation.keys import KeyRing
from federation.tokens import PASS, Claims
from node.models.bookings import Booking


@dataclass(frozen=True)
class Passes:
    """The office that signs and checks passes: this host's entity id and its pass keys."""

    entity_id: str
    ring: KeyRing

    def issue(self, booking: Booking, now: datetime) -> str:
        """Sign a pass for the booking as it stands; it holds until the end of the visit's last day at the site.

        Empty once that day is over: a home may still ask for a booking that no job has closed yet.
        """
        expires = _end_of_last_day(booking)
        if expires <= now:
            return ""
        claims = {
            "iss": self.entity_id,
            "aud": self.entity_id,
            "booking": booking.id,
            "version": booking.version,
            "desk": booking.places[0].desk_id,
            "exp": expires,
        }
        return PASS.sign(self.ring.current, claims, now=now)

    def verify(self, token: str, now: datetime) -> Claims:
        """Return a genuine pass's claims (booking, version, desk); raise ``TokenRefused`` or ``TokenExpired``."""
        return PASS.verify(token, self.ring.public(), now=now, issuer=self.entity_id, audience=self.entity_id)


def _end_of_last_day(booking: Booking) -> datetime:
    last = max(booking.places, key=lambda place: place.end)
    local = last.end.astimezone(ZoneInfo(last.desk.room.site.zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
