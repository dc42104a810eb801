"""利用上の注意: written in Markdown, shown safely wherever they came from, confirmed once per person and version."""

from datetime import timedelta

import pytest

from federation.errors import BookingRefused
from federation.messages.booking import HouseRules
from node.app import app_of
from node.home import houserules
from node.host import house
from node.people import staff as people
from node.town import Town
from tests.node.fakehost import HOST, FakeHost
from tests.node.home.conftest import NOW
from tests.node.views.conftest import WISH, Person

BOOK = "/book?desk={desk}&day=2026-11-24&slot=hours&from=13:00&to=15:00".format(desk=WISH["desk"])


def publishes(host: FakeHost, version: str, ja: str) -> None:
    host.quoted = host.quoted.model_copy(update={"house_rules": HouseRules(version=version, ja=ja)})


def test_a_version_is_confirmed_once_and_a_new_one_anew(person: Person, host: FakeHost) -> None:
    assert 'name="consent"' in person.opens(BOOK).text
    assert person.books(consent="").status_code == 400
    assert person.books().status_code == 303
    assert 'name="consent"' not in person.opens(BOOK).text
    assert "確認済み" in person.reads(BOOK)
    assert person.books(consent="", **{"from": "16:00", "to": "17:00"}).status_code == 303
    publishes(host, "4", "新しい注意")
    assert 'name="consent"' in person.opens(BOOK).text
    assert person.books(consent="", consent_version="4", **{"from": "09:15", "to": "10:00"}).status_code == 400
    assert "第3版" in person.reads("/me")


def test_a_box_ticked_for_the_old_version_is_not_ticked_for_the_new_one(person: Person, host: FakeHost) -> None:
    publishes(host, "4", "新しい注意")
    page = person.books(work_kind="").text
    box = page[page.index('name="consent"') - 200 : page.index('name="consent"') + 200]
    assert "checked" not in box


def test_what_a_foreign_town_writes_stays_words(person: Person, host: FakeHost) -> None:
    publishes(
        host, "5", "# 注意\n\n<script>alert(1)</script>\n\n[押す](javascript:alert(1)) [規則](https://a.example/)"
    )
    page = person.opens(BOOK).text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://a.example/" rel="noreferrer">規則</a>' in page
    assert '<h3 class="dads-heading" data-size="18">注意</h3>' in page


def test_rules_are_looked_at_before_they_are_published(site_admin: Person, host_town: Town) -> None:
    form = {"version": "1", "ja": "- 飲食は**可能**です。", "en": "Food is *fine*."}
    looked = site_admin.sends("/admin/house-rules", {**form, "preview": "1"})
    assert "<strong>可能</strong>" in looked.text
    assert "まだ掲載されていません" in site_admin.reads("/rules")
    assert site_admin.sends("/admin/house-rules", form).status_code == 303
    again = site_admin.sends("/admin/house-rules", {**form, "version": "2", "ja": "- 飲食は不可です。", "preview": "1"})
    assert "<del>- 飲食は**可能**です。</del>" in again.text
    assert "<ins>- 飲食は不可です。</ins>" in again.text
    public = Person(app_of(host_town).test_client())
    assert "飲食は可能です。" in public.reads("/rules")
    assert "<em>fine</em>" in public.opens("/rules?lang=en").text


def test_a_host_refuses_an_older_version_and_says_which_to_read(host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        house.refuse_outdated(db, "1", NOW)
        house.publish(db, "1", "古い注意", "", NOW)
        house.publish(db, "2", "新しい注意", "", NOW + timedelta(days=1))
        house.refuse_outdated(db, "1", NOW)
        house.refuse_outdated(db, "", NOW + timedelta(days=1))
        with pytest.raises(BookingRefused) as refused:
            house.refuse_outdated(db, "1", NOW + timedelta(days=1))
    said = str(refused.value.reasons)
    assert "house-rules-outdated" in said
    assert "第2版" in said


def test_what_was_confirmed_first_stays(host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        who = people.find(db, "012345")
        assert who is not None
        houserules.confirm(db, who.id, HOST, "3", host_name="千代田区", now=NOW)
        houserules.confirm(db, who.id, HOST, "3", host_name="千代田区", now=NOW + timedelta(days=1))
        assert houserules.confirmed_at(db, who.id, HOST, "3") == NOW
        assert [one.version for one in houserules.of(db, who.id)] == ["3"]
