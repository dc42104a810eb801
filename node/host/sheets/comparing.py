"""What a 公共施設一覧 would change of our sites, and changing it: found again by ID, or by name and address."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.wording import phrase
from node.config import Config
from node.host import opening, sites
from node.host.sheets import cells
from node.host.sheets.headings import TITLES
from node.host.sheets.rows import Row
from node.models.imports import ImportedSite, ImportRow
from node.models.sites import Site

_ACCESS = "access."
_ANOTHER = phrase("IDは同じですが、名称も所在地も違います。同じ施設であることを確かめてから選んでください。")
_OFF_AT_FIRST = frozenset({"opens_on_holidays"})
_PLAIN = tuple(name for name in TITLES if name not in {"hours", "published"} and not name.startswith(_ACCESS))


def compare(db: Session, rows: Sequence[Row], _now: datetime) -> None:
    """Say of each row whether it is a new site, changes one, or changes nothing; a problem stays one."""
    known = _Known(db, [row.facts for row in rows])
    named = {site.id for row in rows if (site := known.named(row.facts)) is not None}
    for row in rows:
        site = known.find(row.facts)
        # An ID that was another's, which stands in the file itself: the list was numbered anew, and this is a new facility.
        if site is None or (site.id in named and _is_another(site, row.facts)):
            continue
        row.target = site.id
        row.differences = known.differences(site, row.facts)
        if _is_another(site, row.facts):
            row.noticed(_ANOTHER, TITLES["facility_number"], site.name)
            row.is_doubtful = True
        if not row.is_wrong:
            row.verdict = "update" if row.differences else "same"


def apply(db: Session, config: Config, rows: Sequence[ImportRow], options: Mapping[str, Any], now: datetime) -> None:
    """Add or change the sites of these rows, by the functions that forms use. Raises ``BadInput``."""
    known = _Known(db, [row.facts for row in rows])
    new: dict[tuple[str, str, str], ImportRow] = {}
    done: list[tuple[Site, ImportRow]] = []
    for row in rows:
        site = known.find(row.facts)
        if site is None or (row.verdict == "new" and _is_another(site, row.facts)):
            facts = row.facts
            key = (facts["facility_number"], facts["name"], facts["address"])
            if key in new:
                raise BadInput("two rows are one facility", field="name")
            new[key] = row
        else:
            _change(db, config, site, row, known.differences(site, row.facts))
            done.append((site, row))
    added = _add(db, config, list(new.values()), published=bool(options.get("publish")))
    _remember(db, known, [*done, *zip(added, new.values(), strict=True)], now)


def _add(db: Session, config: Config, rows: Sequence[ImportRow], *, published: bool) -> Sequence[Site]:
    """Add the sites of rows that no two of which are one facility: the reader has marked twins."""
    many = [
        {name: row.facts[name] for name in _PLAIN if name in row.facts} | {"access": _access(row.facts)} for row in rows
    ]
    added = sites.add_sites(db, config, many, published=published)
    given = {site.id: row.facts.get("hours", ()) for row, site in zip(rows, added, strict=True)}
    for row, site in zip(rows, added, strict=True):
        if row.facts.get("published", published) != published:
            (sites.withdraw if published else sites.publish)(db, site)
    opening.give_hours(db, {site_id: [(one[0], one[1], one[2]) for one in hours] for site_id, hours in given.items()})
    return added


def _change(db: Session, config: Config, site: Site, row: ImportRow, differences: Sequence[Mapping[str, Any]]) -> None:
    wanted = {one["field"]: one["file"] for one in differences if row.overwrite or not one["by_hand"]}
    hours, offered = wanted.pop("hours", None), wanted.pop("published", None)
    if offered is not None:
        (sites.publish if offered else sites.withdraw)(db, site)
    if hours is not None:
        opening.set_hours(db, site.id, [tuple(one) for one in hours])
    if access := _access(wanted):
        wanted = {name: value for name, value in wanted.items() if not name.startswith(_ACCESS)}
        wanted["access"] = {**site.access, **access}
    if wanted:
        sites.edit(db, config, site, wanted)
    elif hours is not None:
        sites.changed(db, site)


def _access(facts: Mapping[str, Any]) -> dict[str, bool]:
    """Return the accessibility viewpoints among some facts."""
    return {name.removeprefix(_ACCESS): value for name, value in facts.items() if name.startswith(_ACCESS)}


def _remember(db: Session, known: "_Known", done: Sequence[tuple[Site, ImportRow]], now: datetime) -> None:
    """Keep what the file said, so that what differs later is known to have been changed by hand."""
    first: dict[str, dict[str, Any]] = {}
    for site, row in done:
        row.target, row.outcome, facts = site.id, "done", row.facts
        said = {name: value for name, value in facts.items() if name in TITLES and value not in (None, "", [])}
        before = known.imported.get(site.id)
        if before is not None:
            before.facts, before.at = {**before.facts, **said}, now
        else:
            first[site.id] = {**first.get(site.id, {}), **said}
    if first:
        db.execute(insert(ImportedSite), [{"site_id": id_, "facts": said, "at": now} for id_, said in first.items()])


class _Known:
    """The sites that some rows may mean, with their hours and what files said of them before: few questions for many rows."""

    def __init__(self, db: Session, facts: Sequence[Mapping[str, Any]]) -> None:
        """Ask for all of them at once."""
        numbers = {number for each in facts if (number := each.get("facility_number"))}
        ids = {id_ for each in facts if (id_ := each.get("site_id"))}
        names = {name for each in facts if (name := each.get("name"))}
        by_name = Site.name.in_(names | {cells.fold(name) for name in names})
        found = db.scalars(
            select(Site).where(or_(Site.id.in_(ids), Site.facility_number.in_(numbers), by_name)).order_by(Site.id)
        ).all()
        self.by_id = {site.id: site for site in found}
        self.by_number: dict[str, Site] = {}
        self.by_name: dict[tuple[str, str], Site] = {}
        for site in found:
            self.add(site)
        there = [site.id for site in found]
        self.hours = opening.hours_by_place(db, there)
        kept = db.scalars(select(ImportedSite).where(ImportedSite.site_id.in_(there)))
        self.imported = {each.site_id: each for each in kept}

    def add(self, site: Site) -> None:
        """Let a site be found; of two alike the first one stays."""
        if site.facility_number:
            self.by_number.setdefault(site.facility_number, site)
        self.by_name.setdefault(_key(site.name, site.address), site)

    def named(self, facts: Mapping[str, Any]) -> Site | None:
        """Return the site of this name and address."""
        return self.by_name.get(_key(facts.get("name", ""), facts.get("address", "")))

    def find(self, facts: Mapping[str, Any]) -> Site | None:
        """Return the site that these facts mean: by our own ID or the list's, or by name and address.

        Where the ID is that of a site called and situated otherwise, name and address win: many lists number their rows
        anew whenever one is put between them.
        """
        if (site := self.by_id.get(facts.get("site_id", ""))) is not None:
            return site
        number = facts.get("facility_number")
        numbered = self.by_number.get(number) if number else None
        named = self.named(facts)
        if numbered is not None and (named is None or not _is_another(numbered, facts)):
            return numbered
        return named

    def differences(self, site: Site, facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return where the file says otherwise; silence in the file says nothing. ``by_hand`` is what nobody's file said."""
        before = self.imported.get(site.id)
        said = before.facts if before is not None else {}
        found: list[Mapping[str, Any]] = []
        for field in TITLES:
            wanted, now = facts.get(field), self._now(site, field)
            if wanted in (None, "", []) or _is_same(wanted, now):
                continue
            if field == "facility_number" and not cells.is_renamed(now, wanted):
                continue
            is_set = now not in (None, "", []) and not (now is False and field in _OFF_AT_FIRST)
            by_hand = is_set and not _is_same(said.get(field), now)
            found.append({"field": field, "now": now, "file": wanted, "by_hand": by_hand})
        return found

    def _now(self, site: Site, field: str) -> Any:
        if field == "hours":
            return [list(one) for one in self.hours.get(site.id, ())]
        if field.startswith(_ACCESS):
            return site.access.get(field.removeprefix(_ACCESS))
        return getattr(site, field)


def _is_another(site: Site, facts: Mapping[str, Any]) -> bool:
    """Say whether a row names neither the site's name nor its address, so that its ID may have been given anew."""
    if facts.get("site_id") == site.id:
        return False
    name, address = _key(facts.get("name", ""), facts.get("address", ""))
    return cells.searchable(site.name) != name and cells.searchable(site.address) != address


def missing(db: Session, rows: Sequence[Row]) -> Sequence[str]:
    """Return the names of the sites that came by a file before and are in none of these rows."""
    there = {row.target for row in rows}
    came = select(Site.id, Site.name).join(ImportedSite, ImportedSite.site_id == Site.id).order_by(Site.name, Site.id)
    return [name for id_, name in db.execute(came) if id_ not in there]


def _key(name: str, address: str) -> tuple[str, str]:
    return cells.searchable(name), cells.searchable(address)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-7
    return bool(one == other)
