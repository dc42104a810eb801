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
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}\s*(※.*)?$"))


class Visitor(Person):
    """利用職員: somebody who works in another town for some hours."""

    def searches(self, near: str, day: str, begins: str, ends: str) -> None:
        """Ask for free desks near a station, on a day, from and to a time of day."""
        self.fills("利用場所", near)
        self.fills("利用日時", day)
        self.chooses("時間帯", "時間を指定")
        self.fills("開始", begins)
        self.fills("終了", ends)
        self.presses("探す")
        self.is_at("空いている座席")

    def finds(self, desk: str) -> None:
        """Search again until a desk that was published just now has come through the registry."""
        for _ in range(60):
            if self.page.get_by_role("listitem").filter(has_text=desk).count():
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"nobody finds {desk}: {self.page.get_by_role('main').inner_text()[:500]}")

    def takes(self, desk: str) -> None:
        """Go on with the card of one desk."""
        card = self.page.get_by_role("listitem").filter(has_text=desk)
        card.get_by_role("link", name="予約へ進む").first.click()
        self.is_at("予約の確認")

    def books(self) -> str:
        """Consent, book, and return the short code of the pass."""
        self.consents()
        self.presses("予約する")
        return self.code()

    def consents(self) -> None:
        """Confirm the 利用上の注意, unless the page says that this version was confirmed before."""
        self.is_at("予約の確認")
        box = self.page.get_by_role("checkbox", name="確認しました")
        if box.count():
            box.check()
        else:
            self.reads("に確認済みです")

    def code(self) -> str:
        """Return the short code of the pass that is open."""
        return self.page.locator(".dads-ticket__code").inner_text()

    def shows_pass(self, code: str, site: str) -> None:
        """Hold up the pass: code, place, and the drawn code have to be there, and the picture has to be a picture."""
        ticket = self.page.get_by_role("article")
        expect(ticket).to_contain_text(code)
        expect(ticket.get_by_role("heading", level=1)).to_contain_text(site)
        drawn = ticket.get_by_role("img", name="受付用の二次元コード")
        source = drawn.get_attribute("src")
        answer = self.page.context.request.get(f"{self.origin}{source}")
        assert answer.ok
        assert answer.headers["content-type"].startswith("image/svg+xml")

    def sees_desk(self) -> str:
        """Return the name of the desk, as the pass says it."""
        term = self.page.get_by_role("term").filter(has_text="座席").first
        return term.locator("xpath=following-sibling::dd[1]").inner_text()

    def cancels(self) -> None:
        """Take the booking back."""
        self.page.get_by_text("この予約を取り消す").click()
        self.presses("予約を取り消す")
        self.reads("予約の取消しを受け付けました。")

    def checks_in(self, desk_code: str) -> None:
        """Type the code that is printed on the desk."""
        self.fills("座席に表示されているコード", desk_code)
        self.presses("入室する")
        self.reads("入室を記録しました。")

    def leaves(self) -> None:
        """Check out."""
        self.presses("退室する")
        self.reads("退室を記録しました。お疲れさまでした。")

    def says_how_it_was(self) -> None:
        """Answer the three questions after a visit, and write a word to the host."""
        for question in ("静かに仕事ができましたか", "通信", "また利用したいですか"):
            self.page.get_by_role("radiogroup", name=re.compile(question)).get_by_label("はい", exact=True).check()
        self.fills("施設担当者への一言", "また来ます")
        self.presses("感想を送る")
        self.reads("ご感想を送りました。")


class SiteAdmin(Person):
    """施設担当者: somebody who offers rooms and desks."""

    def opens_a_room(self, site: str, room: str) -> None:
        """Add a room to a site, open around the clock on every day of the year, and publish it."""
        self._opens(site)
        self.presses("施設の情報を変更")
        self.ticks("祝日と年末年始")
        self.presses("保存")
        self.presses("部屋を追加")
        self.fills("部屋の名称", room)
        self.page.get_by_role("radio", name="個室", exact=True).check()
        self.presses("部屋を追加")
        self.is_at(room)
        self.presses("利用時間を変更")
        self.page.get_by_role("radio", name="曜日ごとに決める").check()
        for day in "月火水木金土日":
            self.fills(f"{day}曜日の時間帯1の開始", "00:00")
            self.fills(f"{day}曜日の時間帯1の終了", "00:00")
        self.presses("保存")
        self.presses(f"{room}を掲載する")
        self.reads("掲載中")

    def publishes_a_desk(self, site: str, room: str) -> str:
        """Add a desk that is published at once, and return the code on its printed sticker."""
        self._opens(site)
        self._follows(room)
        self.presses("座席を追加")
        self.fills("番号の前につける文字", "Q-")
        self.fills("最初の番号", "1")
        self.fills("座席の数", "1")
        self.ticks("追加と同時に掲載する")
        self.presses("座席を追加")
        self.is_at(room)
        self.presses("座席ラベルを印刷")
        self.is_at("座席ラベル")
        return self.page.get_by_text(re.compile("^[0-9A-Z]{3}-[0-9A-Z]{3}$")).inner_text()

    def _opens(self, site: str) -> None:
        self.goes_to("/admin/sites")
        self._follows(site)
        self.is_at(site)

    def _follows(self, link: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=link, exact=True).click()


class Receptionist(Person):
    """受付: somebody at the door, who has the day's list and the code that is shown."""

    def lets_in(self, name: str, code: str) -> None:
        """Check a short code, find the person on the list, and record the arrival."""
        self.checks(code)
        self.reads("本日の名簿にあり")
        self.presses(f"{name}さんの入室を記録")
        self.reads("入室を記録しました。")

    def sees_out(self, name: str, code: str) -> None:
        """Record that somebody has left."""
        self.checks(code)
        self.presses(f"{name}さんの退室を記録")
        self.reads("退室を記録しました。")

    def checks(self, code: str) -> None:
        """Type a code, as it is said or read out."""
        self.goes_to("/reception")
        self.fills("受付番号または利用証の二次元コード", code)
        self.presses("確認")


class Superior(Person):
    """所属長: somebody who answers for others' time."""

    def finds_in_attendance(self, *words: str) -> None:
        """Fail unless one row of this month's 勤務実績 has all the words; rows come when the host's feed was read."""
        row = self.page.get_by_role("row")
        for each in words:
            row = row.filter(has_text=each)
        for _ in range(90):
            self.goes_to("/manager/attendance")
            if row.count():
                return
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"no row with {words}: {self.page.get_by_role('main').inner_text()}")


class Typist(Person):
    """Somebody without a mouse: everything is reached by Tab, and told by what has the focus."""

    def reaches(self, name: str) -> None:
        """Press Tab until the focus is on what is called so; the page must show where the focus is."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(_NAMED).startswith(name):
                style = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", f"nobody sees that the focus is on {name}"
                return
        raise AssertionError(f"{name} is not reached by Tab on {self.page.url}")

    def enters(self, name: str) -> None:
        """Go to a link or button and press Enter."""
        self.reaches(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def types(self, label: str, words: str) -> None:
        """Write into a field over what stands there."""
        self.reaches(label)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(words)

    def types_date(self, label: str, day: str) -> None:
        """Type a date where another stands, part by part; Chromium orders them as the system's language does, not the page's."""
        self.reaches(label)
        if self.page.input_value("*:focus") != day:
            year, month, date = day.split("-")
            self.page.keyboard.type(month + date + year)
        assert self.page.input_value("*:focus") == day

    def types_choice(self, label: str, words: str) -> None:
        """Move through a list until the choice begins with the words."""
        self.reaches(label)
        self.page.keyboard.press("End")
        assert self.page.evaluate("document.activeElement.selectedOptions[0].text").startswith(words)

    def ticks_by_space(self, label: str) -> None:
        """Tick a box."""
        self.reaches(label)
        self.page.keyboard.press("Space")


_NAMED = """() => { const here = document.activeElement;
    return (here.labels?.[0]?.innerText ?? here.innerText ?? '').replace(/\\s+/g, ''); }"""
