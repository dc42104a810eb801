"""利用上の注意: its editions. One that was published is never changed, since visitors agreed to it as it was."""

from datetime import UTC, datetime
from difflib import unified_diff
from http import HTTPStatus
from itertools import zip_longest

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.errors import BadInput
from federation.web import markdown
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import house
from node.models.sites import HouseRulesEdition
from node.views import edits, town
from node.views.filled import Filled, shown

blueprint = Blueprint("admin_house_rules", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/house-rules")
def editions() -> Response:
    """Show the edition in force, those before and after it, and the form for a new one."""
    with town().storage.transaction() as db:
        filled = edits.sealed(_next(db))
    return _page(filled)


def _next(db: Session) -> Filled:
    """Return the form of the next edition, filled with the words in force."""
    current = house.in_force(db, town().clock())
    versions = db.scalars(select(HouseRulesEdition.version)).all()
    numbers = [int(version) for version in versions if version.isascii() and version.isdigit() and len(version) < 9]
    usual = {"version": max(numbers, default=0) + 1}
    return shown(usual | ({"ja": current.ja, "en": current.en} if current else {}))


@blueprint.post("/admin/house-rules")
def publish() -> Response:
    """Publish a new edition, in force at once or from a day on."""
    filled, now = edits.came_back(), town().clock()
    version = filled.text("version", longest=40, needed=True)
    ja = filled.text("ja", longest=4000, needed=True, lines=True)
    en = filled.text("en", longest=4000, lines=True)
    day = filled.day("since")
    since = now if day is None else datetime(day.year, day.month, day.day, tzinfo=zone()).astimezone(UTC)
    if day is not None and day < now.astimezone(zone()).date():
        filled.wrong("since", phrase("適用日は今日以降の日付を入力してください。"))
    if not filled.errors and filled.ticked("preview"):
        return _page(filled, preview=True)
    if not filled.errors:
        try:
            with town().storage.transaction(write=True) as db:
                back = url_for("admin_house_rules.editions")
                if clash := edits.conflict(filled, _next(db), what=say(phrase("利用上の注意")), back=back):
                    return clash
                house.publish(db, version, ja, en, max(since, now))
        except BadInput:
            filled.wrong("version", phrase("この版はすでに掲載されています。新しい版番号を入力してください。"))
    if filled.errors:
        return _page(filled)
    flash(say(phrase("利用上の注意（第%(version)s版）を掲載しました。"), version=version), "success")
    return redirect(url_for("admin_house_rules.editions"), HTTPStatus.SEE_OTHER)


def _page(filled: Filled, *, preview: bool = False) -> Response:
    now = town().clock()
    with town().storage.transaction() as db:
        newest = select(HouseRulesEdition).order_by(HouseRulesEdition.since.desc(), HouseRulesEdition.version.desc())
        every, current = db.scalars(newest).all(), house.in_force(db, now)
    page = render_template(
        "admin/house_rules.html",
        filled=filled,
        editions=[
            (one, _changes(before.ja, one.ja) if before else []) for one, before in zip_longest(every, every[1:])
        ],
        current=current,
        preview=preview,
        changes=_changes(current.ja, filled.typed("ja")) if preview and current else [],
        markdown=markdown.render,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _changes(before: str, after: str) -> list[tuple[bool, str]]:
    """Return the lines that came (True) and went (False) from one text to the next."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return [(each[0] == "+", each[1:]) for each in lines if each[0] in "+-" and each[1:].strip()]
