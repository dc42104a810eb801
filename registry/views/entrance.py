"""The front door: staff find their own town's entrance and go there."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from federation import municipality
from federation.errors import NotFound
from federation.members import Member
from registry import destinations
from registry.destinations import Destination
from registry.models import Place
from registry.views import bureau

blueprint = Blueprint("entrance", __name__, template_folder="../templates")
_A_YEAR = 365 * 24 * 60 * 60
FEW = 20
"""So many towns are shown without asking for anything."""


@dataclass(frozen=True)
class Entrance:
    """A town as the page shows it."""

    code: str
    name: str
    name_kana: str
    name_en: str
    prefecture: str
    prefecture_en: str
    prefecture_code: str


def _folded(text: str) -> str:
    """Fold what people type: widths and cases alike, katakana as hiragana."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return "".join(chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter for letter in plain)


def _towns() -> list[Entrance]:
    with bureau().storage.transaction() as db:
        rows = db.scalars(select(Member).where(Member.status == "valid", ~Member.gone).order_by(Member.code)).all()
        capitals = db.execute(select(Place.code, Place.name_en).where(Place.kind == "prefecture")).all()
    english = {code[:2]: name for code, name in capitals}
    return [_entrance(row, english) for row in rows]


def _entrance(row: Member, english: Mapping[str, str]) -> Entrance:
    name = municipality.prefecture(row.code)
    return Entrance(
        code=row.code,
        name=row.name,
        name_kana=row.name_kana,
        name_en=row.name_en,
        prefecture=name,
        prefecture_en=english.get(row.code[:2], "") or name,
        prefecture_code=row.code[:2],
    )


def _matches(town: Entrance, wish: str) -> bool:
    words = (town.name, town.name_kana, town.name_en, town.code, town.prefecture, town.prefecture_en)
    return any(wish in _folded(word) for word in words)


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-town"


def _destination(address: str) -> Destination | None:
    """Return the desk that a visitor carries along, or None; an address that is not a member's desk is dropped here."""
    if not address:
        return None
    with bureau().storage.transaction() as db:
        return destinations.find(db, address)


def _carried(destination: Destination | None) -> dict[str, str]:
    """Return what the links of the page carry on."""
    return {"desk": destination.address} if destination else {}


@blueprint.get("/")
def choose() -> str:
    """Show the towns: all when they are few, else those of a prefecture or those that match what was typed.

    ``desk`` is the address of the desk somebody came from; it goes along to the town they choose.
    """
    address = request.args.get("desk", "")
    destination = _destination(address)
    towns, wish = _towns(), request.args.get("q", "")[:100]
    prefecture = request.args.get("prefecture", "")
    shown = [town for town in towns if _matches(town, _folded(wish)) and prefecture in {"", town.prefecture_code}]
    asked = bool(wish.strip() or prefecture)
    return render_template(
        "entrance.html",
        towns=shown if asked or len(towns) <= FEW else [],
        asked=asked,
        wish=wish,
        prefecture=prefecture,
        prefectures=_prefectures(towns),
        last=next((town for town in towns if town.code == request.cookies.get(_cookie())), None),
        total=len(towns),
        destination=destination,
        astray=bool(address) and destination is None,
        carried=_carried(destination),
    )


def _prefectures(towns: list[Entrance]) -> list[tuple[Entrance, int]]:
    """Return one town of each prefecture that has members, for its names, and how many there are."""
    first = {town.prefecture_code: town for town in reversed(towns)}
    return [(town, sum(each.prefecture_code == code for each in towns)) for code, town in sorted(first.items())]


@blueprint.get("/go/<code>")
def go(code: str) -> Response:
    """Go to a town's own node, and remember the choice in this browser for a year.

    The address is the registry's own word about the member, so this leads to members and nowhere else. With ``desk`` it
    leads to the town's booking page for that desk, which has to be a member's too.
    """
    address = request.args.get("desk", "")
    destination = _destination(address)
    with bureau().storage.transaction() as db:
        member = db.scalar(select(Member).where(Member.code == code, Member.status == "valid", ~Member.gone))
    if member is None or (address and destination is None):
        raise NotFound(f"no member {code[:10]}, or no member's desk")
    path = f"book?{urlencode(_carried(destination))}" if destination else ""
    response = redirect(f"{member.entity_id}/{path}", 303)
    secure = bureau().config.secure
    response.set_cookie(_cookie(), code, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@blueprint.post("/forget")
def forget() -> Response:
    """Forget the remembered town, as on a shared computer."""
    carried = _carried(_destination(request.form.get("desk", "")))
    response = redirect(f"/?{urlencode(carried)}" if carried else "/", 303)
    response.delete_cookie(_cookie(), secure=bureau().config.secure, httponly=True, samesite="Lax")
    return response
