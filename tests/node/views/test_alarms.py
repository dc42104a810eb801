"""An alarm on the town's own entry stands on the pages of those who can do something about it."""

from node import alarms
from node.town import Town
from tests.node.views.conftest import Person


def test_an_alarm_stands_above_every_page_until_it_is_acknowledged(site_admin: Person, host_town: Town) -> None:
    assert "覚えのない変更" not in site_admin.reads("/admin")
    with host_town.storage.transaction(write=True) as db:
        alarms.sound(db, "protocol", "k" * 43, by="registry", now=host_town.clock())
    for page in ("/", "/admin"):
        assert "この団体のものではない通信用の鍵が認められています。" in site_admin.reads(page)
    with host_town.storage.transaction(write=True) as db:
        (alarm,) = alarms.standing(db)
        alarms.acknowledge(db, alarm.id, by="1001", now=host_town.clock())
    assert "覚えのない変更" not in site_admin.reads("/admin")
