"""Entries that stay but repeat what is forgotten: found through the index and the citations, judged by their words."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from everword.core.ids import ConversationId, EntryId, SpaceId
from everword.core.types import Label, Principal
from everword.memory import store
from everword.memory.forgetting import ledger_store
from everword.memory.forgetting.phrases import (
    LONG_RUN,
    Phrases,
    excerpts,
    is_code,
    is_particular,
    names_in,
    pairs_of,
    redacted,
    runs_of,
)
from everword.memory.forgetting.types import Repeat, Why, Words
from everword.memory.index.filters import NO_FILTERS
from everword.memory.index.indexer import Indexer
from everword.memory.types import Entry
from everword.memory.words import words

_MANY = 50  # a word that so many other entries say gives nothing away
_FEW = 8
_DEEPEST = 5_000
_CANDIDATES = 2_000
_LOOKED_FOR = 12
_SHORTEST = 4
_EXCERPTS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a selection: the entries that repeat it, and the words that nobody else says."""

    phrases: Phrases
    repeats: tuple[Repeat, ...]
    said_elsewhere: dict[str, frozenset[EntryId]]
    """For each telling word of the forgotten entries (folded), the entries that stay and say it."""


def find(
    connection: Connection, indexer: Indexer, who: Principal, space_id: SpaceId, forgotten: Sequence[Entry]
) -> Found:
    """The entries that repeat the forgotten ones, and in which words. The index must have caught up."""
    ids = {entry.id for entry in forgotten}
    related = _related(connection, who, forgotten)
    nearby, rare_stems = _of_words(connection, indexer, who, space_id, forgotten)
    assistants = ledger_store.assistants_in(connection, who, _conversations(forgotten), _CANDIDATES)
    candidates = ledger_store.by_ids(connection, who, {*related, *nearby, *assistants} - ids)
    said = [entry.text for entry in forgotten if entry.label is not Label.ASSISTANT]
    written = [entry.text for entry in forgotten if entry.label is Label.ASSISTANT]
    of_people, of_model = _words_in(said), _words_in(written)
    own_words = {*of_people, *of_model}
    says: dict[str, set[EntryId]] = defaultdict(set)
    by_people: set[str] = set()
    for entry in candidates:
        for folded in {word.folded for word in words(entry.text)} & own_words:
            says[folded].add(entry.id)
            if entry.label is not Label.ASSISTANT:
                by_people.add(folded)
    rare = {word for word, stem in (of_people | of_model).items() if stem in rare_stems}
    names = {name for entry in forgotten for name in names_in(entry.text)}
    particular = {word for word in rare if is_particular(word, names)}
    # A model's own plain words return in whatever it writes next; names and figures are somebody's.
    telling = {word for word in particular if word in of_people or word in names or is_code(word)}
    runs = runs_of(said) | runs_of(written, LONG_RUN)
    ours = Phrases(runs, frozenset(telling - by_people), frozenset((rare & of_people.keys()) - by_people))
    # What others said repeats it in several words in a row; one word alone only where it is a code, not a word or name.
    codes = frozenset(word for word in particular if is_code(word) and len(says[word]) <= _FEW)
    theirs = Phrases(runs | pairs_of(said, rare), codes)
    talks = _conversations(forgotten)
    repeats = [
        repeat
        for entry in candidates
        if (repeat := _judged(entry, ours if entry.label is Label.ASSISTANT else theirs, related, talks)) is not None
    ]
    elsewhere = {word: frozenset(says[word]) for word in rare}
    return Found(ours, tuple(repeats), elsewhere)


def words_to_look_for(found: Found, forgotten: Sequence[Entry], redactions: Collection[EntryId]) -> Words:
    """Words, and runs of words around them, that nothing has once the entries are gone and the redactions are done."""
    left: set[str] = set()
    for repeat in found.repeats:
        if repeat.entry.id in redactions:
            left |= {word.folded for word in words(redacted(repeat.entry.text, repeat.spans))}
    clean = {word for word, where in found.said_elsewhere.items() if where <= set(redactions)} - left
    spoken: dict[str, str] = {}
    for entry in forgotten:
        for word in words(entry.text):
            if word.folded in clean:
                spoken.setdefault(word.folded, entry.text[word.start : word.end])
    spoken = {folded: word for folded, word in spoken.items() if len(word) >= _SHORTEST}
    telling = sorted(spoken, key=lambda word: (not is_particular(word, ()), -len(word), word))[:_LOOKED_FOR]
    step = max(1, len(forgotten) // _EXCERPTS)
    cut = [piece for entry in forgotten[::step] for piece in excerpts(entry.text, clean, 1)][:_EXCERPTS]
    return Words(tuple(dict.fromkeys([*(spoken[word] for word in telling), *cut])), tuple(telling))


def _related(connection: Connection, who: Principal, forgotten: Sequence[Entry]) -> dict[EntryId, Why]:
    """The answers that came of the forgotten entries by our own records, and how."""
    ids = {entry.id for entry in forgotten}
    runs = ledger_store.recalling(connection, who, ids)
    related: dict[EntryId, Why] = {}
    for entry_id in ledger_store.written_by(connection, who, runs):
        related[entry_id] = "recalled"
    for entry_id in ledger_store.citing(connection, who, ids):
        related[entry_id] = "cites"
    return related


def _judged(entry: Entry, phrases: Phrases, related: dict[EntryId, Why], talks: Collection[str]) -> Repeat | None:
    is_assistant = entry.label is Label.ASSISTANT
    why = related.get(entry.id)
    closely = is_assistant and (why is not None or entry.conversation_id in talks)
    spans = tuple(phrases.spans(entry.text, closely=closely))
    if not spans:
        return None
    return Repeat(entry, spans, is_chosen=is_assistant, why=why or "says")


def _words_in(texts: Sequence[str]) -> dict[str, str]:
    """The telling words of those texts, folded, with their stems."""
    return {word.folded: word.stem for text in texts for word in words(text) if not word.is_stop}


def _of_words(
    connection: Connection, indexer: Indexer, who: Principal, space_id: SpaceId, forgotten: Sequence[Entry]
) -> tuple[set[EntryId], set[str]]:
    """Entries that say a word of the forgotten ones which few others say; and the stems of which these are all."""
    index = indexer.shelf.of(space_id)
    own = {entry.position for entry in forgotten}
    stems: dict[str, int] = defaultdict(int)
    for entry in forgotten:
        for stem in {word.stem for word in words(entry.text) if not word.is_stop}:
            stems[stem] += 1
    positions: set[int] = set()
    looked: set[str] = set()
    rows = index.rows()
    frequencies = {stem: index.words.frequency(stem) for stem in stems}
    for stem in sorted(stems, key=lambda each: frequencies[each]):
        frequency = frequencies[stem]
        if frequency > min(_DEEPEST, _MANY + 4 * stems[stem]):
            continue
        ((found, _),) = index.words.search([stem], [(NO_FILTERS, max(frequency, 1))])
        said = {int(position) for position in rows["position"][found]} - own
        if len(said) <= _MANY:
            positions |= said
            looked.add(stem)
        if len(positions) > _CANDIDATES:
            break
    return {entry.id for entry in store.by_positions(connection, who, positions)}, looked


def _conversations(entries: Sequence[Entry]) -> set[ConversationId]:
    return {entry.conversation_id for entry in entries if entry.conversation_id is not None}
