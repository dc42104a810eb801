"""所属する自治体を選択してください: choosing one's own town, alike at the registry's door and at a desk of any host.

A name is found by kanji, kana or English, whatever its width and case. The choice is kept in this browser for a year, as
the town's code and nothing else; where it leads is always the members table's word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import current_app, request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import municipality
from federation.folding import folded
from federation.roster import Member

FEW = 20
"""So many towns are shown without asking for anything."""
_LONGEST = 100
_A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Entrance:
    """A town as the page shows it."""

    code: str
    name: str
    name_kana: str
    name_en: str

    @property
    def prefecture(self) -> str:
        """The name of its prefecture."""
        return municipality.prefecture_of(self.code).name

    @property
    def prefecture_en(self) -> str:
        """The English name of its prefecture."""
        return municipality.prefecture_of(self.code).english

    @property
    def prefecture_code(self) -> str:
        """The two digits of its prefecture."""
        return self.code[:2]

    @property
    def full_name(self) -> str:
        """The name with its prefecture in front, which no other town has; a prefecture's alone."""
        return self.name if self.name == self.prefecture else self.prefecture + self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that means this town and, but for names that several have, no other."""
        return tuple(word for word in (self.code, self.name, self.full_name, self.name_kana, self.name_en) if word)

    def matches(self, wish: str) -> bool:
        """Say whether a folded wish stands in any of its names."""
        around = municipality.prefecture_of(self.code)
        return any(wish in folded(word) for word in (self.name, self.name_kana, self.name_en, self.code, *around))


@dataclass(frozen=True)
class Choice:
    """What the page shows: the towns that were asked for, what was asked, and the one chosen here before."""

    towns: Sequence[Entrance]
    asked: bool
    wish: str
    prefecture: str
    prefectures: Sequence[tuple[Entrance, int]]
    last: Entrance | None
    total: int


def entrances(db: Session, *which: ColumnElement[bool]) -> list[Entrance]:
    """Return the members that may be chosen, among ``which``: live ones with a valid status. Their statements stay unread."""
    named = select(Member.code, Member.name, Member.name_kana, Member.name_en)
    rows = db.execute(named.where(Member.status == "valid", ~Member.gone, *which))
    return [Entrance(*row) for row in rows]


def choice(offered: Iterable[Entrance]) -> Choice:
    """Return what the present request asks to see: all towns when they are few, else those of ``q`` or ``prefecture``."""
    towns = sorted(offered, key=lambda town: town.code)
    wish, prefecture = request.args.get("q", "")[:_LONGEST], request.args.get("prefecture", "")[:2]
    asked = bool(wish.strip() or prefecture)
    shown = [town for town in towns if town.matches(folded(wish)) and prefecture in {"", town.prefecture_code}]
    return Choice(
        towns=shown if asked or len(towns) <= FEW else (),
        asked=asked,
        wish=wish,
        prefecture=prefecture,
        prefectures=_prefectures(towns),
        last=next((town for town in towns if town.code == remembered()), None),
        total=len(towns),
    )


def named(typed: str, offered: Iterable[Entrance]) -> Sequence[Entrance]:
    """Return the towns that somebody means by typing a code, a name in any of its forms, or 都道府県 and name; else a part of a name.

    Its prefecture alone means no town: who comes from the prefecture's own office is of another.
    """
    wish, towns = folded(typed[:_LONGEST]), sorted(offered, key=lambda town: town.code)
    if not wish:
        return ()
    whole = [one for one in towns if wish in {folded(word) for word in one.names}]
    return whole or [
        one for one in towns if any(wish in folded(word) for word in (one.name, one.name_kana, one.name_en))
    ]


def _prefectures(towns: Sequence[Entrance]) -> list[tuple[Entrance, int]]:
    """Return one town of each prefecture that has members, for its names, and how many there are."""
    first = {town.prefecture_code: town for town in reversed(towns)}
    counts: Mapping[str, int] = {code: sum(each.prefecture_code == code for each in towns) for code in first}
    return [(town, counts[code]) for code, town in sorted(first.items())]


# --- Remembered in this browser ---------------------------------------------------------------------------------


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-town"


def remembered() -> str:
    """Return the code chosen in this browser before, or nothing; it names a town only if the members table does."""
    return _kept()[0][:6]


def remembered_via() -> str:
    """Return the number of the address of that town that was chosen, or nothing."""
    return _kept()[2][:2]


def _kept() -> tuple[str, str, str]:
    return request.cookies.get(_cookie(), "").partition("-")


def remember(response: Response, code: str, via: int = 0) -> None:
    """Keep a choice in this browser for a year; ``via`` counts the town's own addresses, of which most have one."""
    value = f"{code}-{via}" if via else code
    response.set_cookie(_cookie(), value, max_age=_A_YEAR, secure=_secure(), httponly=True, samesite="Lax")


def forget(response: Response) -> None:
    """Forget the choice, as on a shared computer."""
    response.delete_cookie(_cookie(), secure=_secure(), httponly=True, samesite="Lax")


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
