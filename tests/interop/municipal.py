"""A town on real processes with an identity provider we did not write, and a browser that goes between the two."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import requests

from deploy.demo import installing
from deploy.demo.programs import Program, answers
from tests.interop.peers.environments import missing
from tests.story.stage import free_ports

PATIENCE = 30.0
_FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@contextmanager
def peer(command: list[str], ready: str, *, folder: Path, log: Path) -> Iterator[None]:
    """Run a peer until it answers at ``ready``, and end it afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, process_group=0)
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                missing(f"{command[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def town(folder: Path, own: str, settings: Mapping[str, str]) -> Iterator[Program]:
    """Run a town that signs its people in as ``settings`` say; it has joined nothing, and needs nobody."""
    (port,) = free_ports(1)
    told = {
        "NODE_ENTITY_ID": own,
        "NODE_CODE": "112089",
        "NODE_NAME": "所沢市",
        "NODE_REGISTRY": f"http://localhost:{port}",
        "NODE_DATA": str(folder / "town"),
        "NODE_OIDC_PRIVATE": "yes",
        **settings,
    }
    opened = installing.open_node(told)
    opened.storage.close()
    opened.proofs.close()
    program = Program("town", "node.commands", told, [own], folder / "town.log")
    program.start()
    try:
        program.wait()
        yield program
    finally:
        program.stop()


@dataclass
class Browser:
    """Cookies, redirects and forms, as a person's browser has them."""

    own: str
    session: requests.Session = field(default_factory=requests.Session)
    passed: list[str] = field(default_factory=list)

    def get(self, url: str) -> requests.Response:
        """Open a page, following every redirect."""
        return self._follow(self.session.get(urljoin(self.own, url), allow_redirects=False, timeout=30))

    def send(self, page: requests.Response, action: str, **filled: str) -> requests.Response:
        """Send the form of a page that goes to ``action``, with its hidden fields."""
        shown = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        assert shown, page.text
        hidden = {name: unescape(value) for name, value in _FIELD.findall(shown[1])}
        url = urljoin(page.url, unescape(action))
        return self._follow(self.session.post(url, data={**hidden, **filled}, allow_redirects=False, timeout=30))

    def goes_to_the_provider(self) -> requests.Response:
        """Press the town's button for its own sign-in; return what the provider shows."""
        return self.send(self.get("/signin?next=/me"), "/upstream/signin")

    def forgets(self, name: str) -> None:
        """Drop the cookies whose names begin so."""
        for cookie in [each for each in self.session.cookies if each.name.startswith(name)]:
            self.session.cookies.clear(cookie.domain, cookie.path, cookie.name)

    def sign_out(self) -> requests.Response:
        """Press サインアウト."""
        return self.send(self.get("/me"), "/signout")

    def _follow(self, answer: requests.Response) -> requests.Response:
        for _ in range(20):
            self.passed.append(answer.url.partition("?")[0])
            if answer.status_code not in {302, 303}:
                return answer
            url = urljoin(answer.url, answer.headers["Location"])
            answer = self.session.get(url, allow_redirects=False, timeout=30)
        raise AssertionError(f"a circle: {self.passed}")
