"""取り込み: a file is sent, checked, chosen from and carried out; until then nothing of ours changes."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadInput, NotFound, TachiyoriError
from federation.web.headers import accepts_up_to
from federation.web.tongue import say
from federation.wording import phrase
from node.host.sheets import carrying, cells, keeping, table, writing
from node.host.sheets.facilities import NO_POSITION
from node.host.sheets.keeping import Sieve
from node.models.imports import Import, ImportRow
from node.views import town
from node.views.admin.rowwords import KINDS, VERDICTS, differences, reasons, remark
from node.views.filled import Filled
from node.views.session import me
from node.views.uploads import uploaded

blueprint = Blueprint("admin_imports", __name__)
"""For ``Audience.ADMIN``."""

PAGE = 50
SHOWN = 20
"""Rows with problems or repairs that the check lists at once."""
_NO_FILE = phrase("ファイルを選んでください")


@blueprint.get("/admin/import")
def choose_file() -> Response:
    """Ask for a file, and list those that wait."""
    return _choosing(Filled(request.args))


@blueprint.post("/admin/import")
@accepts_up_to(table.MOST_BYTES + 64 * 1024)
def send() -> Response:
    """Read a file and keep it; nothing is changed yet."""
    filled = Filled(request.form)
    kind = filled.choice("kind", KINDS)
    sent = request.files.get("file")
    name = cells.clean(sent.filename or "")[:255] if sent else ""
    content = uploaded("file")
    if not content and not name:
        filled.wrong("file", _NO_FILE)
    if filled.errors:
        return _choosing(filled)
    try:
        made = carrying.receive(
            town().storage, town().config, kind, name, content, by=f"staff:{me().id}", now=town().clock()
        )
    except TachiyoriError as error:
        facts = {key: say(value) if isinstance(value, str) else value for key, value in error.facts.items()}
        filled.wrong("file", error.words, **facts)
        return _choosing(filled, error.status)
    return redirect(url_for("admin_imports.check", import_id=made), HTTPStatus.SEE_OTHER)


def _choosing(filled: Filled, status: int = HTTPStatus.BAD_REQUEST) -> Response:
    with town().storage.transaction() as db:
        waiting = keeping.waiting(db, town().clock())
    page = render_template("admin/imports.html", filled=filled, kinds=KINDS, waiting=waiting, sheets=carrying.SHEETS)
    return make_response(page, status if filled.errors else HTTPStatus.OK)


@blueprint.get("/admin/export/<kind>.csv")
def export(kind: str) -> Response:
    """Give out what there is of one kind, in the form in which it is taken over again."""
    sheet = carrying.SHEETS.get(kind)
    if sheet is None or sheet.rows_of is None:
        raise NotFound("no such file")
    with town().storage.transaction() as db:
        content = sheet.written(db, town().clock())
    return as_file(content, f"{kind}.csv")


@blueprint.get("/admin/import/<uuid:import_id>")
def check(import_id: object) -> str | Response:
    """Show what was read: how many of what, what was mended, and what is wrong, row by row."""
    with town().storage.transaction() as db:
        kept = keeping.get(db, str(import_id), town().clock())
        if kept.state != "checked":
            return redirect(url_for("admin_imports.done", import_id=kept.id))
        counted = keeping.counts(db, kept)
        problems, _ = keeping.page(db, kept, Sieve(verdict="problem"), start=0, limit=SHOWN)
        mended, all_mended = keeping.remarked(db, kept, limit=SHOWN)
        unplaced = len(keeping.with_remark(db, kept, NO_POSITION))
    return render_template(
        "admin/import_check.html",
        kept=kept,
        kinds=KINDS,
        verdicts=VERDICTS,
        counted=counted,
        problems=problems,
        mended=mended,
        all_mended=all_mended,
        unplaced=unplaced,
        shown=SHOWN,
        remark=remark,
        reasons=reasons,
        filled=Filled(request.args),
    )


@blueprint.get("/admin/import/<uuid:import_id>/errors.csv")
def errors(import_id: object) -> Response:
    """Give the rows that cannot be taken over, as they stood, with the reason: to be mended and sent again."""
    with town().storage.transaction() as db:
        kept = keeping.get(db, str(import_id), town().clock())
        rows = keeping.wrong(db, kept)
    lines = ([str(row.line), reasons(row), *_as_wide(kept, row)] for row in rows)
    return as_file(writing.written([say(phrase("行")), say(phrase("理由")), *kept.heading], lines), "import-errors.csv")


def _as_wide(kept: Import, row: ImportRow) -> list[str]:
    missing = len(kept.heading) - len(row.cells)
    return [*map(writing.unharmed, row.cells), *[""] * max(missing, 0)]


def as_file(content: bytes, name: str) -> Response:
    """Give a CSV file out to be kept."""
    response: Response = current_app.response_class(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/admin/import/<uuid:import_id>/place")
def place(import_id: object) -> Response:
    """Give all rows without coordinates one position for now, such as the town hall's."""
    filled = Filled(request.form)
    lat, lon = filled.decimal("lat", 20, 46), filled.decimal("lon", 122, 154)
    if filled.errors:
        flash(say(phrase("緯度は20から46まで、経度は122から154までの数値で入力してください。")), "error")
        return redirect(url_for("admin_imports.check", import_id=import_id), HTTPStatus.SEE_OTHER)
    typed, now = {"lat": str(lat), "lon": str(lon)}, town().clock()
    with town().storage.transaction(write=True) as db:
        kept = keeping.get(db, str(import_id), now, lock=True)
        rows = keeping.with_remark(db, kept, NO_POSITION)
        carrying.correct_all(db, town().config, kept, rows, typed, now=now)
    flash(
        say(phrase("%(count)s行に位置を入れました。取り込んだ後に、施設ごとに直してください。"), count=len(rows)),
        "success",
    )
    return redirect(url_for("admin_imports.check", import_id=import_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/admin/import/<uuid:import_id>/rows/<int(max=2147483647):line>")
def row(import_id: object, line: int) -> Response:
    """Show a row's cells to be corrected, with all that was noted about it."""
    return _row(import_id, line, None)


@blueprint.post("/admin/import/<uuid:import_id>/rows/<int(max=2147483647):line>")
def correct(import_id: object, line: int) -> Response:
    """Read the row anew as it was corrected."""
    filled, now = Filled(request.form), town().clock()
    with town().storage.transaction(write=True) as db:
        kept = keeping.get(db, str(import_id), now, lock=True)
        titles = carrying.SHEETS[kept.kind].titles
        typed = {name: request.form[name][: table.LONGEST_CELL] for name in titles if name in request.form}
        again = carrying.correct(db, town().config, kept, keeping.row_of(db, kept, line), typed, now=now)
    if again.is_wrong:
        return _row(import_id, line, filled)
    flash(say(phrase("%(line)s行目を直しました。"), line=line), "success")
    return redirect(url_for("admin_imports.check", import_id=import_id), HTTPStatus.SEE_OTHER)


def _row(import_id: object, line: int, filled: Filled | None) -> Response:
    with town().storage.transaction() as db:
        kept = keeping.get(db, str(import_id), town().clock())
        if kept.state != "checked":
            raise BadInput("the import has begun")
        found = keeping.row_of(db, kept, line)
    sheet = carrying.SHEETS[kept.kind]
    page = render_template(
        "admin/import_row.html",
        kept=kept,
        row=found,
        titles=sheet.titles,
        given=sheet.given(kept.heading, found),
        remark=remark,
        differences=differences(found),
        verdicts=VERDICTS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if filled is not None else HTTPStatus.OK)


@blueprint.get("/admin/import/<uuid:import_id>/done")
def done(import_id: object) -> Response:
    """Show how far it is, and in the end what became of it."""
    with town().storage.transaction() as db:
        kept = keeping.get(db, str(import_id), town().clock())
        counted = keeping.counts(db, kept)
        failed = keeping.wrong(db, kept, failed_only=True)[:SHOWN]
    if kept.state == "checked":
        return redirect(url_for("admin_imports.check", import_id=kept.id))
    page = render_template(
        "admin/import_done.html", kept=kept, kinds=KINDS, counted=counted, failed=failed, reasons=reasons
    )
    response = make_response(page)
    if kept.state == "running":
        # A page that looks again by itself without a script; its link does the same for those who stop it.
        response.headers["Refresh"] = "2"
    return response


@blueprint.post("/admin/import/<uuid:import_id>/drop")
def drop(import_id: object) -> Response:
    """取り込みをやめる: forget the file."""
    with town().storage.transaction(write=True) as db:
        keeping.drop(db, keeping.get(db, str(import_id), town().clock(), lock=True))
    flash(say(phrase("ファイルを破棄しました。何も変更していません。")), "success")
    return redirect(url_for("admin_imports.choose_file"), HTTPStatus.SEE_OTHER)


def options_of(form: Mapping[str, str]) -> dict[str, bool]:
    """Return what is chosen for all rows of an import."""
    return {"publish": form.get("publish") == "1"}
