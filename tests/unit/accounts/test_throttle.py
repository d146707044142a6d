"""Guesses are slowed down, and nobody is locked out."""

from __future__ import annotations

import pytest

from everword.accounts.errors import TooManyAttempts
from everword.accounts.throttle import SignInThrottle, Throttle
from everword.core import clock


class Hands:
    """A clock that the test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1000.0
        monkeypatch.setattr(clock, "monotonic", lambda: self.at)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """A clock that the test turns."""
    return Hands(monkeypatch)


def test_delays_double_up_to_a_limit(hands: Hands) -> None:
    """After the free attempts each one waits twice as long as the last, and never longer than the limit."""
    throttle = Throttle(free=3, first_delay_s=1, longest_delay_s=8)
    waits = []
    for _ in range(9):
        try:
            throttle.admit("a")
        except TooManyAttempts as error:
            waits.append(error.values["retry_after_s"])
            hands.at += float(str(error.values["retry_after_s"]))
            throttle.admit("a")
    assert waits == [1, 2, 4, 8, 8, 8]


def test_an_attempt_that_comes_too_early_does_not_make_it_longer(hands: Hands) -> None:
    """Hammering while one has to wait neither counts nor prolongs the wait."""
    throttle = Throttle(free=1, first_delay_s=10, longest_delay_s=100)
    throttle.admit("a")
    for _ in range(50):
        with pytest.raises(TooManyAttempts):
            throttle.admit("a")
    hands.at += 10
    throttle.admit("a")


def test_one_source_does_not_slow_another(hands: Hands) -> None:
    """Keys are counted apart; a success clears its own."""
    throttle = Throttle(free=1, first_delay_s=10, longest_delay_s=100)
    throttle.admit("a")
    throttle.admit("b")
    throttle.clear("a")
    throttle.admit("a")
    with pytest.raises(TooManyAttempts):
        throttle.admit("b")


def test_memory_stays_bounded_under_many_addresses(hands: Hands) -> None:
    """A flood of different addresses is forgotten oldest first; those that must wait are kept."""
    throttle = Throttle(free=1, first_delay_s=1000, longest_delay_s=1000)
    for number in range(10_000):
        hands.at += 0.01
        throttle.admit(str(number))
    assert len(throttle._records) <= 4096
    with pytest.raises(TooManyAttempts):
        throttle.admit("9999")


def test_a_good_sign_in_between_buys_no_guesses_at_another_account(hands: Hands) -> None:
    """Whoever has an account cannot use its successes to go on guessing another's password."""
    throttle = SignInThrottle()
    for _ in range(5):
        throttle.admit("10.0.0.9", "victim")
        throttle.admit("10.0.0.9", "own")
        throttle.succeeded("10.0.0.9", "own")
    with pytest.raises(TooManyAttempts):
        throttle.admit("10.0.0.9", "victim")


def test_one_ipv6_household_is_one_source(hands: Hands) -> None:
    """Changing the last half of an IPv6 address gains no attempts."""
    throttle = SignInThrottle()
    for number in range(5):
        throttle.admit(f"2001:db8::{number:x}", "nora")
    with pytest.raises(TooManyAttempts):
        throttle.admit("2001:db8::ffff", "nora")


def test_guessing_from_everywhere_leaves_the_owner_a_short_wait(hands: Hands) -> None:
    """A thousand addresses that guess slow the whole door, but by seconds."""
    throttle = SignInThrottle()
    for number in range(1000):
        throttle.admit(f"10.{number // 250}.{number % 250}.1", "nora")
        hands.at += 4
    hands.at -= 4
    with pytest.raises(TooManyAttempts) as refused:
        throttle.admit("192.168.1.2", "nora")
    assert refused.value.values["retry_after_s"] == 4
