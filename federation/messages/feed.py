"""A page of a feed: Realtime Paged Data Exchange 1.0, change-number strategy.

May never change: an item stands once, where it last changed; ``modified`` only grows within an epoch; a tombstone has no
``data``; the last page is empty **and** its ``next`` is its own address.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from federation.messages.base import Line, Message, Url, Word

LICENSE = "https://creativecommons.org/licenses/by/4.0/"


class FeedItem(Message):
    """One thing, as it last changed."""

    state: Literal["updated", "deleted"]
    kind: Word
    id: Line
    modified: Annotated[int, Field(ge=1, lt=2**60)]
    data: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _data_only_while_it_lives(self) -> "FeedItem":
        if (self.data is not None) != (self.state == "updated"):
            raise ValueError("an updated item has data, a deleted one has none")
        return self


class FeedPage(Message):
    """Some items in the order of their change numbers, and where to read on."""

    next: Url
    items: Annotated[tuple[FeedItem, ...], Field(max_length=5000)] = ()
    license: Url = LICENSE

    def wire(self) -> dict[str, Any]:
        """As of any message, but ``items`` stands there even when empty (RPDE 1.0: the last page)."""
        page = super().wire()
        return {"next": page["next"], "items": page.get("items", []), "license": page["license"]}
