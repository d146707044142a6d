"""The resources: an entry, a conversation and the newest entries, each under an address that quotes name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from everword.accounts.types import Scope
from everword.core.errors import NotFound
from everword.core.ids import ConversationId, EntryId, is_id
from everword.http.mcp.caller import Caller, on_a_thread
from everword.http.mcp.facts import facts_of
from everword.http.mcp.quotes import ENTRY_URI, LONGEST, quotes
from everword.memory import conversation_store, markdown, store
from everword.memory.facts import service

_NEWEST = 30
_MOST_CHARACTERS = 400_000


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be read: at one address, or one for each id (`{...}` in it)."""

    uri: str
    name: str
    title: str
    does: str
    read: Callable[[Caller, str], str]

    @property
    def is_template(self) -> bool:
        """Whether the address has a place for an id."""
        return "{" in self.uri

    def id_in(self, uri: str) -> str | None:
        """The id in `uri` where it is one of this resource's; empty where there is only one; None otherwise."""
        if not self.is_template:
            return "" if uri == self.uri else None
        beginning = self.uri.partition("{")[0]
        given = uri.removeprefix(beginning)
        return given if uri.startswith(beginning) and is_id(given) else None


@on_a_thread
def read(caller: Caller, uri: str) -> str:
    """What stands at an address, as Markdown. Raises OutOfScope, or NotFound."""
    caller.require(Scope.RECALL)
    for resource in RESOURCES:
        found = resource.id_in(uri)
        if found is not None:
            text = resource.read(caller, found)
            cut = "\n\n(It goes on; this is its beginning.)"
            return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + cut
    raise NotFound(what="resource")


def _entry(caller: Caller, entry_id: str) -> str:
    return _told(caller, lambda connection: [store.get(connection, caller.who, EntryId(entry_id))], _MOST_CHARACTERS)


def _newest(caller: Caller, _none: str) -> str:
    told = _told(caller, lambda connection: store.timeline(connection, caller.who, limit=_NEWEST), LONGEST)
    return told or "There are no entries yet."


def _profile(caller: Caller, _none: str) -> str:
    known = facts_of(caller, service.profile(caller.services.database, caller.who))
    return "\n\n".join(fact.told() for fact in known) or "Nothing is known about the owner yet."


def _conversation(caller: Caller, conversation_id: str) -> str:
    with caller.services.database.reading(caller.who) as connection:
        found = conversation_store.get(connection, caller.who, ConversationId(conversation_id))
        return markdown.render(found, store.of_conversation(connection, caller.who, found.id))


def _told(caller: Caller, entries: Callable[[Any], list[Any]], longest: int) -> str:
    with caller.services.database.reading(caller.who) as connection:
        found = quotes(connection, caller.who, entries(connection), longest=longest)
    return "\n\n".join(quote.told() for quote in found)


RESOURCES = (
    Resource("everword://timeline", "timeline", "The newest entries", "What was said last, newest first.", _newest),
    Resource(
        "everword://profile", "profile", "What is known about the owner", "Facts that hold, with their words.", _profile
    ),
    Resource(ENTRY_URI, "entry", "An entry", "One entry whole, with who, when and where.", _entry),
    Resource(
        "everword://conversations/{conversation_id}",
        "conversation",
        "A conversation",
        "The branch of a conversation that is shown.",
        _conversation,
    ),
)
