"""Who asks first has the first turn, and who gives up takes nobody's."""

import threading
import time

from federation.turns import Turns
from tests.contention import at_once


def test_turns_go_in_the_order_of_asking() -> None:
    turns, served = Turns(), list[int]()
    assert turns.acquire(1)

    def wait(number: int) -> None:
        assert turns.acquire(10)
        served.append(number)
        turns.release()

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_who_lets_go_and_asks_again_stands_behind_those_who_wait() -> None:
    turns, shares = Turns(), [0] * 4
    until = time.monotonic() + 0.5

    def greedy(number: int) -> None:
        while time.monotonic() < until:
            assert turns.acquire(5)
            time.sleep(0.001)
            shares[number] += 1
            turns.release()

    assert at_once(4, greedy) == []
    assert max(shares) <= min(shares) + 2


def test_who_gives_up_takes_nobodys_turn() -> None:
    turns = Turns()
    assert turns.acquire(1)
    assert not turns.acquire(0.01)
    turns.release()
    assert turns.acquire(0.01)
