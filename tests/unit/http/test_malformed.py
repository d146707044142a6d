"""Errors of a request's form, in our words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, SecretStr, ValidationError

from everword.http.malformed import sentence


class Asked(BaseModel):
    """What a route might take."""

    text: Annotated[str, Field(max_length=5)] = ""
    name: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    many: Annotated[list[int], Field(max_length=1)] = []
    password: Annotated[SecretStr, Field(max_length=5)] = SecretStr("")
    limit: Annotated[int, Field(ge=1, le=9)] = 1
    which: Literal["a", "b"] = "a"
    at: AwareDatetime | None = None


@pytest.mark.parametrize(("given", "says"), [
    ({"text": "too long"}, "That is longer than 5 characters. Shorten it, or attach it to a message."),
    ({"name": "too long"}, "name is longer than 5 characters. Shorten it."),
    ({"name": ""}, "name is too short: it needs at least 1 characters."),
    ({"many": [1, 2]}, "many has more than 1 items. Send fewer."),
    ({"password": "too long"}, "password is longer than 5 characters. Shorten it."),
    ({"many": ["x"]}, "many.0 must be a whole number."),
    ({"limit": 10}, "limit must be 9 or less."),
    ({"which": "c"}, "which must be one of 'a' or 'b'."),
    ({"at": "soon"}, "at is no day and no moment. Write it like 2026-05-01 or 2026-05-01T14:00:00Z."),
])  # fmt: skip
def test_what_is_wrong_is_a_sentence(given: dict[str, object], says: str) -> None:
    """Each says what is wrong, where, and what to do, and repeats nothing of what was sent."""
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate(given)
    assert sentence(caught.value.errors()[0]) == says
