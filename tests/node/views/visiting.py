"""A visitor's phone at the host, and the way through signing in with their home."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.node.pair import HOST, Pair
from tests.node.provider import Provider
from tests.node.views.conftest import plain


@dataclass
class Phone:
    """A browser that keeps the host's cookies and sends forms with their hidden fields."""

    towns: Pair
    provider: Provider
    client: FlaskClient
    token: str = ""

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=HOST)

    def reads(self, path: str) -> str:
        return plain(self.opens(path))

    def sends(
        self, path: str, form: Mapping[str, str] | None = None, *, shown_on: str = "/visit/signin"
    ) -> TestResponse:
        found = re.search(r'name="form_token" value="([^"]+)"', self.opens(shown_on).text)
        self.token = found[1] if found else self.token
        return self.client.post(path, data={**(form or {}), "form_token": self.token}, base_url=HOST)

    def begins(self, *, desk: str | None = None, town: str = "112089") -> TestResponse:
        """Press the button that leads to the home."""
        desk = self.towns.desk if desk is None else desk
        shown = f"/visit/signin?desk={desk}&town=112089"
        return self.sends("/visit/signin", {"town": town, "desk": desk}, shown_on=shown)

    def led_to(self, **more: str) -> str:
        """Press the button and return the address it leads to."""
        answer = self.begins(**more)
        assert answer.status_code == 200, answer.text
        _seconds, _, address = answer.headers["Refresh"].partition("; url=")
        assert html.escape(address) in answer.text
        return address

    def comes_back(self, **changes: Any) -> TestResponse:
        """Sign in at home and come back; ``changes`` are to the answer's parameters."""
        return self.opens(self.provider.answer_to(self.led_to(), **changes))

    def signs_in(self) -> None:
        answer = self.comes_back()
        assert (answer.status_code, answer.location) == (303, "/visit"), answer.text
