"""A team as its form has it: the desks, the colleagues by their 職員番号, the time, and what is wrong with any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from federation.messages.listing import DeskListing
from federation.messages.search import FreeDesk
from federation.web.tongue import say
from federation.wording import phrase
from node.home import behalf, teams
from node.home.wishes import When
from node.models.staff import Staff
from node.views import freedesks, offers, searching, town, wished
from node.views.behalf import nobody
from node.views.offers import Offer
from node.views.session import me
from node.views.wished import Wished

_TWICE = phrase("同じ職員番号が2回入力されています。1人に1席です。")
_TOO_FEW = phrase("同僚と一緒に予約するには、座席を2席以上選んでください。")
_TOO_MANY = phrase("一緒に予約できるのは%(most)s席までです。")
_APART = phrase("一つの施設の座席を選んでください。部屋全体は選べません。")
_BEGUN = phrase("これから始まる時間を選んでください。始まった時間は、同僚と一緒には予約できません。")


@dataclass(frozen=True)
class Gathered:
    """What is filled in. ``at`` is the desk whose room is shown; the first of ``chosen`` is of who asks, then one a number."""

    line: Wished
    at: Offer
    chosen: tuple[Offer, ...]
    numbers: tuple[str, ...]
    """As they were typed, also those for which no desk is chosen any more."""
    people: tuple[Staff, ...]
    """Everybody who sits, who asks first; complete where there are no errors."""
    errors: Mapping[str, str]

    @property
    def asked_for(self) -> int:
        """For how many colleagues the form has a field: one for each desk but the first, and one at least."""
        return min(max(len(self.chosen) - 1, 1), teams.MOST - 1)

    @property
    def desks(self) -> list[str]:
        """The addresses of the chosen desks."""
        return [offer.desk.url for offer in self.chosen]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The same once more, as fields of another form."""
        at = [("day", self.line.day), ("slot", "hours"), ("from", self.line.begins), ("to", self.line.ends)]
        return [("at", self.at.desk.url), *(("desk", each) for each in self.desks), *at, *_numbered(self.numbers)]

    @property
    def form(self) -> str:
        """The address of the form, filled in like this."""
        return f"{url_for('teams.gather')}?{urlencode(self.hidden)}"


def address(desks: Sequence[str], when: When, numbers: Sequence[str] = ()) -> str:
    """Return the address of the form for desks (by their addresses) at a time, with the 職員番号 of colleagues."""
    at = [("day", when.day.isoformat()), ("slot", "hours"), ("from", when.from_clock), ("to", when.to_clock)]
    filled_in = [*(("desk", each) for each in desks), *at, *_numbered(numbers)]
    return f"{url_for('teams.gather')}?{urlencode(filled_in)}"


def of_group(found: FreeDesk, when: When) -> str:
    """Return the form for desks that were found side by side; empty where they are none, or more than a team may be."""
    desks = [found.desk.url, *(searching.beside(found.desk.url, other.id) for other in found.together)]
    return address(desks, when) if 2 <= len(desks) <= teams.MOST else ""


def _numbered(numbers: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"number{position}", number) for position, number in enumerate(numbers, 1) if number]


def read(args: MultiDict[str, str], *, whole: bool) -> Gathered:
    """Read the form; ``whole`` says that everything has to be there. Raises ``NotFound`` for what is no desk's address."""
    now = town().clock()
    addresses = list(dict.fromkeys(args.getlist("desk")))
    at = offers.find(args.get("at") or (addresses[0] if addresses else ""))
    chosen = [at if each == at.desk.url else offers.find(each) for each in addresses[: teams.MOST]]
    # As the boxes stand on the page, whichever way the addresses came: each number is for the desk it was typed for.
    chosen.sort(key=lambda offer: _place(offer.desk))
    line = wished.read(args, now=now)
    numbers = tuple(args.get(f"number{position}", "").strip()[:32] for position in range(1, teams.MOST))
    errors = dict(line.errors)
    people: list[Staff] = [me()]
    if whole:
        errors |= _about_time(line, now) | _about_desks(at, chosen, len(addresses))
        errors |= _find_people(numbers[: max(len(chosen) - 1, 1)], people, now)
    return Gathered(line, at, tuple(chosen), numbers, tuple(people), errors)


def _place(desk: DeskListing) -> tuple[str, str, str]:
    return desk.room_name, desk.name, desk.id


def _about_time(line: Wished, now: datetime) -> dict[str, str]:
    return {"day": say(_BEGUN)} if line.when is not None and line.when.start <= now else {}


def _about_desks(at: Offer, chosen: Sequence[Offer], asked: int) -> dict[str, str]:
    if len(chosen) < 2:
        return {"desk": say(_TOO_FEW)}
    if asked > teams.MOST:
        return {"desk": say(_TOO_MANY, most=teams.MOST)}
    together = all((each.host, each.site.id, each.desk.kind) == (at.host, at.site.id, "desk") for each in chosen)
    return {} if together else {"desk": say(_APART)}


def _find_people(numbers: Sequence[str], people: list[Staff], now: datetime) -> dict[str, str]:
    """Add who stands behind each number to ``people``, and say which numbers are wrong."""
    wrong = {}
    with town().storage.transaction() as db:
        for position, number in enumerate(numbers, 1):
            found = behalf.find_colleague(db, me(), number, now=now)
            if found is None:
                wrong[f"number{position}"] = nobody(number)
            elif found.id in {each.id for each in people}:
                wrong[f"number{position}"] = say(_TWICE)
            else:
                people.append(found)
    return wrong


def choices(it: Gathered) -> list[tuple[str, str, str]]:
    """Return what may be chosen: the free desks of the room, and those chosen already; address, name, what to know."""
    free = {desk.url: desk for desk in freedesks.of_room(it.at, it.line)}
    shown = sorted({**{offer.desk.url: offer.desk for offer in it.chosen}, **free}.values(), key=_place)
    unsure = say(phrase("空きは次の画面で確認します"))
    rooms = len({desk.room_id for desk in shown}) > 1
    return [
        (desk.url, f"{desk.room_name} {desk.name}" if rooms else desk.name, "" if desk.url in free else unsure)
        for desk in shown
    ]
