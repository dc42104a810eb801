"""Our sites written as a 公共施設一覧 with the columns of their own form; when they are open stands in the sheet of hours."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.host.sheets import arrival, headings, vocabulary
from node.models.sites import Site

FIELDS = (
    *("site_id", "facility_number", "name", "name_kana", "name_en", "poi", "facility_type"),
    *("address", "lat", "lon", "phone", "phone_extension", "description"),
    *arrival.TITLES,
    *headings.ACCESS,
)
_POI = {"hall": "1302", "community": "1307", "library": "1512"}


def rows_of(db: Session, _now: datetime) -> Iterator[tuple[str, ...]]:
    """Write all sites, in the order of ``FIELDS``."""
    for site in db.scalars(select(Site).order_by(Site.name, Site.id)):
        yield tuple(_written(site, field) for field in FIELDS)


def _written(site: Site, field: str) -> str:
    if field in headings.ACCESS:
        return {True: "有", False: "無", None: ""}[site.access.get(field)]
    special: dict[str, str] = {
        "site_id": site.id,
        "poi": _POI.get(site.facility_type, ""),
        "facility_type": arrival.TYPES.get(site.facility_type, ""),
        "stations": arrival.written(site.stations),
        "published": vocabulary.published(site.published),
        "phone_extension": site.extension,
    }
    return special[field] if field in special else str(getattr(site, field))
