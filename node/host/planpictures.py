"""The picture under a room's seats: read from what somebody sends, kept, shown, and taken away."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.wording import phrase
from node.host import listings, pdfpages, pictures
from node.host.pictures import Size
from node.models.planpictures import PlanPicture
from node.models.sites import Room

MAX_BYTES = pictures.MAX_BYTES
SLIMMEST = 4
"""How many times longer than wide a plan may be: a strip beyond that leaves no room to name a desk."""


class PlanUnreadable(BadInput):
    """The file is neither a picture nor a PDF that can be drawn."""

    words = phrase("配置図として読み取れませんでした。JPEG・PNG・WebPの画像か、PDFを選んでください。")


class PlanTooSlim(BadInput):
    """The picture is a strip."""

    words = phrase("配置図が細長すぎます。縦と横の比が1対4までになるように切り取ってください。")


def read(content: bytes, page: int = 1) -> Size:
    """Decode a picture, or draw a page of a PDF, and return it as it is kept.

    Call it with no transaction open: it takes up to some seconds. Raises ``BadInput`` at ``picture`` or ``page``.
    """
    if len(content) > MAX_BYTES:
        raise pictures.PhotoTooLarge(f"{len(content)} bytes", field="picture")
    if pdfpages.is_pdf(content):
        content = pdfpages.page(content, page)
    try:
        size = pictures.read(content).large
    except pictures.PhotoUnreadable as error:
        raise PlanUnreadable(str(error), field="picture") from None
    except pictures.PhotoTooLarge as error:
        raise pictures.PhotoTooLarge(str(error), field="picture") from None
    if max(size.width, size.height) > SLIMMEST * min(size.width, size.height):
        raise PlanTooSlim(f"{size.width} x {size.height}", field="picture")
    return size


def put(db: Session, room: Room, size: Size, now: datetime) -> None:
    """Lay a picture under a room's seats, instead of the one that may be there. The seats stay where they are."""
    take_away(db, room)
    facts = {"digest": size.digest, "width": size.width, "height": size.height, "data": size.data}
    db.add(PlanPicture(room_id=room.id, added_at=now, **facts))
    _changed(db, room)


def take_away(db: Session, room: Room) -> None:
    """Take the picture away; the seats stay where they are."""
    db.execute(delete(PlanPicture).where(PlanPicture.room_id == room.id))
    _changed(db, room)


def data_of(db: Session, room_id: str, digest: str) -> bytes:
    """Return the bytes as they are served; raise ``NotFound`` where that picture does not lie under the room now."""
    question = select(PlanPicture.data).where(PlanPicture.room_id == room_id, PlanPicture.digest == digest)
    data = db.scalar(question)
    if data is None:
        raise NotFound("no such plan")
    return data


def _changed(db: Session, room: Room) -> None:
    """Distances are in other proportions now, so other desks may stand beside each other."""
    db.flush()
    db.expire(room, ["plan_picture"])
    listings.plan_changed(db, room)
