"""Slowing down guesses: after a few attempts each further one has to wait longer, and nobody is locked out."""

import ipaddress
import math
import threading
from dataclasses import dataclass

from everword.accounts.errors import TooManyAttempts
from everword.core import clock
from everword.core.wording import counted

_MOST_KEYS = 4096


@dataclass(slots=True)
class _Record:
    attempts: int = 0
    open_at: float = 0.0


class Throttle:
    """Exponential delay by key, in the memory of this process.

    The first `free` attempts pass at once; then each has to come `first_delay_s`, doubled each time up to
    `longest_delay_s`, after the last. An attempt that comes too early is refused and not counted. An attempt counts
    when it begins, so that many at once gain nothing; `clear` and `refund` forgive after a success. A key that has
    been quiet for `forgive_after_s` starts afresh.
    """

    def __init__(
        self, *, free: int, first_delay_s: float, longest_delay_s: float, forgive_after_s: float = 3600
    ) -> None:
        self._free = free
        self._first_delay_s = first_delay_s
        self._longest_delay_s = longest_delay_s
        self._forgive_after_s = forgive_after_s
        self._records: dict[str, _Record] = {}
        self._lock = threading.Lock()

    def admit(self, key: str) -> None:
        """Count an attempt. Raises TooManyAttempts with the seconds to wait when it comes too early."""
        with self._lock:
            now = clock.monotonic()
            record = self._records.get(key)
            if record is None or now - record.open_at > self._forgive_after_s:
                record = self._admit_new(key, now)
            if now < record.open_at:
                left_s = max(1, math.ceil(record.open_at - now))
                raise TooManyAttempts(retry_after_s=left_s, wait=counted(left_s, "second"))
            record.attempts += 1
            record.open_at = now + self._delay_s(record.attempts)

    def opens_in_s(self, key: str) -> float:
        """Seconds until the next attempt under `key` passes; 0 where it would now. Counts nothing."""
        with self._lock:
            record = self._records.get(key)
            return 0.0 if record is None else max(0.0, record.open_at - clock.monotonic())

    def clear(self, key: str) -> None:
        """Forget the attempts under `key`."""
        with self._lock:
            self._records.pop(key, None)

    def refund(self, key: str) -> None:
        """Take back one attempt under `key`: it was a good one."""
        with self._lock:
            record = self._records.get(key)
            if record is not None and record.attempts:
                record.attempts -= 1
                if record.attempts < self._free:
                    record.open_at = clock.monotonic()

    def _delay_s(self, attempts: int) -> float:
        if attempts < self._free:
            return 0.0
        return float(min(self._longest_delay_s, self._first_delay_s * 2 ** min(attempts - self._free, 30)))

    def _admit_new(self, key: str, now: float) -> _Record:
        if len(self._records) >= _MOST_KEYS:  # the ones that open first have been quiet longest
            for old in sorted(self._records, key=lambda each: self._records[each].open_at)[: _MOST_KEYS // 4]:
                del self._records[old]
        self._records[key] = record = _Record(open_at=now)
        return record


class SignInThrottle:
    """The two brakes on passwords: for one account from one address, and a gentler one for the whole installation.

    The second holds against guesses from many addresses; its longest delay is short, so that an owner still gets in
    while someone else is guessing.
    """

    def __init__(self) -> None:
        self._by_source = Throttle(free=5, first_delay_s=1, longest_delay_s=300)
        self._everywhere = Throttle(free=20, first_delay_s=0.25, longest_delay_s=4)

    def admit(self, address: str, account: str) -> None:
        """Count an attempt from `address` on `account`. Raises TooManyAttempts."""
        self._by_source.admit(f"{_network(address)} {account}")
        self._everywhere.admit("")

    def succeeded(self, address: str, account: str) -> None:
        """Forgive this source its attempts on this account, and the installation this one."""
        self._by_source.clear(f"{_network(address)} {account}")
        self._everywhere.refund("")


def _network(address: str) -> str:
    """The address, or the /64 an IPv6 address is in: one household or server has all of that."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
