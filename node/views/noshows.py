"""所属長 and personnel: which of our people booked elsewhere and did not come, and how often."""

from flask import Blueprint, render_template

from node.home import absences
from node.views import town

blueprint = Blueprint("noshows", __name__)
"""For ``Audience.MANAGER``."""


@blueprint.get("/manager/no-shows")
def show() -> str:
    """Show the last 90 days, those first who did so most often; what a host has struck does not count."""
    with town().storage.transaction() as db:
        found = absences.of_everybody(db, now=town().clock())
    return render_template("noshows.html", found=found, days=absences.DAYS)
