"""The people of the product at a browser. Each verb is something a person does; what they see decides, never an id."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.demo import Account


@dataclass
class Person:
    """Somebody in front of a window, at one town's or the registry's pages."""

    page: Page
    origin: str

    def goes_to(self, path: str) -> None:
        """Open a page by its address; the page must be there."""
        answer = self.page.goto(self.origin + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def reads(self, words: str) -> None:
        """Fail unless the words stand on the page."""
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def is_at(self, heading: str) -> None:
        """Fail unless this is the page's heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def fills(self, label: str, words: str) -> None:
        """Fill in a field by its label."""
        self._field(label).fill(words)

    def chooses(self, label: str, choice: str) -> None:
        """Choose from a list by its label."""
        self._field(label).select_option(label=choice)

    def presses(self, name: str) -> None:
        """Press the first button, or follow the first link that looks like one, of this name."""
        named = re.compile(rf"^{re.escape(name)}")
        main = self.page.get_by_role("main")
        main.get_by_role("button", name=named).or_(main.get_by_role("link", name=named)).first.click()

    def ticks(self, label: str) -> None:
        """Tick a box."""
        self.page.get_by_role("checkbox", name=re.compile(label)).check()

    def signs_in(self, account: Account) -> None:
        """Sign in at one's own town, or as an operator at the registry, wherever the sign-in page is now."""
        self.fills("職員番号" if account.role != "operator" else "アカウント", account.username)
        self.fills("パスワード", account.password)
        self.presses("サインイン")
        expect(self.page.get_by_role("button", name="サインアウト")).to_be_visible()

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}\s*※?"))
