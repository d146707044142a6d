"""Finding by meaning: which vectors a person's memory is embedded by, and how far that is."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from everword.core.types import Principal
from everword.http.door import principal
from everword.http.services import Services, services_of
from everword.weights.transformers import TRANSFORMERS

router = APIRouter(prefix="/api", tags=["memory"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class MeaningShape(BaseModel):
    """How far a transformer's embedding is. It is chosen by the setting `meaning_by`.

    `weights` names the entries of the catalogue that it needs; `waiting` is for those. `passages` counts all of the
    memory, `done` those that are embedded; `per_s` is how many a second were, when it last worked.
    """

    state: Literal["static", "waiting", "working", "done", "failed"]
    transformer: str | None
    weights: list[str]
    passages: int
    done: int
    per_s: float
    problem: str | None


@router.get("/memory/meaning")
def meaning(who: Who, house: House) -> MeaningShape:
    """By which vectors your memory is found beside words, and how many passages have them."""
    found = house.transforming.standing(who.own_space)
    if found.transformer is None:
        state: Literal["static", "waiting", "working", "done", "failed"] = "static"
    elif found.problem is not None:
        state = "failed"
    elif not found.has_weights:
        state = "waiting"
    else:
        state = "done" if found.done >= found.passages else "working"
    parts = TRANSFORMERS[found.transformer].parts if found.transformer else ()
    return MeaningShape(
        state=state,
        transformer=parts[0].title if parts else None,
        weights=[part.name for part in parts],
        passages=found.passages,
        done=min(found.done, found.passages),
        per_s=found.per_s,
        problem=found.problem,
    )
