"""人事担当: what other towns told of our people after a roll call (在館者確認)."""

from flask import Blueprint, render_template

from node.home import rollcalls
from node.people import staff as directory
from node.views import town

blueprint = Blueprint("rollcalls", __name__)
"""For ``Audience.PERSONNEL``."""


@blueprint.get(rollcalls.LINK)
def show() -> str:
    """Show the reports, newest first, and in each first who was missing."""
    with town().storage.transaction() as db:
        heard = rollcalls.heard(db)
        ids = {one.staff_id for call in heard for one in call.people if one.staff_id is not None}
        people = {one.id: one for one in directory.by_ids(db, ids)}
        return render_template("rollcalls.html", heard=heard, people=people)
