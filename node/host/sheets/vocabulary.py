"""The words of sheets of our own: they are data and the same in every language, and are read in any width and spelling."""

from collections.abc import Mapping

from federation.wording import phrase
from node.host.sheets.cells import fold, searchable, yes
from node.host.sheets.rows import Row

FEATURES: Mapping[str, str] = {
    "monitor": "外部モニター",
    "outlet": "電源",
    "wifi": "Wi-Fi",
    "web_meeting": "Web会議可",
    "screen_hidden": "のぞき見防止",
    "wire_lock": "ワイヤーロック",
    "printer": "プリンター",
    "wheelchair": "車椅子対応",
}
POOLS: Mapping[str, str] = {"guests": "他団体の職員", "own": "自団体の職員", "walk_in": "当日利用"}
PRIVACY: Mapping[str, str] = {"private": "個室", "semi_private": "半個室", "open": "大部屋"}
KINDS: Mapping[str, str] = {"desk": "座席", "whole_room": "部屋全体"}
TALKING: Mapping[str, str] = {"quiet": "静かに利用", "low": "小声なら会話可", "fine": "会話可"}
WEB_MEETING: Mapping[str, str] = {"yes": "Web会議可", "headset": "ヘッドセットを使えばWeb会議可", "no": "Web会議不可"}
SCREEN: Mapping[str, str] = {
    "hidden": "画面はほかの人から見えません",
    "partly": "画面が見えることがあります",
    "visible": "画面がほかの人から見えます",
}
EATING: Mapping[str, str] = {"yes": "飲食可", "drinks": "ふたつきの飲み物のみ可", "no": "飲食不可"}
SIGNALS: Mapping[str, str] = {"good": "○", "fair": "△", "poor": "×"}
CARRIERS: Mapping[str, str] = {"docomo": "ドコモ", "au": "au", "softbank": "ソフトバンク", "rakuten": "楽天モバイル"}
CHOICES = phrase("「%(choices)s」から選んでください。")
_SAME_SIGNS = str.maketrans("〇◯◎✕✖xX", "○○○××××")


def word(row: Row, words: Mapping[str, str], title: str, typed: str) -> str:
    """Return the word that was written, empty for an empty cell; what is none is a problem of the row."""
    if not typed.strip():
        return ""
    for each, written in words.items():
        if searchable(typed) in {searchable(written), each}:
            return each
    row.wrong(CHOICES, title, typed, choices="」「".join(words.values()))
    return ""


def several(row: Row, words: Mapping[str, str], title: str, typed: str) -> list[str]:
    """Return the words that were written one after the other, each once."""
    parts = fold(typed).replace("、", "・").replace(",", "・").replace("/", "・").replace("\n", "・").split("・")
    found = (word(row, words, title, part) for part in parts)
    return list(dict.fromkeys(each for each in found if each))


def signal(row: Row, title: str, typed: str) -> str:
    """Return how well a carrier is received, empty where nobody has looked: ○, △ or × in any of their letters."""
    return word(row, SIGNALS, title, typed.strip()[:1].translate(_SAME_SIGNS))


def known(row: Row, title: str, typed: str) -> bool | None:
    """Return yes or no, None for an empty cell; what is neither is a problem of the row."""
    said = yes(typed)
    if said is None and fold(typed) not in {"", "未確認"}:
        row.wrong(CHOICES, title, typed, choices="はい」「いいえ")
    return said


def is_published(row: Row, title: str, typed: str) -> bool:
    """Return whether the place is to be offered."""
    words = {"掲載": True, "掲載する": True, "掲載中": True, "掲載しない": False, "非掲載": False}
    said = words.get(fold(typed), yes(typed))
    if said is None:
        row.wrong(CHOICES, title, typed, choices="掲載する」「掲載しない")
    return bool(said)


def published(is_offered: bool) -> str:
    """Write whether a place is offered."""
    return "掲載する" if is_offered else "掲載しない"


def whole(row: Row, title: str, typed: str, *, most: int) -> int | None:
    """Return a whole number from 0 to ``most``, None for an empty cell: 8, ８, 8人, 8.0."""
    plain = fold(typed).replace(",", "").removesuffix("人").removesuffix("名").strip().removesuffix(".0")
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10 and int(plain) <= most):
        row.wrong(phrase("0から%(most)sまでの数を書いてください。"), title, typed, most=most)
        return None
    return int(plain)
