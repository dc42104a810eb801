"""What a page's address says of where and when: read into a question for the registry, and written back into the form."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from federation import municipality
from federation.errors import BadInput, BadWish, TachiyoriError
from federation.members import Member
from federation.messages.listing import DeskListing
from federation.messages.search import SearchQuery
from federation.storage import Storage
from federation.web.tongue import say
from federation.wording import phrase
from node.home import wishes
from node.home.wishes import When
from node.views.sheetwords import ASSURED, ShownSheet, shown

PRIVACY = {"private": phrase("個室"), "semi_private": phrase("半個室"), "open": phrase("大部屋")}
FEATURES = {
    "monitor": phrase("外部モニター"),
    "outlet": phrase("電源"),
    "wifi": phrase("Wi-Fi"),
    "web_meeting": phrase("Web会議可"),
    "screen_hidden": phrase("のぞき見防止"),
    "wire_lock": phrase("ワイヤーロック"),
    "printer": phrase("プリンター"),
    "wheelchair": phrase("車椅子対応"),
    "talking": phrase("会話可"),
    "eating": phrase("飲食可"),
    "docomo": phrase("電波○ ドコモ"),
    "au": phrase("電波○ au"),
    "softbank": phrase("電波○ ソフトバンク"),
    "rakuten": phrase("電波○ 楽天モバイル"),
}
SLOTS = {
    "morning": phrase("午前"),
    "afternoon": phrase("午後"),
    "day": phrase("全日"),
    "hours": phrase("時間を指定"),
}
UNITS = {
    "half_day": phrase("午前・午後の単位で予約"),
    "day": phrase("1日の単位で予約"),
    "30": phrase("30分の単位で予約"),
    "60": phrase("60分の単位で予約"),
}
"""In which units a desk is booked, where that is not the usual quarter of an hour."""
A_PAGE = 20
"""So many desks stand on one page of results."""
_COORDINATES = re.compile(r"(-?\d{1,3}(?:\.\d+)?)(?:\s*,\s*|\s+)(-?\d{1,3}(?:\.\d+)?)")


@dataclass(frozen=True)
class Wished:
    """The search line as it was filled in: raw words for the form, ``when`` if they could be read, errors by field."""

    near: str
    day: str
    slot: str
    begins: str
    ends: str
    privacy: tuple[str, ...]
    features: tuple[str, ...]
    security: tuple[str, ...]
    when: When | None
    errors: Mapping[str, str]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The wish as an address has it."""
        plain = [("near", self.near), ("day", self.day), ("slot", self.slot), ("from", self.begins), ("to", self.ends)]
        chosen = (("privacy", self.privacy), ("feature", self.features), ("security", self.security))
        return [*plain, *((name, each) for name, values in chosen for each in values)]


def read(args: MultiDict[str, str], *, now: datetime, near: str = "") -> Wished:
    """Read the search line; what cannot be read stands in ``errors`` under its field, in the reader's words."""
    when, errors = None, {}
    filled = dict(args.items())
    if "day" not in filled:
        usual = wishes.usual(now)
        filled = {
            "day": usual.day.isoformat(),
            "slot": usual.slot,
            "from": usual.from_clock,
            "to": usual.to_clock,
        } | filled
    try:
        when = wishes.read(filled, now=now)
    except BadWish as error:
        errors[error.field or "day"] = what(error)
    return Wished(
        near=args.get("near", near).strip()[:100],
        day=when.day.isoformat() if when else filled["day"][:40],
        slot=filled.get("slot", "hours"),
        begins=when.from_clock if when else filled.get("from", "")[:10],
        ends=when.to_clock if when else filled.get("to", "")[:10],
        privacy=tuple(each for each in args.getlist("privacy") if each in PRIVACY),
        features=tuple(each for each in args.getlist("feature") if each in FEATURES),
        security=tuple(each for each in args.getlist("security") if each in ASSURED),
        when=when,
        errors=errors,
    )


def what(error: TachiyoriError) -> str:
    """Return what is wrong with one field, in the reader's language and as a whole sentence."""
    if isinstance(error, BadWish):
        return say(phrase("%(what)s。"), what=say(str(error.facts.get("what", ""))))
    return say(error.words, **error.facts)


def query(wished: Wished, storage: Storage, cursor: str = "") -> SearchQuery:
    """Return the question for the registry, from ``cursor`` on; raise ``BadInput`` where ``near`` can be no place."""
    if wished.when is None:
        raise BadInput("no time to ask for", field="day")
    chosen: dict[str, object] = {
        "start": wished.when.start,
        "end": wished.when.end,
        "privacy": wished.privacy,
        "features": wished.features,
        "security": wished.security,
    }
    chosen["cursor"] = cursor[:300]
    chosen["limit"] = A_PAGE
    try:
        return SearchQuery.model_validate({**chosen, **_place(wished.near, storage)})
    except ValueError:
        raise BadInput(f"near {wished.near!r}", field="near") from None


def _place(near: str, storage: Storage) -> dict[str, object]:
    """Tell coordinates, a 団体コード and the name of a town or station apart."""
    folded = unicodedata.normalize("NFKC", near).strip()
    if not folded:
        return {}
    coordinates = _COORDINATES.fullmatch(folded)
    if coordinates:
        lat, lon = map(float, coordinates.groups())
        if abs(lat) > 90 or abs(lon) > 180:
            what = phrase("緯度、経度の順に「35.6896, 139.6917」のように入力してください")
            raise BadWish(f"near {near!r}", field="near", facts={"what": what})
        return {"lat": round(lat, 3), "lon": round(lon, 3)}
    if folded.isascii() and folded.isdigit():
        return {"municipality": municipality.repair(folded).code}
    with storage.transaction() as db:
        code = db.scalar(select(Member.code).where(Member.name == folded, Member.gone.is_(False)))
    return {"municipality": code} if code else {"station": folded}


def sheet_on(desk: DeskListing, when: When | None) -> ShownSheet | None:
    """Return the セキュリティ確認表 of a desk's room as it stands on the wished day; None where there is none."""
    return shown(desk.security, when.day) if when else None


def options(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return choices as a form shows them: value, and words in the reader's language."""
    return [(value, say(each)) for value, each in words.items()]
