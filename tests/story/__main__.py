"""``make story``: a day in another town, then the terms of three and an evacuation over four, headless, on real processes; one line a step.

It exits 0 only if all of them held.

``STORY_DATABASE=postgresql`` plays it on the PostgreSQL server of the tests, otherwise on the embedded database.
"""

import sys
import time
import traceback
from collections.abc import Callable

from tests.story import evacuation, terms
from tests.story.acts import ACTS, Day
from tests.story.stage import Stage, bare, built, kind_of_database


def main() -> int:
    """Play every act; the first that does not hold ends the story with the logs of all programs."""
    kind = kind_of_database()
    print(f"{kind}:", flush=True)
    with built(kind, front=bare(towns=4)) as stage:
        day = Day(stage)
        for act in (*ACTS, *terms.ACTS, *evacuation.ACTS):
            began = time.monotonic()
            try:
                act(day)
            except Exception:  # noqa: BLE001 - Whatever went wrong, the logs are shown and everything is ended.
                print(f"  ✗ {_sentence(act)}", flush=True)
                traceback.print_exc()
                _show_logs(stage)
                return 1
            print(f"  ✓ {time.monotonic() - began:5.1f} s  {_sentence(act)}", flush=True)
        for what, seconds in day.measured.items():
            print(f"    {what}: {seconds:.2f} s", flush=True)
    return 0


def _sentence(act: Callable[[Day], None]) -> str:
    """Say what holds in Japanese, as the act's first line does, and in English, as its name does."""
    words = (act.__doc__ or "").partition(":")[0].removesuffix(".")
    return f"{words}。 ({act.__name__.replace('_', ' ')})"


def _show_logs(stage: Stage) -> None:
    for program in stage.programs:
        print(f"--- {program.name}\n{program.last_words()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
