"""What a desk has and what its room's sheet says, a bit each: so a search asks for many at once in one comparison."""

from collections.abc import Sequence

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


def bits(features: Sequence[str]) -> int:
    """Return the bits of the features."""
    return sum(1 << FEATURES.index(feature) for feature in set(features))


def assured(said: Sequence[str]) -> int:
    """Return the bits of what a sheet says plainly."""
    return sum(1 << ASSURED.index(each) for each in set(said))
