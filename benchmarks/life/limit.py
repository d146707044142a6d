"""What this machine can do at most: reading memory on two cores, which a scan of codes cannot beat."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from everword.core import clock

_BYTES = 512 << 20


def scan_ms(count: int) -> float:
    """How long reading so many bytes of memory takes on two threads, at the best of several tries."""
    memory = np.ones(_BYTES // 8, dtype=np.uint64)
    halves = np.array_split(memory, 2)
    best = float("inf")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(7):
            started = clock.monotonic()
            list(threads.map(np.bitwise_or.reduce, halves))
            best = min(best, clock.monotonic() - started)
    return best * 1000 * count / _BYTES


def resident_mb() -> float:
    """The largest resident set of this process so far, pages of mapped files among it."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
