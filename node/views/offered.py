"""協定一覧: what do other towns offer our people, on which terms, and what awaits our word?"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from federation import audit
from federation.errors import NotFound
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.home import offered
from node.models.offered import OfferedAgreement, OfferedVersion
from node.views import doers, pairs, termwords, town
from node.views.admin import agreedhomes
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("offered", __name__)
"""For ``Audience.PERSONNEL``."""

ORDER = ("awaiting", "valid", "coming", "suspended", "ended")


@blueprint.get("/personnel/agreements")
def every() -> str:
    """List what other towns offer, what awaits our word first."""
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        found = offered.every(db)
        versions = offered.versions_of(db, [one.id for one in found])
        hosts = offered.names(db, {one.host for one in found})
        mutual = pairs.of_theirs(db, found, versions)
    standing = {one.id: offered.standing(one, versions[one.id], today) for one in found}
    waits = {id_ for id_, each in versions.items() if each and each[0].state == "awaiting"}
    return render_template(
        "offered.html",
        found=sorted(found, key=lambda one: (one.id not in waits, ORDER.index(standing[one.id]))),
        newest={id_: each[0] for id_, each in versions.items() if each},
        standing=standing,
        waits=waits,
        hosts=hosts,
        mutual=mutual,
    )


@blueprint.get("/personnel/agreements/<uuid:offered_id>")
def show(offered_id: object) -> AnyResponse:
    """Show one agreement: its terms to compare with the paper, what changed, and who has said what."""
    return _page(str(offered_id), Filled(request.args))


@blueprint.post("/personnel/agreements/<uuid:offered_id>/confirm")
def confirm(offered_id: object) -> AnyResponse:
    """Sign the version that was read on the page."""
    filled = Filled(request.form)
    number = filled.whole("number", 1, 2_000_000_000, needed=True) or 0
    if not filled.ticked("compared"):
        filled.wrong("compared", phrase("協定書と照らし合わせてから、確認の欄に印を付けてください。"))
    if filled.errors:
        return _page(str(offered_id), filled)
    with town().storage.transaction(write=True) as db:
        digest = request.form.get("digest", "")
        offered.confirm(db, town(), str(offered_id), number, digest, by=_who(), now=town().clock())
    flash(say(phrase("第%(number)s版を確認しました。署名を受入団体へ送ります。"), number=number), "success")
    return _back(offered_id)


@blueprint.post("/personnel/agreements/<uuid:offered_id>/object")
def object_to(offered_id: object) -> AnyResponse:
    """Tell the host what does not match the 協定書."""
    filled = Filled(request.form)
    number = filled.whole("number", 1, 2_000_000_000, needed=True) or 0
    said = filled.text("said", longest=1000, needed=True, lines=True)
    if filled.errors:
        return _page(str(offered_id), filled)
    with town().storage.transaction(write=True) as db:
        offered.object_to(db, str(offered_id), number, said, by=_who(), now=town().clock())
    flash(say(phrase("合わない点を受入団体へ送ります。直した版が届くと、お知らせします。")), "success")
    return _back(offered_id)


@blueprint.post("/personnel/agreements/<uuid:offered_id>/suspend")
def suspend(offered_id: object) -> AnyResponse:
    """Stop all booking under it, from now on."""
    filled = Filled(request.form)
    reason = filled.text("reason", longest=500, needed=True)
    if filled.errors:
        return _page(str(offered_id), filled)
    with town().storage.transaction(write=True) as db:
        offered.suspend(db, str(offered_id), reason, by=_who(), now=town().clock())
    words = phrase("この協定による予約を停止しました。受入団体へ知らせます。予告期間内の予約は有効です。")
    flash(say(words), "success")
    return _back(offered_id)


@blueprint.post("/personnel/agreements/<uuid:offered_id>/resume")
def resume(offered_id: object) -> AnyResponse:
    """Take our own stop back."""
    with town().storage.transaction(write=True) as db:
        offered.resume(db, str(offered_id), by=_who(), now=town().clock())
    flash(say(phrase("この協定による予約を再開しました。受入団体へ知らせます。")), "success")
    return _back(offered_id)


@blueprint.get("/personnel/agreements/<uuid:offered_id>/versions/<int:number>/signed")
def signed(offered_id: object, number: int) -> Response:
    """Give both signatures of a confirmed version out as one file."""
    with town().storage.transaction(write=True) as db:
        version = db.get(OfferedVersion, (str(offered_id), number)) if number < 2_000_000_000 else None
        if version is None:
            raise NotFound("no such version")
        text = offered.file_of(version).text()
        subject = f"offered:{offered_id}"
        audit.record(
            db, event="agreement-file", actor=_who(), subject=subject, verdict="allowed", now=town().clock(),
            reason=f"version {number}",
        )  # fmt: skip
    return attached(text, f"agreement-{offered_id}-v{number}.json")


def attached(text: str, name: str) -> Response:
    """Return a file of JSON to be kept."""
    response: Response = current_app.response_class(text, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _who() -> str:
    return f"staff:{me().id}"


def _back(offered_id: object) -> AnyResponse:
    return redirect(url_for("offered.show", offered_id=offered_id), HTTPStatus.SEE_OTHER)


def _page(id_: str, filled: Filled) -> AnyResponse:
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        found = _get(db, id_)
        versions = offered.versions_of(db, [id_])[id_]
        host = offered.names(db, [found.host]).get(found.host)
        people = doers.named(db, [one.said_by for one in versions] + [found.suspended_by])
        mutual = pairs.of_theirs(db, [found], {id_: versions}).get(id_)
    names = {town().config.code: town().config.name, **agreedhomes.prefectures()}
    page = render_template(
        "offered_one.html",
        it=found,
        host=host,
        newest=versions[0] if versions else None,
        terms=termwords.rows(versions[0].terms, names) if versions else [],
        history=[(one, _changed(one, versions[number + 1 :], names)) for number, one in enumerate(versions)],
        state=offered.standing(found, versions, today),
        people=people,
        mutual=mutual,
        filled=filled,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _changed(
    one: OfferedVersion, before: Sequence[OfferedVersion], names: Mapping[str, str]
) -> Sequence[tuple[str, str, str]]:
    return termwords.changes(before[0].terms, one.terms, names) if before else ()


def _get(db: Session, id_: str) -> OfferedAgreement:
    found = db.get(OfferedAgreement, id_)
    if found is None:
        raise NotFound("no such agreement")
    return found
