"""Full shards of the word indexes written anew in one piece, one at a time, while nobody waits."""

from collections.abc import Callable

from everword.core.background import Background
from everword.memory.index.indexer import Indexer

_LOOK_S = 30.0
_AFTER_FAILURE_S = 24 * 3600.0
_MOMENT_S = 1.0


class Compacting(Background):
    """A thread for what an import leaves: shards that grew commit by commit, in segments that each have to be asked.

    While `should_yield()` gives more than zero, because a person waits, or the index has a backlog, it waits.
    """

    def __init__(self, indexer: Indexer, should_yield: Callable[[], float]) -> None:
        super().__init__("compacting", after_failure_s=_AFTER_FAILURE_S)
        self._indexer = indexer
        self._should_yield = should_yield
        self._is_first = True

    def _round(self) -> float:
        """Nothing right after the start; a shard that cannot be written stays as it is, and is searched."""
        if self._is_first:
            self._is_first = False
            return _LOOK_S
        while self._may_go_on() and self._indexer.compact(self._may_go_on):
            pass
        return _LOOK_S

    def _may_go_on(self) -> bool:
        """Wait while a person does, unless an index is to be rewritten meanwhile; whether to go on then."""
        while (
            not (self._stopping.is_set() or self._indexer.is_rewrite_wanted) and (pause_s := self._should_yield()) > 0
        ):
            self._stopping.wait(min(pause_s, _MOMENT_S))
        return not self._stopping.is_set() and not self._indexer.has_backlog
