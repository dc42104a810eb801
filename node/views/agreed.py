"""訪問先でのサインイン: at which towns I have signed in as one of ours, what each learned, and taking it back."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import NotFound
from federation.members import find
from federation.web.tongue import current, say
from federation.wording import phrase
from node.people import staff as directory
from node.people.provider import consents
from node.people.provider.told import WORDS
from node.views import town
from node.views.session import me

blueprint = Blueprint("agreed", __name__)
"""For ``Audience.STAFF``."""


@dataclass(frozen=True)
class Agreed:
    """One town with what it learns, as a person reads it."""

    client_id: str
    name: str
    learned: tuple[str, ...]
    since: datetime
    last: datetime


@blueprint.get("/me/towns")
def towns() -> str:
    """Show the towns I have agreed to tell something, the one used last first."""
    with town().storage.transaction() as db:
        shown = [
            Agreed(each.client_id, _name(db, each.client_id), _learned(each.scope), each.given_at, each.last_used)
            for each in consents.of(db, me().id)
        ]
    return render_template("agreed.html", towns=shown)


@blueprint.post("/me/towns")
def withdraw() -> Response:
    """Take my agreement with one town back; what it was given ends at once, what it has learned it has learned."""
    client_id, now, person = request.form.get("client_id", "")[:255], town().clock(), me()
    with town().storage.transaction(write=True) as db:
        directory.lock(db, person.id)
        if not consents.withdraw(db, person.id, client_id, now=now):
            raise NotFound("no agreement with that town")
        audit.record(
            db, event="consent-withdrawn", actor=f"staff:{person.id}", subject=client_id, verdict="allowed", now=now
        )
    flash(say(phrase("同意を取り消しました。次にサインインするときは、もう一度確認します。")), "success")
    return redirect(url_for("agreed.towns"), HTTPStatus.SEE_OTHER)


def _learned(scope: str) -> tuple[str, ...]:
    return tuple(words for name, words in WORDS.items() if name in scope.split())


def _name(db: Session, entity_id: str) -> str:
    """Return the registry's name for a town, or its address where it is a member no more."""
    member = find(db, entity_id)
    if member is None:
        return entity_id
    return str((member.name_en if current() == "en" else "") or member.name)
