"""Conditions of a home on where its people go: which kinds of buildings, which sites, how far."""

from collections.abc import Collection
from dataclasses import dataclass

from federation.distance import Position, km
from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

UNTOLD = "other"
"""What a building counts as whose host does not say what it is."""


@dataclass(frozen=True)
class FacilitiesAllowed:
    """Only buildings of these kinds; an empty set means any."""

    kinds: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the kind that the host publishes."""
        if not self.kinds or (wish.facility_type or UNTOLD) in self.kinds:
            return Yes()
        words = phrase("所属団体の利用条件により、この種類の施設は利用できません。")
        if not wish.facility_type:
            change = phrase("受入団体が施設の種類を掲載し、それが認められた種類であれば利用できます。")
            return No("facility-not-allowed", words, change=change)
        return No("facility-not-allowed", words, change=phrase("庁舎など、認められた種類の施設なら利用できます。"))


@dataclass(frozen=True)
class SitesAllowed:
    """Only these sites; an empty set means any."""

    site_ids: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Look the site up."""
        if not self.site_ids or wish.site_id in self.site_ids:
            return Yes()
        words = phrase("所属団体の利用条件により、この施設は利用できません。")
        return No("site-not-allowed", words, change=phrase("利用条件で認められた施設なら利用できます。"))


@dataclass(frozen=True)
class WithinRadius:
    """Not farther than so many kilometres from ``centre``, a point called ``name``, as the crow flies."""

    km: int
    centre: Position
    name: str

    def judge(self, wish: Wish) -> Answer:
        """Measure; a site whose position is not known is not within anything."""
        if wish.position is not None and km(self.centre, wish.position) <= self.km:
            return Yes()
        return No(
            "too-far",
            phrase("所属団体の利用条件により、%(name)sから%(km)skmを超える施設は利用できません。"),
            {"name": self.name, "km": self.km},
            phrase("%(name)sから%(km)skm以内の施設なら利用できます。"),
        )
