"""見つからなかった希望: what people searched for near our sites in vain, why, and what a 施設担当者 can do about it."""

from collections.abc import Mapping

from flask import Blueprint, render_template

from federation.messages.demand import FEWEST, MOST_WISHES
from federation.wording import phrase
from node.host import wanted
from node.joining import has_joined
from node.views import town

blueprint = Blueprint("admin_wanted", __name__)
"""For ``Audience.ADMIN``."""

REASONS: Mapping[str, str] = {
    "no-site": phrase("探した団体が利用できる施設が近くにない"),
    "full": phrase("満席・利用時間外"),
    "unlike": phrase("希望の設備や条件に合わない"),
}
NEXT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "no-site": ((phrase("協定の相手を増やす"), "/admin/agreements"),),
    "full": ((phrase("座席を増やす"), "/admin/sites"), (phrase("利用時間を見直す"), "/admin/calendar")),
    "unlike": ((phrase("部屋の設備と条件を見直す"), "/admin/sites"),),
}
"""What may be done about each reason, and where."""


@blueprint.get("/admin/demand")
def show() -> str:
    """Show it as the registry last said it; nobody is asked meanwhile."""
    here = town()
    with here.storage.transaction() as db:
        stand = wanted.heard(db, here.clock())
    return render_template(
        "admin/wanted.html",
        stand=stand,
        wishes=wanted.by_place(stand.report.wishes) if stand.report else (),
        reasons=REASONS,
        next=NEXT,
        joined=has_joined(here.config),
        fewest=FEWEST,
        most=MOST_WISHES,
    )
