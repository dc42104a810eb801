"""Many threads at one thing, started together."""

import threading
from collections.abc import Callable


def at_once(count: int, act: Callable[[int], object]) -> list[BaseException]:
    """Run ``act`` in ``count`` threads started together; what they raised."""
    gate, raised = threading.Barrier(count), list[BaseException]()

    def run(number: int) -> None:
        gate.wait()
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - handed to the test.
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
