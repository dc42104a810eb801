"""What stands in the way of a search that found nothing, in words, and the same search without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from federation.messages.search import NearMiss
from federation.web.tongue import say
from federation.wording import phrase
from node.views.sheetwords import ASSURED
from node.views.space import ACCESS
from node.views.wished import FEATURES, GAPS, PRICES, PRIVACY, Wished


@dataclass(frozen=True)
class Way:
    """A condition that stands in the way: what it asks for, how many desks there are without it, and that search's address."""

    words: str
    count: int
    href: str


def ways(wished: Wished, misses: Sequence[NearMiss]) -> tuple[Way, ...]:
    """Return the way out for each condition that the registry names; one that the page has no field for is left out."""
    less = without(wished)
    return tuple(
        Way(words(miss.filter, wished), miss.count, less[miss.filter].href) for miss in misses if miss.filter in less
    )


def without(wished: Wished) -> dict[str, Wished]:
    """Return the wish with one of its conditions left out, by the condition's name in the question for the registry."""
    less = {
        "max_price_yen": replace(wished, yen=""),
        "accessibility": replace(wished, access=()),
        "security": replace(wished, security=()),
        "privacy": replace(wished, privacy=()),
        "features": replace(wished, features=()),
        "adjacent": replace(wished, people=1),
        "radius_km": replace(wished, near="", then=""),
        "time": _another_time(wished),
    }
    return {name: wish for name, wish in less.items() if wish != wished}


def _another_time(wished: Wished) -> Wished:
    """Return the same wish for any time of its day, where its length is one that the page can ask for."""
    length = wished.when.end - wished.when.start if wished.when else None
    gap = wished.gap or (str(length.seconds // 60) if length else "")
    return replace(wished, slot="day", begins="", ends="", gap=gap) if gap in GAPS else wished


def words(name: str, wished: Wished) -> str:
    """Return what one of the conditions asks for, in the reader's language."""
    asked: Mapping[str, tuple[str, Sequence[str]]] = {
        "max_price_yen": (phrase("料金（%(what)s）"), [PRICES[wished.yen]] if wished.yen else []),
        "accessibility": (phrase("バリアフリー（%(what)s）"), [ACCESS[each] for each in wished.access]),
        "security": (phrase("セキュリティ確認表（%(what)s）"), [ASSURED[each] for each in wished.security]),
        "privacy": (phrase("部屋の種類（%(what)s）"), [PRIVACY[each] for each in wished.privacy]),
        "features": (phrase("設備（%(what)s）"), [FEATURES[each] for each in wished.features]),
        "adjacent": (phrase("隣どうし（%(what)s名）"), [str(wished.people)]),
        "radius_km": (phrase("利用場所（%(what)s）"), [wished.near]),
        "time": (phrase("時間帯（%(what)s）"), [f"{wished.begins}〜{wished.ends}"]),
    }
    sentence, what = asked[name]
    return say(sentence, what=say(phrase("、")).join(map(say, what)))
