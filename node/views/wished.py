"""What a page's address says of where and when: read into a question for the registry, and written back into the form."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from federation import municipality
from federation.errors import BadInput, BadWish, TachiyoriError
from federation.members import Member
from federation.messages.listing import DeskListing
from federation.messages.search import FreeDesk, SearchQuery
from federation.storage import Storage
from federation.web.tongue import say
from federation.wording import phrase
from node.home import wishes
from node.home.wishes import When
from node.views.sheetwords import ASSURED, ShownSheet, shown
from node.views.space import ACCESS

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
PRICES = {"0": phrase("無料"), "500": phrase("500円まで"), "1000": phrase("1,000円まで"), "3000": phrase("3,000円まで")}
"""The most that a stay may cost, in yen."""
GAPS = {"30": phrase("30分"), "60": phrase("1時間"), "120": phrase("2時間"), "180": phrase("3時間")}
"""How long a gap somewhere in the time has to be, in minutes."""
MOST_TOGETHER = 8
ORDERS = {"near": phrase("近い順"), "line": phrase("乗換なしを先に")}
NOW_FOR = (30, 60, 120)
"""Minutes for which a desk is offered from now on by one press."""
PLACE = frozenset({None, "near", "station", "municipality", "lat", "lon"})
"""Fields of a refusal that stand for the place, as it was typed."""
A_PAGE = 50
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
    access: tuple[str, ...]
    yen: str
    order: str
    then: str
    """Where the next meeting begins; then ``near`` is where the last one ends."""
    gap: str
    people: int
    when: When | None
    errors: Mapping[str, str]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The wish as an address has it."""
        plain = [("near", self.near), ("day", self.day), ("slot", self.slot), ("from", self.begins), ("to", self.ends)]
        chosen = (
            ("privacy", self.privacy),
            ("feature", self.features),
            ("security", self.security),
            ("access", self.access),
            ("yen", (self.yen,) if self.yen else ()),
            ("order", (self.order,) if self.order != "near" else ()),
            ("then", (self.then,) if self.then else ()),
            ("gap", (self.gap,) if self.gap else ()),
            ("people", (str(self.people),) if self.people > 1 else ()),
        )
        return [*plain, *((name, each) for name, values in chosen for each in values)]

    @property
    def href(self) -> str:
        """The address of the search for it, shareable."""
        return f"/search?{urlencode(self.parameters)}"

    def near_to(self, name: str) -> "Wished":
        """Return the same wish near another place."""
        return replace(self, near=name)

    @property
    def bare(self) -> "Wished":
        """The time alone: anywhere, and nothing that narrows."""
        return replace(self, near="", privacy=(), features=(), security=(), access=(), yen="", then="", people=1)

    @property
    def narrowed(self) -> int:
        """How many boxes and lists narrow it."""
        return len((*self.privacy, *self.features, *self.security, *self.access)) + bool(self.yen) + (self.people > 1)

    def at(self, when: When) -> "Wished":
        """Return the same wish for another time."""
        day = when.day.isoformat()
        return replace(self, day=day, slot=when.slot, begins=when.from_clock, ends=when.to_clock, when=when, errors={})


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
        access=tuple(each for each in args.getlist("access") if each in ACCESS),
        yen=args.get("yen", "") if args.get("yen") in PRICES else "",
        order=args.get("order", "") if args.get("order") in ORDERS else "near",
        then=args.get("then", "").strip()[:100],
        gap=args.get("gap", "") if args.get("gap") in GAPS else "",
        people=_people(args.get("people", "")),
        when=when,
        errors=errors,
    )


def _people(text: str) -> int:
    digits = unicodedata.normalize("NFKC", text).strip()
    return min(MOST_TOGETHER, max(1, int(digits))) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 1


def what(error: TachiyoriError) -> str:
    """Return what is wrong with one field, in the reader's language and as a whole sentence."""
    if isinstance(error, BadWish):
        return say(phrase("%(what)s。"), what=say(str(error.facts.get("what", ""))))
    return say(error.words, **error.facts)


def query(wished: Wished, storage: Storage, cursor: str = "", lines: Sequence[str] = ()) -> SearchQuery:
    """Return the question for the registry, from ``cursor`` on; raise ``BadInput`` where ``near`` can be no place.

    ``lines`` are those of the asker's commute, whose sites come first where that order is wished.
    """
    if wished.when is None:
        raise BadInput("no time to ask for", field="day")
    chosen: dict[str, object] = {
        "start": wished.when.start,
        "end": wished.when.end,
        "privacy": wished.privacy,
        "features": wished.features,
        "security": wished.security,
        "accessibility": wished.access,
        "max_price_yen": int(wished.yen) if wished.yen else None,
        "minutes": int(wished.gap) if wished.gap else None,
        "adjacent": wished.people if wished.people > 1 else None,
        "lines": tuple(lines)[:30] if wished.order == "line" else (),
        "cursor": cursor[:300],
        "limit": A_PAGE,
    }
    if wished.gap and wished.when.end - wished.when.start < timedelta(minutes=int(wished.gap)):
        short = phrase("時間帯より長い空きは探せません。時間帯を広げるか、空きの長さを短くしてください")
        raise BadWish("a gap longer than the time", field="day", facts={"what": short})
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


def when_of(wished: Wished, found: FreeDesk) -> When | None:
    """Return the time for which a desk that was found can be booked: the wished one, or the gap in it that is long enough."""
    if found.fits_from is None or not wished.gap:
        return wished.when
    return wishes.around(found.fits_from, found.fits_from + timedelta(minutes=int(wished.gap)))


def together() -> list[tuple[str, str]]:
    """Return how many people may be looked after together, as a form shows it."""
    return [(str(count), say(phrase("%(count)s名"), count=count)) for count in range(1, MOST_TOGETHER + 1)]
