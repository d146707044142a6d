"""A thread that works in rounds: told, failing, taking its turn, and ended."""

import threading

import pytest

from everword.core.background import Background, Turn

LONG_S = 60.0


class Counting(Background):
    """Counts its rounds; the first so many of them fail."""

    def __init__(self, *, failing: int = 0, turn: Turn | None = None) -> None:
        super().__init__("counting", after_failure_s=0.0, turn=turn)
        self.rounds = threading.Semaphore(0)
        self._failing = failing

    def _round(self) -> float:
        self.rounds.release()
        if self._failing:
            self._failing -= 1
            raise OSError("no disk")
        return LONG_S


class Waiting:
    """A turn that comes when the test says so."""

    def __init__(self) -> None:
        self.comes = threading.Event()
        self.is_released = False

    def wait(self, giving_up: threading.Event) -> bool:
        while not giving_up.is_set():
            if self.comes.wait(0.01):
                return True
        return False

    def release(self) -> None:
        self.is_released = True


def test_it_works_at_once_and_when_it_is_told() -> None:
    """Each round follows what it was told of, and not the end of its sleep."""
    counting = Counting()
    counting.start()
    assert counting.rounds.acquire(timeout=LONG_S)
    counting.notify()
    assert counting.rounds.acquire(timeout=LONG_S / 2)
    counting.stop()
    assert not counting.rounds.acquire(blocking=False)


def test_a_failed_round_is_logged_and_the_next_one_follows(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it raises."""
    counting = Counting(failing=2)
    counting.start()
    for _ in range(3):
        assert counting.rounds.acquire(timeout=LONG_S)
    counting.stop()
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


def test_no_round_before_its_turn() -> None:
    """One that ends without its turn has done nothing; one that had it lets go of it."""
    turn = Waiting()
    counting = Counting(turn=turn)
    counting.start()
    counting.notify()
    assert not counting.rounds.acquire(timeout=0.05)
    turn.comes.set()
    assert counting.rounds.acquire(timeout=LONG_S)
    counting.stop()
    assert turn.is_released
    never = Counting(turn=Waiting())
    never.start()
    never.stop()
    assert not never.rounds.acquire(blocking=False)


def test_what_was_never_begun_can_be_ended() -> None:
    """A house that closes while it opens ends all of them."""
    Counting().stop()
