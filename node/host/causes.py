"""Why places close: the words that are stored and travel, what people read, and the reason a home is told."""

from collections.abc import Mapping

from sqlalchemy.orm import object_session

from federation import language
from federation.messages.booking import Reason
from federation.wording import phrase
from node.models.bookings import Booking
from node.models.opening import Closure

TEMPLATES: Mapping[str, str] = {
    "early_voting": phrase("期日前投票"),
    "tax_return": phrase("確定申告会場"),
    "assembly": phrase("議会"),
    "inspection": phrase("電気設備点検（全館停電）"),
    "holiday": phrase("祝日・年末年始"),
    "disaster": phrase("災害対応（臨時閉鎖）"),
    "other": phrase("その他"),
}
"""Why places close: the word that is stored and travels, and what people read."""
CLOSURE, LIFTED = "closure", "closure-lifted"
"""What a booking's ``cause`` says of a 休止, and of one that was lifted again."""
_LONGEST = 300


def why(booking: Booking) -> tuple[Reason, ...]:
    """Return the reason of the 休止 that ended, shortened or moved a booking, with its note; none for any other."""
    db = object_session(booking)
    if db is None or booking.closure_id is None or booking.cause not in {CLOSURE, LIFTED}:
        return ()
    closure = db.get(Closure, booking.closure_id)
    if closure is None:
        return ()
    words = TEMPLATES[closure.template]
    ja, en = (_with(language.translate(words, tongue), closure.note) for tongue in ("ja", "en"))
    return (Reason(code=f"closure-{closure.template.replace('_', '-')}", side="host", ja=ja, en=en),)


def _with(words: str, note: str) -> str:
    return (f"{words} {note}" if note else words)[:_LONGEST]
