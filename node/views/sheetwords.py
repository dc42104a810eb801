"""セキュリティ確認表 in words: its items, its answers, and how a page tells whether it still counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from federation.messages.sheet import SecuritySheet, SheetAnswers
from federation.web.tongue import say
from federation.wording import phrase

ITEMS: Mapping[str, str] = {
    "partition": phrase("席の間の間仕切り"),
    "screen": phrase("画面が他の人から見えない向き・配置"),
    "privacy_filter": phrase("のぞき見防止フィルターの貸出し"),
    "soundproof": phrase("防音（Web会議で声がもれない）"),
    "lock": phrase("部屋の施錠"),
    "camera": phrase("防犯カメラ"),
    "network": phrase("ネットワーク"),
    "printer": phrase("プリンターの利用"),
    "shredder": phrase("シュレッダー"),
    "lost_property": phrase("忘れ物の取扱い手順"),
    "public_space": phrase("誰でも入れる場所との隣接"),
    "reception": phrase("受付での来訪者の確認"),
    "wire_lock": phrase("ワイヤーロックの取付け箇所"),
    "entry": phrase("部屋に入れる人"),
}
"""In the order of the form."""
ANSWERS: Mapping[str, str] = {"yes": phrase("はい"), "partly": phrase("一部"), "no": phrase("いいえ")}
UNKNOWN = phrase("未確認")
NETWORKS: Mapping[str, str] = {
    "wired": phrase("有線LAN"),
    "wifi_wpa2": phrase("Wi-Fi（WPA2）"),
    "wifi_wpa3": phrase("Wi-Fi（WPA3）"),
    "wifi_eap": phrase("Wi-Fi（利用者ごとの認証・EAP）"),
    "guests_separated": phrase("来訪者用の回線を分離"),
    "own_line_only": phrase("回線の提供なし（持込みのみ）"),
}
ENTRIES: Mapping[str, str] = {
    "staff": phrase("職員と利用者のみ"),
    "visitors": phrase("来庁者も入る"),
    "public": phrase("誰でも入れる"),
}
ROLES: Mapping[str, str] = {
    "site_admin": phrase("施設担当者"),
    "security_officer": phrase("情報セキュリティ責任者"),
}
ASSURED: Mapping[str, str] = {
    "partition": phrase("間仕切りあり"),
    "screen": phrase("画面が見えない配置"),
    "privacy_filter": phrase("のぞき見防止フィルター"),
    "soundproof": phrase("防音"),
    "lock": phrase("施錠できる部屋"),
    "camera": phrase("防犯カメラあり"),
    "wired": phrase("有線LAN"),
    "wifi_eap": phrase("Wi-Fi（利用者ごとの認証・EAP）"),
    "guests_separated": phrase("来訪者用の回線を分離"),
    "shredder": phrase("シュレッダーあり"),
    "lost_property": phrase("忘れ物の手順あり"),
    "not_public": phrase("誰でも入れる場所に隣接しない"),
    "reception": phrase("受付で来訪者を確認"),
    "wire_lock": phrase("ワイヤーロックの取付け箇所あり"),
    "members_only": phrase("職員と利用者だけが入れる部屋"),
}
"""What a search may ask for."""
_WORDS: Mapping[str, Mapping[str, str]] = {"entry": ENTRIES}


@dataclass(frozen=True)
class ShownSheet:
    """A published sheet for a reader: whether it counts today, by whom in which role, its facts as rows."""

    counts: bool
    checked_on: date
    valid_until: date
    role: str
    rows: tuple[tuple[str, str], ...]


def rows(answers: SheetAnswers) -> Iterator[tuple[str, str]]:
    """Say each item and its answer in the reader's language; what nobody knows is said as well."""
    for name, label in ITEMS.items():
        yield say(label), answer(name, answers)


def answer(name: str, answers: SheetAnswers) -> str:
    """Say one item's answer in the reader's language."""
    given = getattr(answers, name)
    if name == "network":
        return say(phrase("、")).join(say(NETWORKS[each]) for each in given) or say(UNKNOWN)
    return say(_WORDS.get(name, ANSWERS)[given]) if given else say(UNKNOWN)


def shown(sheet: SecuritySheet | None, today: date) -> ShownSheet | None:
    """Return a sheet as pages show it on a local day; None where there is none."""
    if sheet is None:
        return None
    return ShownSheet(
        counts=sheet.counts_on(today),
        checked_on=date.fromisoformat(sheet.checked_on),
        valid_until=date.fromisoformat(sheet.valid_until),
        role=say(ROLES[sheet.role]) if sheet.role else "",
        rows=tuple(rows(sheet.answers)),
    )
