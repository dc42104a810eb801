"""The words in which people write of staff, in lists and in settings, and what each is called here."""

from collections.abc import Mapping

FACTS: Mapping[str, str] = {
    "職員番号": "number",
    "氏名": "name",
    "氏名カナ": "name_kana",
    "所属": "section",
    "任命権者": "authority",
    "任用区分": "employment",
}
ROLES: Mapping[str, str] = {
    "利用職員": "staff",
    "施設担当者": "site_admin",
    "所属長": "manager",
    "人事担当": "personnel",
    "受付": "reception",
}
