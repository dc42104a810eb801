"""The operator's pages: members and their health, what waits for a decision, invitations."""

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response

from federation.errors import BadInput, NotFound
from federation.members import Member
from federation.municipality import repair
from federation.web.tongue import say
from federation.wording import phrase
from registry import demand, oversight
from registry.membership import enrolment, invitations, standing
from registry.views import bureau
from registry.views.signin import operator

blueprint = Blueprint("console", __name__, template_folder="../templates")


@blueprint.get("/console")
def overview() -> str:
    """Show what needs a decision, then all members with those that need attention first."""
    now = bureau().clock()
    with bureau().storage.transaction() as db:
        return render_template(
            "console.html",
            operator=operator(),
            waiting=enrolment.waiting(db),
            members=oversight.watched(db, now),
            now=now,
        )


@blueprint.post("/console/enrolments/<int(max=2147483647):number>")
def decide(number: int) -> Response:
    """Admit a body after its thumbprint was compared, or turn it down."""
    who, now = operator().account, bureau().clock()
    with bureau().storage.transaction(write=True) as db:
        if request.form.get("verdict") == "decline":
            enrolment.decline(db, number, by=who, now=now)
            words = say(phrase("参加の申請を見送りました。"))
        else:
            seal, thumbprint = bureau().seal, request.form.get("thumbprint", "")
            member = enrolment.admit(db, seal, number, thumbprint=thumbprint, by=who, now=now)
            standing.sign_status_list(db, seal, now)
            words = say(phrase("%(name)sの参加を承認しました。"), name=member.name)
    flash(words, "success")
    return redirect("/console", 303)


@blueprint.get("/console/members/<int(max=2147483647):number>")
def member(number: int) -> str:
    """Show one member: keys, feeds, what could not be read, and its standing."""
    now = bureau().clock()
    with bureau().storage.transaction() as db:
        row = next((each for each in oversight.watched(db, now) if each.member.id == number), None)
        if row is None:
            raise NotFound(f"member {number}")
        return render_template(
            "member.html", operator=operator(), row=row, faults=oversight.faults(db, number), now=now
        )


@blueprint.post("/console/members/<int(max=2147483647):number>/suspension")
def suspend(number: int) -> Response:
    """Ask for a suspension, or stop the member at once in an emergency."""
    who, now = operator().account, bureau().clock()
    emergency = request.form.get("emergency") == "1"
    with bureau().storage.transaction(write=True) as db:
        asked = standing.suspend(
            db, number, reason=request.form.get("reason", ""), emergency=emergency, by=who, now=now
        )
        if asked.in_force:
            standing.publish(db, bureau().seal, number, now)
    if emergency:
        flash(say(phrase("緊急停止しました。別の運営者による事後確認が必要です。")), "warning")
    else:
        flash(say(phrase("停止を申請しました。別の運営者が確認すると停止されます。")), "info")
    return redirect(f"/console/members/{number}", 303)


@blueprint.post("/console/members/<int(max=2147483647):number>/suspension/<int(max=2147483647):asked>")
def rule(number: int, asked: int) -> Response:
    """Confirm a suspension as a second operator, or lift it with a reason; nodes learn it from the next status list."""
    who, now = operator().account, bureau().clock()
    with bureau().storage.transaction(write=True) as db:
        if db.get(Member, number) is None:
            raise NotFound(f"member {number}")
        if request.form.get("verdict") == "confirm":
            standing.confirm(db, asked, by=who, now=now)
            words = say(phrase("停止を確認しました。"))
        else:
            standing.lift(db, asked, reason=request.form.get("reason", ""), by=who, now=now)
            words = say(phrase("停止を解除しました。"))
        standing.publish(db, bureau().seal, number, now)
    flash(words, "success")
    return redirect(f"/console/members/{number}", 303)


@blueprint.get("/console/invite")
def invitation() -> str:
    """Ask which body to invite; an invitation just made is shown this once."""
    return _invitation()


def _invitation(error: BadInput | None = None) -> str:
    """Show the form, again with what was typed and why it was not taken."""
    reason = None if error is None else say(error.words, **error.facts)
    by_name = error is not None and error.field == "name"
    return render_template(
        "invite.html",
        operator=operator(),
        made=session.pop("invitation", None),
        seal=bureau().seal,
        code=request.form.get("code", ""),
        name=request.form.get("name", ""),
        code_error=None if by_name else reason,
        name_error=reason if by_name else None,
    )


@blueprint.post("/console/invite")
def invite() -> Response | tuple[str, int]:
    """Make an invitation for a 団体コード; a wrong code is said beside its field."""
    who, now = operator().account, bureau().clock()
    try:
        code = repair(request.form.get("code", "")).code
        with bureau().storage.transaction(write=True) as db:
            body = invitations.known_body(db, code, request.form.get("name", "").strip()[:100])
            secret = invitations.invite(db, body, by=who, now=now)
    except BadInput as error:
        return _invitation(error), error.status
    session["invitation"] = {"secret": secret, "code": body.code, "name": body.name}
    return redirect("/console/invite", 303)


@blueprint.get("/console/demand")
def unmet() -> str:
    """Show where desks were searched in vain."""
    with bureau().storage.transaction() as db:
        return render_template(
            "demand.html", operator=operator(), rows=demand.unmet(db, bureau().clock()), reasons=demand.REASONS
        )
