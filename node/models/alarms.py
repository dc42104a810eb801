"""What the town must look at: the registry's word about us changed, and we did not do it."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from federation.wording import phrase
from node.models.base import Base

_WORDS = {
    "code": phrase("団体コードが変わりました。"),
    "name": phrase("団体名が変わりました。"),
    "federation": phrase("この団体のものではない署名鍵が認められています。"),
    "protocol": phrase("この団体のものではない通信用の鍵が認められています。"),
    "replaced": phrase("別の団体がこの団体を引き継いだことになっています。"),
    "anchor": phrase("連携基盤の署名用の鍵が置き換えられました。運営者からの連絡と照らし合わせてください。"),
}


class Alarm(Base):
    """One alarm. It stands, on pages and in ``status``, until somebody has acknowledged it."""

    __tablename__ = "alarm"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """``code``, ``name``, ``federation``, ``protocol`` or ``replaced`` of our own entry, or ``anchor`` for the registry's own key."""
    detail: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(64), default="")

    @property
    def words(self) -> str:
        """What has changed, for people."""
        return _WORDS[self.kind]
