"""How a person names one of many in the terminal: by its id, or the end of it as lists print it."""

from typing import Any

from everword.cli.client import Client, Refused

SHOWN = 12


def ending(row: dict[str, Any]) -> str:
    """What lists print of an id."""
    return str(row["id"])[-SHOWN:]


def whole(client: Client, path: str, what: str, end: str, **query: Any) -> str:
    """The id of the one of `path` that ends so. Raises Refused where none does, or several do."""
    rows = client.call("GET", path, **query)[f"{what}s"]
    found = [row["id"] for row in rows if row["id"].endswith(end)]
    if len(found) != 1:
        raise Refused(message=f"{f'Several {what}s end' if found else f'No {what} ends'} with {end!r}.")
    return str(found[0])
