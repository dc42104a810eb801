"""The programs of a federation on one machine: started with their settings, waited for, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds a program has to answer after its start."""


class DidNotStart(Exception):
    """A program ended, or did not answer in time; the message ends with what it last said."""


@dataclass
class Program:
    """One installation: the module of its commands, its settings, where it answers, and the file it writes its log to."""

    name: str
    module: str
    settings: Mapping[str, str]
    urls: Sequence[str]
    log: Path
    workers: int = 1
    arguments: Sequence[str] = ()
    """Further options of ``serve``."""
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with: this process's environment without anybody's own settings, and its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("NODE_", "REGISTRY_", "PEER_"))}
        return {**kept, **self.settings, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

    def command(self, *arguments: str) -> str:
        """Run one command of this installation and return what it printed; raise ``DidNotStart`` when it is refused."""
        done = subprocess.run(
            [sys.executable, "-m", self.module, "--lang", "en", *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DidNotStart(f"{self.module} {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start ``serve``; a process group of its own keeps Ctrl-C for whoever started it, who then stops all in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--workers", str(self.workers), *self.arguments],
                env=self.environment, cwd=ROOT, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

    def wait(self, patience: float = PATIENCE) -> None:
        """Return once every address answers; raise ``DidNotStart`` otherwise."""
        deadline = time.monotonic() + patience
        for url in self.urls:
            while not answers(f"{url}/healthz"):
                if not self.is_running() or time.monotonic() > deadline:
                    raise DidNotStart(f"{self.name} does not answer on {url}:\n{self.last_words()}")
                time.sleep(0.1)

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self) -> None:
        """Ask it to finish, wait, and force it after half a minute."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answers(url: str) -> bool:
    """Say whether somebody answers 200 there."""
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def stop_all(programs: Sequence[Program]) -> None:
    """Ask all to finish at once, the last started first, and wait for each."""
    for program in reversed(programs):
        if program.is_running() and program.process is not None:
            program.process.send_signal(signal.SIGTERM)
    for program in reversed(programs):
        program.stop()
