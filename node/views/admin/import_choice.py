"""取り込み, third step: which rows are taken over, by POI code, name and tick, and the one confirmation."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.host.sheets import carrying, keeping
from node.host.sheets.keeping import Sieve, Ticks
from node.models.imports import Import
from node.views import town
from node.views.admin.imports import PAGE, options_of
from node.views.admin.rowwords import KINDS, VERDICTS, differences, remark
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_import_choice", __name__)
"""For ``Audience.ADMIN``."""

_MOST_LINES = 2 * PAGE
_SHOWN: Mapping[str, dict[str, Any]] = {"halls": {"poi": "1302"}, "chosen": {"chosen": "1"}}
"""What the buttons for usual sieves ask for."""
_CHANGED = phrase(
    "選択は、ほかの担当者がすでに変更していました。選んだ行を確認してから、もう一度「取り込む」を押してください。"
)
_AT_ONCE = 2
"""Pieces carried out within the request, so that a small file is done when the page comes; the rest is a job's."""


@blueprint.get("/admin/import/<uuid:import_id>/choose")
def choose(import_id: object) -> Response:
    """Show the rows that pass the sieve, a page at a time, with what each would change."""
    filled = Filled(request.args)
    sieve, number = _sieve(filled), filled.whole("page", 1, 1000) or 1
    with town().storage.transaction() as db:
        kept = keeping.get(db, str(import_id), town().clock())
        if kept.state != "checked":
            return redirect(url_for("admin_imports.done", import_id=kept.id))
        rows, total = keeping.page(db, kept, sieve, start=(number - 1) * PAGE, limit=PAGE)
        counted, pois, seen = keeping.counts(db, kept), keeping.pois(db, kept), keeping.digest(db, kept)
    page = render_template(
        "admin/import_choose.html",
        kept=kept,
        kinds=KINDS,
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE)),
        sieve=sieve,
        pois=pois,
        counted=counted,
        seen=seen,
        verdicts=VERDICTS,
        remark=remark,
        differences=differences,
        errors=filled.errors,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


@blueprint.post("/admin/import/<uuid:import_id>/choose")
def change(import_id: object) -> Response:
    """Keep the ticks of the page, and do what was pressed: turn the page, show others, choose all, or take over.

    What somebody else has ticked since then stays; nothing is taken over that was not seen chosen.
    """
    filled, now = Filled(request.form), town().clock()
    pressed, sieve = request.form.get("do", "keep"), _sieve(filled)
    with town().storage.transaction(write=True) as db:
        kept = keeping.get(db, str(import_id), now, lock=True)
        changed = keeping.digest(db, kept) != request.form.get("seen")
        keeping.choose(db, kept, _ticks("line"), _ticks("overwrite"))
        if pressed in {"all", "none"}:
            keeping.choose_all(db, kept, sieve, chosen=pressed == "all")
        begun = pressed == "import" and not changed and _begin(db, kept)
    if begun:
        carrying.carry_on(town().storage, town().config, str(import_id), now=now, pieces=_AT_ONCE)
        return redirect(url_for("admin_imports.done", import_id=import_id), HTTPStatus.SEE_OTHER)
    if pressed == "import" and changed:
        flash(say(_CHANGED), "warning")
        pressed = "show-chosen"
    return redirect(_next(str(import_id), pressed), HTTPStatus.SEE_OTHER)


def _next(import_id: str, pressed: str) -> str:
    """Return the page that a button leads to; the ticks are kept by then."""
    what, _, which = pressed.partition("-")
    if pressed == "check":
        return url_for("admin_imports.check", import_id=import_id)
    if what == "row" and which.isascii() and which.isdigit() and len(which) < 8:
        return url_for("admin_imports.row", import_id=import_id, line=int(which))
    if what == "show":
        return url_for("admin_import_choice.choose", import_id=import_id, **_SHOWN.get(which, {}))
    # A new sieve begins on its first page; the fields that were shown have names of their own, as 「すべて」 means what is shown.
    before, page = ("to_", "1") if pressed == "sift" else ("", request.form.get("page", "1"))
    asked: dict[str, Any] = {
        name: value for name in ("verdict", "poi", "name", "chosen") if (value := request.form.get(before + name))
    }
    page = which if what == "page" else page
    return url_for("admin_import_choice.choose", import_id=import_id, page=page, **asked)


def _begin(db: Session, kept: Import) -> bool:
    """Begin, if anything is chosen."""
    db.flush()
    if not keeping.counts(db, kept)["chosen"]:
        flash(say(phrase("取り込む行が選ばれていません。1行以上を選んでください。")), "error")
        return False
    carrying.begin(db, kept, options_of(request.form), by=f"staff:{me().id}", now=town().clock())
    return True


def _sieve(filled: Filled) -> Sieve:
    verdict = filled.typed("verdict") if filled.typed("verdict") in VERDICTS else ""
    return Sieve(
        verdict=verdict,
        poi=filled.text("poi", longest=20).lower(),
        name=filled.text("name", longest=200),
        chosen=filled.ticked("chosen"),
    )


def _ticks(name: str) -> Ticks:
    return Ticks(frozenset(_lines(f"was_{name}")), frozenset(_lines(name)))


def _lines(name: str) -> list[int]:
    """Return the row numbers of one field; what is none is left out."""
    typed = request.form.getlist(name)[:_MOST_LINES]
    return [int(each) for each in typed if each.isascii() and each.isdigit() and len(each) < 8]
