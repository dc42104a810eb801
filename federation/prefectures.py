"""The 47 prefectures in the order of their codes: name, reading and English name, as people search for them; and extents."""

from collections.abc import Sequence
from typing import NamedTuple


class Prefecture(NamedTuple):
    """One prefecture; ``kana`` is hiragana."""

    name: str
    kana: str
    english: str


PREFECTURES = (
    Prefecture("北海道", "ほっかいどう", "Hokkaido Prefecture"),
    Prefecture("青森県", "あおもりけん", "Aomori Prefecture"),
    Prefecture("岩手県", "いわてけん", "Iwate Prefecture"),
    Prefecture("宮城県", "みやぎけん", "Miyagi Prefecture"),
    Prefecture("秋田県", "あきたけん", "Akita Prefecture"),
    Prefecture("山形県", "やまがたけん", "Yamagata Prefecture"),
    Prefecture("福島県", "ふくしまけん", "Fukushima Prefecture"),
    Prefecture("茨城県", "いばらきけん", "Ibaraki Prefecture"),
    Prefecture("栃木県", "とちぎけん", "Tochigi Prefecture"),
    Prefecture("群馬県", "ぐんまけん", "Gunma Prefecture"),
    Prefecture("埼玉県", "さいたまけん", "Saitama Prefecture"),
    Prefecture("千葉県", "ちばけん", "Chiba Prefecture"),
    Prefecture("東京都", "とうきょうと", "Tokyo Metropolis"),
    Prefecture("神奈川県", "かながわけん", "Kanagawa Prefecture"),
    Prefecture("新潟県", "にいがたけん", "Niigata Prefecture"),
    Prefecture("富山県", "とやまけん", "Toyama Prefecture"),
    Prefecture("石川県", "いしかわけん", "Ishikawa Prefecture"),
    Prefecture("福井県", "ふくいけん", "Fukui Prefecture"),
    Prefecture("山梨県", "やまなしけん", "Yamanashi Prefecture"),
    Prefecture("長野県", "ながのけん", "Nagano Prefecture"),
    Prefecture("岐阜県", "ぎふけん", "Gifu Prefecture"),
    Prefecture("静岡県", "しずおかけん", "Shizuoka Prefecture"),
    Prefecture("愛知県", "あいちけん", "Aichi Prefecture"),
    Prefecture("三重県", "みえけん", "Mie Prefecture"),
    Prefecture("滋賀県", "しがけん", "Shiga Prefecture"),
    Prefecture("京都府", "きょうとふ", "Kyoto Prefecture"),
    Prefecture("大阪府", "おおさかふ", "Osaka Prefecture"),
    Prefecture("兵庫県", "ひょうごけん", "Hyogo Prefecture"),
    Prefecture("奈良県", "ならけん", "Nara Prefecture"),
    Prefecture("和歌山県", "わかやまけん", "Wakayama Prefecture"),
    Prefecture("鳥取県", "とっとりけん", "Tottori Prefecture"),
    Prefecture("島根県", "しまねけん", "Shimane Prefecture"),
    Prefecture("岡山県", "おかやまけん", "Okayama Prefecture"),
    Prefecture("広島県", "ひろしまけん", "Hiroshima Prefecture"),
    Prefecture("山口県", "やまぐちけん", "Yamaguchi Prefecture"),
    Prefecture("徳島県", "とくしまけん", "Tokushima Prefecture"),
    Prefecture("香川県", "かがわけん", "Kagawa Prefecture"),
    Prefecture("愛媛県", "えひめけん", "Ehime Prefecture"),
    Prefecture("高知県", "こうちけん", "Kochi Prefecture"),
    Prefecture("福岡県", "ふくおかけん", "Fukuoka Prefecture"),
    Prefecture("佐賀県", "さがけん", "Saga Prefecture"),
    Prefecture("長崎県", "ながさきけん", "Nagasaki Prefecture"),
    Prefecture("熊本県", "くまもとけん", "Kumamoto Prefecture"),
    Prefecture("大分県", "おおいたけん", "Oita Prefecture"),
    Prefecture("宮崎県", "みやざきけん", "Miyazaki Prefecture"),
    Prefecture("鹿児島県", "かごしまけん", "Kagoshima Prefecture"),
    Prefecture("沖縄県", "おきなわけん", "Okinawa Prefecture"),
)

Box = tuple[float, float, float, float]
"""South, west, north, east, in degrees."""

_EXTENTS: tuple[tuple[Box, ...], ...] = (
    ((41.30, 139.30, 45.60, 148.95),),
    ((40.15, 139.45, 41.60, 141.75),),
    ((38.70, 140.60, 40.50, 142.15),),
    ((37.70, 140.20, 39.05, 141.75),),
    ((38.80, 139.60, 40.55, 141.05),),
    ((37.65, 139.45, 39.25, 140.70),),
    ((36.75, 139.10, 38.05, 141.10),),
    ((35.70, 139.60, 37.00, 140.90),),
    ((36.15, 139.25, 37.20, 140.35),),
    ((35.90, 138.35, 37.10, 139.75),),
    ((35.70, 138.65, 36.35, 139.95),),
    ((34.85, 139.70, 36.15, 140.90),),
    (
        (35.45, 138.90, 35.95, 139.95),
        (29.70, 138.95, 34.90, 140.40),
        (20.40, 136.00, 27.90, 154.00),
    ),
    ((35.05, 138.85, 35.75, 139.90),),
    ((36.70, 137.55, 38.60, 139.95),),
    ((36.20, 136.70, 37.05, 137.85),),
    ((36.00, 136.20, 37.90, 137.45),),
    ((35.30, 135.40, 36.35, 136.90),),
    ((35.10, 138.10, 36.05, 139.20),),
    ((35.15, 137.25, 37.10, 138.80),),
    ((35.05, 136.20, 36.50, 137.70),),
    ((34.50, 137.40, 35.70, 139.25),),
    ((34.50, 136.60, 35.50, 137.90),),
    ((33.65, 135.80, 35.35, 137.05),),
    ((34.75, 135.70, 35.75, 136.50),),
    ((34.65, 134.80, 35.85, 136.10),),
    ((34.20, 135.05, 35.10, 135.80),),
    ((34.10, 134.20, 35.75, 135.55),),
    ((33.80, 135.45, 34.85, 136.30),),
    ((33.40, 134.95, 34.45, 136.10),),
    ((35.00, 133.05, 35.70, 134.60),),
    (
        (34.25, 131.60, 36.40, 133.45),
        (37.20, 131.80, 37.30, 131.95),
    ),
    ((34.25, 133.20, 35.40, 134.50),),
    ((33.95, 132.00, 35.15, 133.55),),
    ((33.65, 130.70, 34.85, 132.55),),
    ((33.45, 133.60, 34.35, 134.90),),
    ((33.95, 133.40, 34.65, 134.55),),
    ((32.80, 131.95, 34.40, 133.75),),
    ((32.65, 132.40, 33.95, 134.40),),
    ((32.95, 129.90, 34.35, 131.25),),
    ((32.90, 129.65, 33.70, 130.60),),
    ((31.90, 128.05, 34.80, 130.45),),
    ((32.05, 129.90, 33.25, 131.40),),
    ((32.65, 130.75, 33.80, 132.25),),
    ((31.30, 130.65, 32.90, 131.95),),
    ((26.95, 128.30, 32.40, 131.30),),
    ((24.00, 122.90, 27.95, 131.40),),
)
"""Where each prefecture lies, in the order of their codes: its ends in each direction with some kilometres to spare.

東京都 has boxes of its own for 伊豆諸島 and 小笠原諸島, so that a slip into 箱根 or the sea between is noticed.
"""


def extents_of(name: str) -> tuple[Box, ...]:
    """Return the boxes in which a prefecture of this name lies; none for an unknown name."""
    number = next((number for number, each in enumerate(PREFECTURES) if each.name == name), None)
    return () if number is None else _EXTENTS[number]


def contains(boxes: Sequence[Box], lat: float, lon: float) -> bool:
    """Say whether a point lies in one of the boxes."""
    return any(south <= lat <= north and west <= lon <= east for south, west, north, east in boxes)
