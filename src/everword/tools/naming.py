"""How a model names one of our rows: by the end of its id, as lists print it."""

from collections.abc import Sequence
from typing import Any, TypeVar

from everword.tools.errors import NothingHappened

Id = TypeVar("Id", bound=str)
SHOWN = 12  # hexadecimal digits, all of them chance
ID: dict[str, Any] = {"type": "string", "minLength": SHOWN, "maxLength": 36}


def ending(id: str) -> str:
    """What lists print of an id."""
    return id[-SHOWN:]


def named(ids: Sequence[Id], end: str, what: str) -> Id:
    """The one of `ids` that ends so. Raises NothingHappened."""
    found = [each for each in ids if each.endswith(end.strip().lower())]
    if len(found) != 1:
        raise NothingHappened(why=f"there is no {what} {end!r}. List them, and take the id as it stands there.")
    return found[0]


def parameters(required: Sequence[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema of an object with these, all of them required unless it is said which are."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }
