"""A picture for each site of the demo, for want of photos that may be given away."""

import io
from collections.abc import Iterable
from datetime import datetime

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from node.host import photos, pictures
from node.host.pictures import Pictures
from node.models.sites import Site

_DOOR = {"shows": "door", "alt": "正面玄関（デモ用の絵）", "alt_en": "The main entrance (drawn for the demo)"}
_ROOM = {
    "shows": "way",
    "alt": "部屋のある建物（デモ用の絵）",
    "alt_en": "The building of the room (drawn for the demo)",
}


def draw() -> Pictures:
    """Draw the front of a building, in the sizes of a photo."""
    image = Image.new("RGB", (1200, 800), "#e8f1fe")
    brush = ImageDraw.Draw(image)
    brush.rectangle((150, 150, 1050, 800), fill="#d8d8db", outline="#626264", width=6)
    for left in range(220, 1000, 160):
        brush.rectangle((left, 220, left + 90, 340), fill="#9ec9f5", outline="#626264", width=4)
    brush.rectangle((480, 480, 720, 800), fill="#c5d7fb", outline="#0017c1", width=10)
    brush.line((600, 480, 600, 800), fill="#0017c1", width=6)
    written = io.BytesIO()
    image.save(written, "PNG")
    return pictures.read(written.getvalue())


def hang(db: Session, sites: Iterable[Site], door: Pictures, now: datetime) -> None:
    """Show the same front at each site and each of its rooms."""
    for site in sites:
        photos.add(db, site, door, _DOOR, now)
        for room in site.rooms:
            photos.add(db, room, door, _ROOM, now)
