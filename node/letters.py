"""Letters to our own people: promised in the transaction that gave cause, to those who want their kind by mail.

Every letter tells of something that stands in the portal too. Nothing is decided by reading one.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from federation import outbox
from federation.wording import phrase
from node.models.mail import MailWish

LETTER = "letter"
"""The kind of promise."""
TARGET = "mail"
"""Whom every letter goes to first: the town's own server. While it is away, all of them wait."""
KINDS: Mapping[str, str] = {
    "receipt": phrase("予約・取消しの控え"),
    "changed": phrase("受入団体による確定・変更・取消し"),
    "approval": phrase("承認の依頼"),
    "reminder": phrase("前日のお知らせ"),
    "offer": phrase("空き待ちの案内"),
    "attendance": phrase("部下の始業・終業"),
    "visited": phrase("利用後のご感想のお願い"),
    "other": phrase("そのほかのお知らせ（パスワードの変更など）"),
}
"""What a person may choose, in the order of the form."""
CODE = "code"
"""The letter that carries the code for an address; nobody chooses it."""


def promise(
    db: Session,
    staff_id: int,
    kind: str,
    words: str,
    *,
    now: datetime,
    facts: Mapping[str, str | int],
    trip: str = "",
    link: str = "",
) -> None:
    """Promise a letter of a kind out of ``KINDS`` to somebody who wants it; nothing where they do not.

    ``words`` and ``facts`` are as for a notice. With ``trip`` the letter also says when, where and with which code.
    """
    wish = db.get(MailWish, staff_id)
    if wish is None or not wants(wish, kind):
        return
    told = {"staff": staff_id, "kind": kind, "words": words, "facts": dict(facts), "trip": trip, "link": link}
    outbox.promise(db, LETTER, TARGET, told, now=now)


def wants(wish: MailWish, kind: str) -> bool:
    """Say whether a letter of the kind goes to this person."""
    return bool(wish.address) and wish.refused_at is None and kind in wish.kinds.split()
