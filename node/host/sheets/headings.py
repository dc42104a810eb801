"""What cities call the columns of a 公共施設一覧: both forms of the 自治体標準オープンデータセット, and headings of their own."""

from collections.abc import Mapping

from federation.wording import phrase
from node.host.sheets import arrival

ALIASES: Mapping[str, tuple[str, ...]] = {
    "code": (
        "全国地方公共団体コード",
        "都道府県コード又は市区町村コード",
        "市区町村コード",
        "団体コード",
        "自治体コード",
    ),
    "facility_number": ("ID", "NO", "施設ID", "施設番号", "施設コード", "管理番号", "番号", "通番"),
    "prefecture": ("都道府県名", "所在地_都道府県"),
    "name": ("名称", "施設名", "施設名称", "公共施設名", "施設の名称", "名前", "name", "施設名（正式名称）"),
    "name_kana": (
        "名称_カナ",
        "名称カナ",
        "施設名_カナ",
        "施設名カナ",
        "施設名称カナ",
        "施設名（カナ）",
        "フリガナ",
        "ふりがな",
        "カナ",
        "よみがな",
        "名称（カナ）",
    ),
    "name_en": ("名称_英字", "名称_英語", "英語名", "施設名_英語", "施設名（英語）", "名称（英語）"),
    "poi": ("POIコード", "POI"),
    "category": ("カテゴリ", "カテゴリー", "分類", "施設分類", "種別", "施設種別", "施設種類", "大分類", "区分"),
    "address": ("所在地_連結表記", "住所", "所在地", "施設所在地", "address"),
    "address_prefecture": ("所在地_都道府県", "都道府県名", "都道府県"),
    "address_city": ("所在地_市区町村", "市区町村名", "市区町村"),
    "address_town": ("所在地_町字", "町字", "町名"),
    "address_rest": ("所在地_番地以下", "番地以下", "番地"),
    "building": ("建物名等(方書)", "方書", "建物名"),
    "lat": ("緯度", "lat", "latitude", "緯度（10進）", "Y座標（緯度）", "北緯"),
    "lon": ("経度", "lon", "lng", "longitude", "経度（10進）", "X座標（経度）", "東経"),
    "lat_tokyo": ("緯度（日本測地系）", "緯度（旧測地系）", "旧緯度", "日本測地系緯度", "緯度（TOKYO）"),
    "lon_tokyo": ("経度（日本測地系）", "経度（旧測地系）", "旧経度", "日本測地系経度", "経度（TOKYO）"),
    "lat_lon": ("緯度経度", "座標", "位置情報", "緯度・経度"),
    "phone": ("電話番号", "電話", "TEL", "連絡先電話番号", "問い合わせ先電話番号"),
    "phone_extension": ("内線番号", "内線"),
    "days": ("利用可能曜日", "開館日", "開庁日", "開所日"),
    "opens": ("開始時間", "開館時刻", "開始時刻", "利用開始時間"),
    "closes": ("終了時間", "閉館時刻", "終了時刻", "利用終了時間"),
    "hours": ("開館時間", "利用時間", "開庁時間", "利用可能時間", "開所時間"),
    "hours_note": ("利用可能時間特記事項", "開館時間特記事項", "休館日", "休業日", "定休日"),
    "site_id": ("場所ID",),
    "facility_type": ("施設の種類",),
    **{field: (title,) for field, title in arrival.TITLES.items()},
    "description": ("説明", "施設説明", "概要", "施設概要"),
}
"""Which headings say the same; compared as ``table.folded`` leaves them."""

ACCESS: Mapping[str, tuple[str, ...]] = {
    "wheelchair": ("車椅子可", "車いす可", "車椅子対応"),
    "wide_toilet": ("バリアフリートイレ", "多目的トイレ", "多機能トイレ", "だれでもトイレ"),
    "step_free": ("スロープ、エレベータ、エスカレータ", "スロープ・エレベーター・エスカレーター"),
    "tactile_paving": ("点字ブロック等の移動支援",),
    "braille": ("点字や読上による支援",),
    "assistance_dog": ("盲導犬・介助犬、聴導犬同伴",),
    "captions": ("字幕",),
    "writing": ("筆談対応",),
    "priority_parking": ("優先駐車場",),
    "ostomate": ("オストメイト対応トイレ",),
    "lift": ("エレベーター",),
    "hearing_loop": ("ヒアリングループ",),
    "light_alarm": ("光で知らせる火災警報",),
    "voice_guidance": ("音声案内",),
    "quiet": ("静かに過ごせる場所",),
}
"""The accessibility columns, by the viewpoint of ``federation.messages.space.Access`` that each tells of."""

TITLES: Mapping[str, str] = {
    "name": phrase("名称"),
    "name_kana": phrase("名称（かな）"),
    "name_en": phrase("名称（英語）"),
    "facility_number": phrase("ID"),
    "address": phrase("所在地"),
    "lat": phrase("緯度"),
    "lon": phrase("経度"),
    "phone": phrase("電話番号"),
    "extension": phrase("内線"),
    "facility_type": phrase("施設の種類"),
    "description": phrase("説明"),
    "hours": phrase("利用時間"),
    "opens_on_holidays": phrase("祝日の利用"),
    "access.wheelchair": phrase("車椅子"),
    "access.step_free": phrase("段差なし"),
    "access.wide_toilet": phrase("バリアフリートイレ"),
    "access.tactile_paving": phrase("点字ブロック等"),
    "access.braille": phrase("点字・読上"),
    "access.assistance_dog": phrase("補助犬"),
    "access.captions": phrase("字幕"),
    "access.writing": phrase("筆談"),
    "access.priority_parking": phrase("優先駐車場"),
    "access.ostomate": phrase("オストメイト対応トイレ"),
    "access.lift": phrase("エレベーター"),
    "access.hearing_loop": phrase("ヒアリングループ"),
    "access.light_alarm": phrase("光で知らせる火災警報"),
    "access.voice_guidance": phrase("音声案内"),
    "access.quiet": phrase("静かに過ごせる場所"),
    **arrival.TITLES,
}
"""A site's facts that come by this list, in the order in which they are shown."""
_SHARED = ("name", "name_kana", "name_en", "facility_number", "address", "lat", "lon", "phone")
CORRECTED: Mapping[str, str] = {
    **{name: TITLES[name] for name in _SHARED},
    "phone_extension": phrase("内線番号"),
    "days": phrase("利用可能曜日"),
    "opens": phrase("開始時間"),
    "closes": phrase("終了時間"),
    "description": phrase("説明"),
}
"""The cells that somebody may correct."""
