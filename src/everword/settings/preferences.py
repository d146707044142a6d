"""What an owner sets on a screen: one table of names, kinds and defaults."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Connection

from everword.core.errors import Invalid
from everword.core.types import Principal
from everword.models.prices import read_prices
from everword.storage import events
from everword.storage import preference_store as store
from everword.storage.database import Database

_MOST_CHARACTERS = 8_000
_MOST_AMOUNT = 1e12

MEANING_BY = "meaning_by"
OFF = "off"
_HOURS = tuple(f"{hour:02}:00" for hour in range(24))
STATIC, ENGLISH, MULTILINGUAL = "static vectors", "English transformer", "multilingual transformer"


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing that can be set: its kind says what may be in it and how a screen shows it."""

    name: str
    kind: str  # text, choice, switch, time_zone
    default: Any
    does: str
    choices: tuple[str, ...] = ()


PREFERENCES = (
    Preference("own_instructions", "text", "", "What the assistant keeps in mind in every conversation."),
    Preference("time_zone", "time_zone", "UTC", "The time zone that times are shown and understood in."),
    Preference(
        "facts_by",
        "choice",
        "this machine",
        "Who reads facts beside the rules: nobody, a model on this machine, or whichever model you chose.",
        ("rules only", "this machine", "any model"),
    ),
    Preference(
        "facts_tokens",
        "choice",
        "50,000",
        "How many tokens a day a model may use to read facts.",
        ("10,000", "50,000", "200,000", "1,000,000"),
    ),
    Preference(
        "folders",
        "folders",
        "",
        "Folders whose files background work may read, one path a line. It asks before it changes anything there.",
    ),
    Preference("day_tokens", "amount", 2_000_000, "The most tokens a day that background work may use. Null: no end."),
    Preference("day_dollars", "amount", 5.0, "The most US dollars a day that background work may cost. Null: no end."),
    Preference(
        "day_calls", "amount", 500, "The most calls of tools a day that background work may make. Null: no end."
    ),
    Preference(
        "prices",
        "prices",
        "",
        "What models cost that are not priced by themselves: provider/model, then dollars a million tokens read, "
        "and written; one a line.",
    ),
    Preference(
        MEANING_BY,
        "choice",
        STATIC,
        "What finds by meaning beside words: static vectors at once, or a transformer as well, in the background.",
        (STATIC, ENGLISH, MULTILINGUAL),
    ),
    Preference("brief_at", "choice", "07:00", "When the brief of the day is made.", (OFF, *_HOURS)),
    Preference(
        "brief_worded_by",
        "choice",
        "rules only",
        "Who sums the brief up beside its cards: nobody, a model on this machine, or whichever model you chose.",
        ("rules only", "this machine", "any model"),
    ),
    Preference("quiet_from", "choice", "22:00", "From when on you are not told of runs that wait.", (OFF, *_HOURS)),
    Preference("quiet_until", "choice", "07:00", "When the quiet hours end.", _HOURS),
    Preference("theme", "choice", "system", "Light, dark, or as the system is set.", ("system", "light", "dark")),
    Preference("single_keys", "switch", True, "Whether single keys (j, k, /) do something outside of fields."),
)
_BY_NAME = {preference.name: preference for preference in PREFERENCES}


def read_all(database: Database, who: Principal) -> dict[str, Any]:
    """All preferences of the person who asks; defaults where nothing was set."""
    with database.reading(who) as connection:
        found = store.read(connection, who, who.own_space)
    return {preference.name: found.get(preference.name, preference.default) for preference in PREFERENCES}


def read(database: Database, who: Principal, name: str) -> Any:
    """One preference of the person who asks."""
    return read_all(database, who)[name]


def write(
    database: Database,
    who: Principal,
    values: dict[str, Any],
    beside: Callable[[Connection], None] = lambda _connection: None,
) -> dict[str, Any]:
    """Set preferences of the person who asks; all or none, with what is done `beside`. Raises Invalid. Returns all."""
    for name, value in values.items():
        _check(name, value)
    with database.writing(who) as connection:
        beside(connection)
        for name, value in values.items():
            store.write(connection, who, who.own_space, name, value)
            events.append(connection, who, who.own_space, "setting.changed", {"name": name})
    return read_all(database, who)


def _check(name: str, value: Any) -> None:
    preference = _BY_NAME.get(name)
    if preference is None:
        raise Invalid(why=f"There is no setting {name!r}.")
    match preference.kind:
        case "folders" if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
            raise Invalid(why=f"{name} must be text of at most {_MOST_CHARACTERS:,} characters.")
        case "folders" if missing := [line for line in _lines(value) if not Path(line).is_dir()]:
            raise Invalid(why=f"There is no folder {missing[0]}. Give whole paths, one a line.")
        case "switch" if not isinstance(value, bool):
            raise Invalid(why=f"{name} must be true or false.")
        case "choice" if value not in preference.choices:
            raise Invalid(why=f"{name} must be one of {', '.join(preference.choices)}.")
        case "amount" if not _is_amount(value):
            raise Invalid(
                why=f"That must be a number above 0 and at most {_MOST_AMOUNT:,.0f}, or empty (null) for no end."
            )
        case "prices":
            read_prices(value if isinstance(value, str) and len(value) <= _MOST_CHARACTERS else "?")
        case "time_zone" if not _is_time_zone(value):
            raise Invalid(why=f"{name} must be a time zone such as Europe/Lisbon.")
        case "text" if not isinstance(value, str) or len(value) > _MOST_CHARACTERS or "\x00" in value:
            raise Invalid(why=f"{name} must be a text of at most {_MOST_CHARACTERS:,} characters.")


def _is_time_zone(value: Any) -> bool:
    return isinstance(value, str) and value in available_timezones() and bool(ZoneInfo(value))


def _is_amount(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and 0 < value <= _MOST_AMOUNT)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
