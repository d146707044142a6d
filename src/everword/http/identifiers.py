"""Ids in addresses and bodies: anything else is refused before it is looked up."""

from typing import Annotated

from pydantic import AfterValidator

from everword.core.ids import is_id


def _checked(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id")
    return text


Identifier = Annotated[str, AfterValidator(_checked)]
