"""What has to happen in the demo before some pages are there: somebody comes, and something goes wrong of that visit."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from tests.browser.actors import Person, Receptionist

PATIENCE = 60.0
"""Seconds for one town's word to arrive at the other."""
_HOME = "埼玉県"


class Happened:
    """One visit of 埼玉県's at 東京都 and an incident of it, both found or made when a page first needs them."""

    def __init__(self, window: Callable[[str], Page], origin: Callable[[str], str]) -> None:
        """Take where a role's window is, and at which town."""
        self._window, self._origin = window, origin

    @cached_property
    def code(self) -> str:
        """The 受付番号 of the visit, as the host's reception has it on today's list."""
        reception = Receptionist(self._window("reception"), self._origin("reception"))
        reception.goes_to("/reception")
        row = reception.page.locator(".dads-roll__row").filter(has_text=_HOME)
        return row.locator(".dads-roll__code").filter(has_text="-").first.inner_text()

    @cached_property
    def incident(self) -> str:
        """The id of the incident, which the host's reception has recorded and written on."""
        code, person = self.code, Person(self._window("reception"), self._origin("reception"))
        now = datetime.now(ZoneInfo("Asia/Tokyo"))
        person.goes_to("/reception/incidents")
        person.chooses("個人情報", "漏えいのおそれあり")
        for label, words in (
            ("何が起きたか", "画面をのぞき込まれた。"),
            ("場所", "8階 執務室"),
            ("発生した日", f"{now:%Y-%m-%d}"),
            ("発生した時刻", f"{now:%H:%M}"),
            ("受付番号", code),
        ):
            person.fills(label, words)
        person.presses("記録する")
        person.fills("書き込む", "本人から申告を受けた。")
        person.presses("書き込む")
        person.reads("本人から申告を受けた。")
        return urlsplit(person.page.url).path.rpartition("/")[2]

    def incident_at(self, role: str, path: str) -> list[str]:
        """Return the incident's page for a role, with both towns' logs below and without, once the town knows of it."""
        page, where = self._window(role), f"{path}/{self.incident}"
        until = time.monotonic() + PATIENCE
        while not page.context.request.get(self._origin(role) + where).ok:
            assert time.monotonic() < until, f"{where}: {role} hears of no incident"
            time.sleep(0.5)
        return [f"{where}?compare=1", where]

    def paper_at(self, role: str, path: str) -> list[str]:
        """Return the paper on the visit for a role."""
        answer = self._window(role).context.request.get(
            f"{self._origin(role)}{path}", params={"code": self.code}, max_redirects=0
        )
        return [urlsplit(answer.headers["location"]).path]
