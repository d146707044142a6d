"""The threads that share one question's scans: numpy and tantivy work without Python's lock."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

AT_ONCE = 2
_Part = TypeVar("_Part")
_Answer = TypeVar("_Answer")


def share(work: Callable[[_Part], _Answer], parts: Iterable[_Part]) -> list[_Answer]:
    """What `work` makes of each part, in order; never called from within itself."""
    return list(_scanning().map(work, parts))


def aside(work: Callable[[], _Answer]) -> "Future[_Answer]":
    """Begin something that mostly waits for another process."""
    return _waiting().submit(work)


def ask(work: Callable[[], _Answer]) -> "Future[_Answer]":
    """Begin something that a question waits for, though not for long."""
    return _asking().submit(work)


@cache
def _scanning() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="scan")


@cache
def _waiting() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="embedding")


@cache
def _asking() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2 * AT_ONCE, thread_name_prefix="asking")
