"""Distilling, put together: the rules of memory, and a model that reads further where its person allows that."""

from collections.abc import Callable, Collection
from functools import partial

from everword.accounts import store as accounts
from everword.accounts.people import principal_for
from everword.agents.distilling import FactReader, Terms
from everword.core.ids import SpaceId
from everword.core.types import Principal
from everword.memory.facts.worker import Distiller
from everword.models.gateway import Gateway
from everword.settings import preferences
from everword.storage.database import Database

_MOST_PEOPLE = 100_000


def build_distiller(database: Database, gateway: Gateway, should_yield: Callable[[], float]) -> Distiller:
    """The distiller of one process, with both stages."""
    reader = FactReader(
        database,
        gateway,
        people=partial(_people, database),
        terms=partial(_terms, database),
        time_zone=partial(_time_zone, database),
        should_yield=should_yield,
    )
    return Distiller(database, time_zone=partial(_time_zone, database), should_yield=should_yield, reader=reader)


def _people(database: Database, spaces: Collection[SpaceId]) -> list[Principal]:
    """Whose those spaces are."""
    system = Principal.system()
    with database.reading(system) as connection:
        everybody = accounts.first_people(connection, system, _MOST_PEOPLE)
    return [principal_for(database, person.id) for person in everybody if person.own_space in spaces]


def _terms(database: Database, who: Principal) -> Terms:
    found = preferences.read_all(database, who)
    return Terms(str(found["facts_by"]), int(str(found["facts_tokens"]).replace(",", "")))


def _time_zone(database: Database, who: Principal) -> str:
    return str(preferences.read(database, who, "time_zone"))
