"""The home a request comes from, as its bookings are kept."""

from dataclasses import dataclass

from node.models.bookings import OWN_TOWN


@dataclass(frozen=True)
class Home:
    """A visitor's town: ``member_id`` is None for this town itself; ``code`` comes from the registry's own word."""

    member_id: int | None
    entity_id: str
    code: str

    @property
    def id(self) -> int:
        """The number under which this host keeps the home's bookings and their feed."""
        return OWN_TOWN if self.member_id is None else self.member_id

    @property
    def is_own(self) -> bool:
        """Whether these are our own staff, at our own desks."""
        return self.member_id is None
