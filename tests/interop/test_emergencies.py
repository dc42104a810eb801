"""災害時臨時開放 between real processes: from one press at the host to the banner above the home's pages, and off again."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.interop.conftest import SQLITE
from tests.story.acts import ADMIN, JAPAN, Day, soon

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]
WITHIN = 10.0
"""Seconds until every node knows; none of the polls on the way is that quick, so pings have carried it."""


def test_a_banner_stands_at_another_town_within_seconds_and_goes_again(day: Day) -> None:
    admin = day.at(day.stage.host, ADMIN)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).astimezone(JAPAN).date().isoformat()
    path = f"/admin/sites/{day.site}/emergency"
    asked = {"kind": "opening", "until_day": tomorrow, "reason": "地震のため"}
    (seen,) = admin.get(path, **asked).values("seen")
    assert "災害時のお知らせ" not in day.visitor.get("/").text
    begun = time.monotonic()
    assert admin.post(path, **asked, seen=seen).status == 200
    soon(lambda: "災害時臨時開放しています" in day.visitor.get("/").text, "the home shows it", seconds=WITHIN)
    print(f"declared and shown at another node after {time.monotonic() - begun:.2f} s")
    page = admin.get("/admin/emergencies").text
    number = page.split("/admin/emergencies/")[1].split("/")[0]
    begun = time.monotonic()
    admin.post(f"/admin/emergencies/{number}/end")
    soon(
        lambda: "災害時臨時開放しています" not in day.visitor.get("/").text, "the home shows it no more", seconds=WITHIN
    )
    print(f"ended and gone at another node after {time.monotonic() - begun:.2f} s")


def test_a_banner_ends_by_itself_with_the_registry_silent(day: Day) -> None:
    """The end is the message's own: nobody has to say anything for it to go."""
    admin = day.at(day.stage.host, ADMIN)
    until = (datetime.now(UTC) + timedelta(seconds=75)).astimezone(JAPAN)
    path = f"/admin/sites/{day.site}/emergency"
    asked = {"kind": "closing", "until_day": until.date().isoformat(), "until_time": f"{until:%H:%M}", "reason": "余震"}
    (seen,) = admin.get(path, **asked).values("seen")
    assert admin.post(path, **asked, seen=seen).status == 200
    soon(lambda: "臨時閉鎖しています" in day.visitor.get("/").text, "the home shows it", seconds=WITHIN)
    day.stage.registry.stop()
    soon(lambda: "臨時閉鎖しています" not in day.visitor.get("/").text, "it is over", seconds=90)
