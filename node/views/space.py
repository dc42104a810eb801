"""The words for what a place is like: manners, mobile reception, accessibility, and what a photo shows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from federation.messages.listing import DeskListing, SiteListing
from federation.messages.space import VIEWPOINTS, Access, MobileReception, Photo, RoomFacts
from federation.web.tongue import current, say
from federation.wording import phrase
from node.host.opening import is_holiday, minutes

TALKING: Mapping[str, str] = {
    "quiet": phrase("静かに利用"),
    "low": phrase("小声なら会話可"),
    "fine": phrase("会話可"),
}
WEB_MEETING: Mapping[str, str] = {
    "yes": phrase("Web会議可"),
    "headset": phrase("ヘッドセットを使えばWeb会議可"),
    "no": phrase("Web会議不可"),
}
SCREEN: Mapping[str, str] = {
    "hidden": phrase("画面はほかの人から見えません"),
    "partly": phrase("画面が見えることがあります"),
    "visible": phrase("画面がほかの人から見えます"),
}
EATING: Mapping[str, str] = {
    "yes": phrase("飲食可"),
    "drinks": phrase("ふたつきの飲み物のみ可"),
    "no": phrase("飲食不可"),
}
SIGNALS: Mapping[str, str] = {
    "good": phrase("○（よくつながる）"),
    "fair": phrase("△（場所による）"),
    "poor": phrase("×（つながらない）"),
}
CARRIERS: Mapping[str, str] = {
    "docomo": phrase("ドコモ"),
    "au": phrase("au"),
    "softbank": phrase("ソフトバンク"),
    "rakuten": phrase("楽天モバイル"),
}
FACILITY_TYPES: Mapping[str, str] = {
    "hall": phrase("庁舎"),
    "branch": phrase("支所・出張所"),
    "community": phrase("市民センター・公民館"),
    "library": phrase("図書館"),
    "disaster": phrase("防災センター"),
    "health": phrase("保健・福祉施設"),
    "works": phrase("上下水道・土木の事務所"),
    "private": phrase("民間施設"),
    "shop": phrase("店舗・飲食店などの中"),
    "other": phrase("その他の施設"),
}
ACCESS: Mapping[str, str] = {
    "wheelchair": phrase("車椅子で利用できる"),
    "step_free": phrase("入口から段差がない"),
    "lift": phrase("エレベーター"),
    "wide_toilet": phrase("バリアフリートイレ"),
    "ostomate": phrase("オストメイト対応トイレ"),
    "priority_parking": phrase("障害者等用駐車区画"),
    "assistance_dog": phrase("補助犬の同伴"),
    "writing": phrase("筆談での受付"),
    "captions": phrase("文字や字幕での案内"),
    "hearing_loop": phrase("ヒアリングループ"),
    "light_alarm": phrase("光で知らせる火災警報"),
    "tactile_paving": phrase("点字ブロック"),
    "voice_guidance": phrase("音声案内"),
    "braille": phrase("点字の案内板"),
    "quiet": phrase("静かに過ごせる場所"),
}
OF_ROOMS = ("wheelchair", "step_free", "hearing_loop", "captions", "light_alarm", "quiet")
"""The viewpoints that differ from room to room; the others are the building's."""
SHOWS: Mapping[str, str] = {
    "door": phrase("入口"),
    "night_door": phrase("夜間の入口"),
    "reception": phrase("受付"),
    "way": phrase("入口から部屋まで"),
    "room": phrase("部屋"),
    "desk": phrase("座席"),
    "other": phrase("その他"),
}
KNOWN: Mapping[str, str] = {"yes": phrase("はい"), "no": phrase("いいえ"), "": phrase("未確認")}
_SEPARATOR = phrase("、")


def access_lines(access: Access, viewpoints: Sequence[str] = VIEWPOINTS) -> tuple[tuple[str, str], ...]:
    """Return what can be used, what cannot, and what nobody has looked at, each with its heading; empty ones are left out.

    All empty for a place of which nothing is known at all: then there is nothing to say.
    """
    known = {each: getattr(access, each) for each in viewpoints}
    if all(each is None for each in known.values()):
        return ()
    groups = (
        (True, phrase("利用できます・あります")),
        (False, phrase("利用できません・ありません")),
        (None, phrase("未確認")),
    )
    said = ((words, [say(ACCESS[each]) for each in viewpoints if known[each] is state]) for state, words in groups)
    return tuple((say(words), say(_SEPARATOR).join(names)) for words, names in said if names)


def room_access_lines(access: Access) -> tuple[tuple[str, str], ...]:
    """Return the same of a room: what is its building's stands on the building's page."""
    return access_lines(access, OF_ROOMS)


def mobile_line(mobile: MobileReception) -> str:
    """Say the reception by carrier with the day it was measured; empty where nobody has."""
    found = mobile.by_carrier()
    signals = [f"{say(CARRIERS[carrier])} {say(SIGNALS[found[carrier]])}" for carrier in CARRIERS if carrier in found]
    return say(_SEPARATOR).join(signals)


def measured_on(mobile: MobileReception) -> date | None:
    """Return the day on which somebody measured the reception; None for an unknown or impossible one."""
    try:
        return date.fromisoformat(mobile.measured_on)
    except ValueError:
        return None


def manners(room: RoomFacts) -> Sequence[str]:
    """Say what one may do in a room and who may see the screen, as far as it is known."""
    tables = ((TALKING, room.talking), (WEB_MEETING, room.web_meeting), (SCREEN, room.screen), (EATING, room.eating))
    return tuple(say(table[word]) for table, word in tables if word)


def alt_of(photo: Photo) -> str:
    """Say what a photo shows, in the reader's language where the town has written it."""
    return photo.alt_en if current() == "en" and photo.alt_en else photo.alt


def after_hours(site: SiteListing, start: datetime, end: datetime) -> bool:
    """Say whether somebody comes or leaves while nobody sits at the reception; so also where its hours are not known."""
    hours, zone = site.reception_hours, ZoneInfo(site.zone)
    if hours is None:
        return True
    opens, closes = minutes(hours.opens), minutes(hours.closes)
    moments = (start.astimezone(zone), end.astimezone(zone))
    return any(not opens <= each.hour * 60 + each.minute <= closes or _is_day_off(each.date()) for each in moments)


def way_in(site: SiteListing, desk: DeskListing, start: datetime, end: datetime) -> list[tuple[str, str]]:
    """Return which door and whom to ask, for somebody who comes and goes at these times: labels with their words.

    The night entrance stands there only for those who come or leave outside the hours of the reception.
    """
    night = bool(site.night_entrance) and after_hours(site, start, end)
    hours = site.reception_hours
    facts = [(phrase("入口"), site.entrance), (phrase("夜間の入口"), site.night_entrance if night else "")]
    if night and hours:
        facts.append(
            (phrase("受付の時間"), say(phrase("平日の%(opens)s〜%(closes)s"), opens=hours.opens, closes=hours.closes))
        )
    facts += [(phrase("受付"), site.reception), (phrase("担当"), site.contact), (phrase("電話"), site.phone)]
    facts += [(phrase("内線"), site.extension), (phrase("持ち物"), site.bring), (phrase("Wi-Fi"), site.wifi)]
    facts += [(phrase("昼食"), site.lunch), (phrase("部屋の使い方"), say(_SEPARATOR).join(manners(desk.room)))]
    facts += [(phrase("携帯電話の電波"), mobile_line(desk.room.mobile))]
    return [(say(label), words) for label, words in facts if words]


def access_of(filled: Mapping[str, Any]) -> dict[str, bool]:
    """Return what was answered of each viewpoint, ``yes`` or ``no``, as it is stored; anything else is unknown."""
    return {name: answer == "yes" for name, answer in filled.items() if answer in {"yes", "no"}}


def _is_day_off(day: date) -> bool:
    return day.weekday() >= 5 or is_holiday(day)
