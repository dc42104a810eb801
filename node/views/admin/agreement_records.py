"""協定の記録: on what paper does an agreement rest, who has confirmed which version of it, and what is awaited?"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePath

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, NotFound
from federation.web.headers import accepts_up_to
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import agreements, confirmations, documents, quotas, versions
from node.models.agreements import Agreement, AgreementDocument, AgreementVersion, Confirmation
from node.views import doers, pairs, termwords, town
from node.views.admin import agreedhomes
from node.views.admin.agreements import get_agreement
from node.views.filled import Filled
from node.views.offered import attached
from node.views.session import me
from node.views.uploads import uploaded

blueprint = Blueprint("admin_agreement_records", __name__)
"""For ``Audience.ADMIN``."""

_AROUND = 64 * 1024
"""Bytes of the other fields, and of the form around them."""


@blueprint.get("/admin/agreements/<uuid:agreement_id>/record")
def show(agreement_id: object) -> Response:
    """Show an agreement with its paper, its versions and what each town has said."""
    return _page(agreement_id, Filled(request.args))


@blueprint.post("/admin/agreements/<uuid:agreement_id>/document")
@accepts_up_to(documents.MAX_BYTES + _AROUND)
def put_document(agreement_id: object) -> Response:
    """Keep the scanned 協定書; what lies there stays if the file is none."""
    with town().storage.transaction() as db:
        get_agreement(db, agreement_id)
    filled, content = Filled(request.form), uploaded("document")
    if not content:
        filled.wrong("document", phrase("PDFのファイルを選んでください。"))
    else:
        try:
            documents.check(content)
        except BadInput as error:
            filled.wrong("document", error.words)
    if filled.errors:
        return _page(agreement_id, filled)
    with town().storage.transaction(write=True) as db:
        found = get_agreement(db, agreement_id)
        row = documents.put(db, found.id, content, _file_name(), by=_who(), now=town().clock())
        _log(db, found, event="agreement-document", reason=row.digest)
    flash(say(phrase("協定書のPDFを保存しました。")), "success")
    return _back(agreement_id)


@blueprint.get("/admin/agreements/<uuid:agreement_id>/document")
def document(agreement_id: object) -> Response:
    """Give the 協定書 out as a file; that it was taken is written down."""
    with town().storage.transaction(write=True) as db:
        found = get_agreement(db, agreement_id)
        data = documents.data_of(db, found.id)
        _log(db, found, event="agreement-document", reason="taken")
    response = current_app.response_class(data, mimetype=documents.TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="agreement-{found.id}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/admin/agreements/<uuid:agreement_id>/ask")
def ask(agreement_id: object) -> Response:
    """Have the same terms confirmed, as a new version: for what was entered before confirmations existed, or went astray."""
    with town().storage.transaction(write=True) as db:
        get_agreement(db, agreement_id)
        found = agreements.locked(db, str(agreement_id))
        agreements.amend(db, found, {}, by=_who(), now=town().clock(), again=True)
        _log(db, found, event="agreement", reason="asked again")
    flash(say(phrase("相手の団体へ、内容の確認を依頼します。")), "success")
    return _back(agreement_id)


@blueprint.get("/admin/agreements/<uuid:agreement_id>/versions/<int:number>/<code>/signed")
def signed(agreement_id: object, number: int, code: str) -> Response:
    """Give both signatures of a version that a town has confirmed out as one file."""
    with town().storage.transaction(write=True) as db:
        found = get_agreement(db, agreement_id)
        fits = number < 2_000_000_000 and code.isascii() and code.isdigit()
        row = db.get(Confirmation, (found.id, number, code)) if fits else None
        if row is None:
            raise NotFound("no such confirmation")
        text = confirmations.file_of(row).text()
        _log(db, found, event="agreement-file", reason=f"version {number} {code}")
    return attached(text, f"agreement-{found.id}-v{number}-{code}.json")


def _file_name() -> str:
    """Return what the file was called, without folders and what could not be shown."""
    sent = request.files.get("document")
    name = PurePath((sent.filename if sent else "") or "").name
    return "".join(letter for letter in name if letter.isprintable())[:255] or "document.pdf"


def _who() -> str:
    return f"staff:{me().id}"


def _log(db: Session, agreement: Agreement, *, event: str, reason: str) -> None:
    subject, now = f"agreement:{agreement.id}", town().clock()
    audit.record(db, event=event, actor=_who(), subject=subject, verdict="allowed", reason=reason, now=now)


def _back(agreement_id: object) -> Response:
    return redirect(url_for("admin_agreement_records.show", agreement_id=agreement_id), HTTPStatus.SEE_OTHER)


def _page(agreement_id: object, filled: Filled) -> Response:
    today = town().clock().astimezone(zone()).date()
    with town().storage.transaction() as db:
        found = get_agreement(db, agreement_id)
        entered = versions.of(db, [found.id])[found.id]
        said = confirmations.of(db, [found.id])[found.id]
        paper = db.get(AgreementDocument, found.id)
        proposed = versions.proposed(db, found)
        newest = versions.terms_of(db, proposed)
        towns = agreedhomes.names(db, [found, proposed])
        people = doers.named(db, [*(one.entered_by for one in entered), paper.added_by if paper else ""])
        mutual = pairs.of_ours(db, [found]).get(found.id)
    page = render_template(
        "admin/agreement_record.html",
        it=found,
        state=quotas.standing(found, today),
        terms=termwords.rows(newest, towns),
        history=[(one, _changed(one, entered[number + 1 :], towns)) for number, one in enumerate(entered)],
        said={one.number: [each for each in said if each.number == one.number] for one in entered},
        awaited=[one for one in said if entered and one.number == entered[0].number and one.state != "confirmed"],
        towns=towns,
        people=people,
        paper=paper,
        mutual=mutual,
        filled=filled,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)


def _changed(
    one: AgreementVersion, before: Sequence[AgreementVersion], towns: Mapping[str, str]
) -> Sequence[tuple[str, str, str]]:
    if not before or not before[0].terms or not one.terms:
        return ()
    return termwords.changes(before[0].terms, one.terms, towns)
