"""What a desk has and what its room's sheet says, a bit each: so a search asks for many at once in one comparison."""

from collections.abc import Iterable, Sequence

from federation.messages.space import IN_THE_ROOM, WAYS_IN, Access

FEATURES = (
    *("monitor", "outlet", "wifi", "web_meeting", "screen_hidden", "wire_lock", "printer", "wheelchair"),
    *("talking", "eating", "docomo", "au", "softbank", "rakuten"),
)
"""One bit each, in this order for ever."""
ASSURED = (
    *("partition", "screen", "privacy_filter", "soundproof", "lock", "camera", "wired", "wifi_eap"),
    *("guests_separated", "shredder", "lost_property", "not_public", "reception", "wire_lock", "members_only"),
)
"""What a セキュリティ確認表 says: one bit each, in this order for ever."""
ACCESS = (
    *("wheelchair", "step_free", "lift", "wide_toilet", "ostomate", "priority_parking", "assistance_dog", "writing"),
    *("captions", "hearing_loop", "light_alarm", "tactile_paving", "voice_guidance", "braille", "quiet"),
)
"""The viewpoints of accessibility: one bit each, in this order for ever."""


def bits(features: Sequence[str]) -> int:
    """Return the bits of the features."""
    return sum(1 << FEATURES.index(feature) for feature in set(features))


def assured(said: Sequence[str]) -> int:
    """Return the bits of what a sheet says plainly."""
    return sum(1 << ASSURED.index(each) for each in set(said))


def viewpoints(wanted: Iterable[str]) -> int:
    """Return the bits of viewpoints of accessibility."""
    return sum(1 << ACCESS.index(each) for each in set(wanted))


def said(access: Access, answer: bool) -> int:
    """Return the bits of the viewpoints to which a building or a room answers just that."""
    return viewpoints(each for each in ACCESS if getattr(access, each) is answer)


_WAYS_IN, _IN_THE_ROOM = viewpoints(WAYS_IN), viewpoints(IN_THE_ROOM)
OF_BUILDINGS = viewpoints(ACCESS) & ~_IN_THE_ROOM
"""Viewpoints to which the building itself must say yes."""


def accessible(wanted: int, building: int, room: int, not_room: int) -> bool:
    """Say whether a room is known to be accessible as wanted, as ``federation.messages.space.accessible`` has it.

    ``building`` and ``room`` hold what each says yes to, ``not_room`` what the room says no to.
    """
    known = (building & ~_WAYS_IN & ~_IN_THE_ROOM) | (building & room & _WAYS_IN)
    known |= (room | (building & ~not_room)) & _IN_THE_ROOM
    return wanted & ~known == 0
