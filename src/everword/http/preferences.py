"""Settings: what the owner sets on the screen; what the environment decides is shown as locked."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from everword.core.types import Principal
from everword.http.door import principal
from everword.http.services import Check, Services, services_of

router = APIRouter(prefix="/api", tags=["settings"])

Who = Annotated[Principal, Depends(principal)]
House = Annotated[Services, Depends(services_of)]


class SettingShape(BaseModel):
    """One setting."""

    name: str
    kind: str
    value: Any
    default: Any
    does: str
    choices: list[str]
    is_locked: bool
    locked_by: str | None


class SettingsShape(BaseModel):
    """All settings."""

    settings: list[SettingShape]


class CheckShape(BaseModel):
    """One finding of the doctor."""

    name: str
    state: str
    says: str
    do: str

    @staticmethod
    def of(check: Check) -> "CheckShape":
        return CheckShape(name=check.name, state=check.state, says=check.says, do=check.do)


class DoctorShape(BaseModel):
    """What is configured, what is wrong, and what to do."""

    checks: list[CheckShape]


@router.get("/settings")
def settings(who: Who, house: House) -> SettingsShape:
    """Everything that can be set, with its value."""
    values = house.preferences.read_all(who)
    return SettingsShape(
        settings=[
            SettingShape(
                **described,
                value=values[described["name"]],
                is_locked=described["name"] in house.locked,
                locked_by=house.locked.get(described["name"]),
            )
            for described in house.preferences.described()
        ]
    )


@router.patch("/settings")
def change(who: Who, house: House, values: dict[str, Any]) -> SettingsShape:
    """Set some; all of them or none."""
    house.preferences.write(who, values)
    return settings(who, house)


@router.get("/doctor")
def doctor(who: Who, house: House) -> DoctorShape:
    """What is configured, what is wrong, and what to do."""
    return DoctorShape(checks=[CheckShape.of(check) for check in house.doctor(who)])
