"""Names as they are searched for. What is stored and shown stays as it was typed; only what is compared is folded."""

import re
import unicodedata

_VARIANTS = {
    "髙": "高",
    "﨑": "崎",
    "嵜": "崎",
    "𠮷": "吉",
    "邊": "辺",
    "邉": "辺",
    "齋": "斎",
    "齊": "斉",
    "濵": "浜",
    "濱": "浜",
    "德": "徳",
    "栁": "柳",
    "桒": "桑",
    "槗": "橋",
    "髮": "髪",
    "會": "会",
    "區": "区",
    "廣": "広",
    "澤": "沢",
    "瀨": "瀬",
    "眞": "真",
    "靑": "青",
    "縣": "県",
    "廳": "庁",
}
"""Forms of one letter that names are written with, and that few keyboards offer."""
_TABLE = str.maketrans(_VARIANTS)
_BETWEEN_KANJI = re.compile("(?<=[一-鿿々])[ヶヵケ](?=[一-鿿々])")
"""The small letter of 霞ヶ関 and 三ヶ島, which others write 霞が関 and 三ケ島."""


def folded(text: str) -> str:
    """Return a name for comparing: one width, small letters, hiragana as katakana, usual forms of kanji, no blanks.

    Folding a part of a name gives a part of the folded name, for whole letters.
    """
    if text.isascii():
        return "".join(text.lower().split())
    plain = text
    for _ in range(2):
        # Once more, since what a blank or a capital stood between may be composed now.
        plain = unicodedata.normalize("NFKC", "".join(unicodedata.normalize("NFKC", plain).casefold().split()))
    kana = "".join(chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in plain)
    return _BETWEEN_KANJI.sub("ガ", kana.translate(_TABLE))
