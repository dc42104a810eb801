"""緯度と経度 in a form: put right where it is plain what was meant, and asked about where a place lies far away."""

from federation import municipality
from federation.wording import phrase
from node.host.sheets import position
from node.views import town
from node.views.filled import Filled

_ASKED = phrase("地図サイトの2つの数字を、「35.6896, 139.6917」のように貼り付けてください。")
_RIGHTED = phrase("緯度と経度を直しました（%(lat)s、%(lon)s）。地図などで確かめて、もう一度保存してください。")
_FAR = phrase("位置が%(prefecture)sの外です。正しければ、もう一度保存してください。")


def read(filled: Filled) -> tuple[float, float]:
    """Read both fields. What was mended is shown in them to be confirmed; so is a place outside of its prefecture, once."""
    found = position.read(filled.typed("lat"), filled.typed("lon"))
    if not filled.typed("lat").strip() and not filled.typed("lon").strip():
        filled.wrong("lat", _ASKED)
        return 0.0, 0.0
    if found is None or not found.in_japan:
        return filled.decimal("lat", 20, 46), filled.decimal("lon", 122, 154)
    if found.repairs:
        _refill(filled, lat=f"{found.lat}", lon=f"{found.lon}")
        filled.wrong("lat", _RIGHTED, lat=found.lat, lon=found.lon)
    prefecture = position.prefecture_in(filled.typed("address")) or municipality.prefecture(town().config.code)
    seen = f"{found.lat},{found.lon}"
    if position.is_far(found.lat, found.lon, prefecture) and filled.typed("position_seen") != seen:
        _refill(filled, position_seen=seen)
        filled.wrong("lat", _FAR, prefecture=prefecture)
    return found.lat, found.lon


def _refill(filled: Filled, **fields: str) -> None:
    filled.form = filled.form.copy()
    for name, value in fields.items():
        filled.form.setlist(name, [value])
