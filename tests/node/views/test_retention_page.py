"""保存期間と削除の記録: the periods are shown, changed within their bounds, and what was deleted stands below."""

from datetime import date

from node import retention
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOW

FORM = {"names": "7", "attendance": "3", "notices": "1", "incidents": "5", "blocks": "3", "lists": "3", "audit": "5"}


def test_a_period_is_changed_and_logged(site_admin: Person, host_town: Town) -> None:
    assert site_admin.sends("/admin/retention", {**FORM, "names": "30"}).status_code == 303
    with host_town.storage.transaction() as db:
        assert retention.lengths(db)["names"] == 30


def test_what_is_out_of_bounds_is_said_and_kept(site_admin: Person, host_town: Town) -> None:
    for typed in ("0", "91", "", "七"):
        answer = site_admin.sends("/admin/retention", {**FORM, "names": typed})
        assert answer.status_code == 400
        assert f'value="{typed}"' in answer.text or not typed
    with host_town.storage.transaction() as db:
        assert retention.lengths(db)["names"] == 7


def test_a_deletion_is_shown_without_a_person(site_admin: Person, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        retention.note(db, "names", 12, date(2026, 11, 17), NOW)
    page = plain(site_admin.opens("/admin/retention"))
    assert "12" in page
    assert "期間満了" in page
