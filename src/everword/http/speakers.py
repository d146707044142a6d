"""Whom a filter by speaker means: `me`, and the owner's own name, are what the owner said."""

from everword.accounts import store as accounts
from everword.core.types import Label, Principal
from everword.http.services import Services
from everword.memory import store

ME = "me"
_MOST_NAMES = 10_000


def said_by(
    house: Services, who: Principal, speaker: str | None, label: Label | None
) -> tuple[str | None, Label | None]:
    """The speaker and the label to filter by. A name that somebody else's entries have stays that name."""
    if not speaker or label is not None:
        return speaker or None, label
    wanted = speaker.strip().casefold()
    with house.database.reading(who) as connection:
        person = accounts.get(connection, who, who.person_id)
        own = {ME} | ({person.name.casefold()} if person else set())
        if wanted not in own:
            return speaker, None
        others = store.counts_by(connection, who, "speaker", _MOST_NAMES, but=Label.OWNER)
    is_anothers = any(name.casefold() == wanted for name, _ in others)
    return (speaker, None) if is_anothers else (None, Label.OWNER)
