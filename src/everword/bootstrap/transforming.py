"""Finding by meaning, put together: who chose which transformer, and that its weights come and go with that."""

from collections.abc import Callable
from functools import partial

from everword.accounts import store as accounts
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.memory.index.indexer import Indexer
from everword.memory.index.transforming import Chosen, Transforming
from everword.settings.preferences import ENGLISH, MEANING_BY, MULTILINGUAL
from everword.storage import preference_store
from everword.storage.database import Database
from everword.weights.fetcher import Fetcher
from everword.weights.transformer_process import Transformers
from everword.weights.transformers import E5, MINILM, TRANSFORMERS

_NAMES = {ENGLISH: MINILM.name, MULTILINGUAL: E5.name}
_SYSTEM = Principal.system()


def build_transforming(
    database: Database,
    indexer: Indexer,
    transformers: Transformers,
    fetcher: Fetcher,
    should_yield: Callable[[], float],
) -> Transforming:
    """The worker that embeds by whatever transformer people chose."""
    return Transforming(
        database,
        indexer,
        transformers,
        choices=partial(_choices, database),
        should_yield=should_yield,
        on_change=partial(_changed, database, fetcher),
    )


def _choices(database: Database) -> Chosen:
    with database.reading(_SYSTEM) as connection:
        chosen = preference_store.values(connection, _SYSTEM, MEANING_BY)
    return {space_id: _NAMES[by] for space_id, by in chosen.items() if by in _NAMES}


def _changed(database: Database, fetcher: Fetcher, now: Chosen, before: Chosen) -> None:
    """Fetch what an operator chose; remove what nobody has chosen any more.

    What others choose waits until its weights are here: what is fetched is the operator's to say.
    """
    for name in set(now.values()) - set(before.values()):
        if any(_is_operators(database, space_id) for space_id, chosen in now.items() if chosen == name):
            for part in TRANSFORMERS[name].parts:
                fetcher.start(part)
    for name in set(before.values()) - set(now.values()):
        for part in TRANSFORMERS[name].parts:
            fetcher.remove(part)


def _is_operators(database: Database, space_id: SpaceId) -> bool:
    with database.reading(_SYSTEM) as connection:
        person = accounts.of_space(connection, _SYSTEM, space_id)
    return person is not None and person.is_operator
