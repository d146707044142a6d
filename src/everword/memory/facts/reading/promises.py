"""What the owner said they would do: "I'll send Anna the drawings by Friday", by rule, with its day."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.facts.grammar import calendar, date_forms
from everword.memory.facts.grammar.calendar import Leaning
from everword.memory.facts.grammar.foreign import times_in_english
from everword.memory.facts.grammar.lexicon import relation_pattern, words
from everword.memory.facts.grammar.openings import without_greeting
from everword.memory.facts.reading.refusing import dictated, evidence, is_unsure, own_words_of
from everword.memory.facts.types import Moment, Spoken
from everword.memory.types import Entry, EntryKind, EntryState

_PIECES = re.compile(
    r"(?i)[;,:] (?:and |but |so )?(?=i\b)| and (?=i['’ ])| but (?=i['’ ])|, (?=(?:i|we|so|but|and|remind|don['’]t|"
    r"can|no|then|will|see|"
    r"could|please|leave|what|how|swear|promise)\b)|(?<=\w): (?=i\b)| - | – | — "
)
_LIST = re.compile(r"(?i)^(?:two|three|four|a few|several|some) things?: ?(?P<first>.+?) and (?P<second>.+)$")
_DUE = re.compile(
    rf"(?i)(?:^|\s)(?P<word>by|on|before|until|till|this|next|in|at the latest by)?\s*(?P<day>{date_forms.SOURCE}|"
    rf"the weekend|the end of the (?:week|month|day|year))(?=$|[\s,.;!)])"
)
_THERE = re.compile(r"(?i)be (?:at|there|with|over|home|ready|in)\b")
"""What the verb "be" can promise."""
_LONGEST = 200
_HEDGES = re.compile(
    r"(?i)\b(?:try to|say|read|write|tell|ask|writes|promised?|said|told|movie|film|story|game|would)\b"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to promise: `kept` puts together what is promised; `needs` a "deed", a "day", or nothing more."""

    pattern: re.Pattern[str]
    kept: str
    needs: str
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class _Forms:
    opening: re.Pattern[str]
    between: re.Pattern[str]
    beneficiary: re.Pattern[str]
    no_promise: re.Pattern[str]
    to_assistant: re.Pattern[str]
    forms: tuple[_Form, ...]


def promises_of(entry: Entry, timezone: str = "UTC") -> list[Spoken]:
    """What the owner said in an entry that they would do. Others' promises, and the assistant's, are not theirs."""
    if entry.label is not Label.OWNER or entry.kind is not EntryKind.MESSAGE or entry.state is not EntryState.COMPLETE:
        return []
    today = entry.said_at.astimezone(ZoneInfo(timezone)).date()
    found: dict[str, Spoken] = {}
    own = own_words_of(entry.text)
    stated = [(start, end, own[start:end]) for start, end in evidence(entry.text)]
    for start, end, text in list(dictated(entry.text)) or stated:
        for piece in _PIECES.split(text):
            for action in _actions(piece, today):
                spoken = _spoken(entry, start, end, action, today)
                found.setdefault(spoken.action.casefold(), spoken)
    return list(found.values())


def _actions(piece: str, today: date) -> Iterator[str]:
    """What a piece of a sentence promises; several things where it lists them."""
    forms = _forms()
    clause = forms.opening.sub("", without_greeting(piece.rstrip(" .!…")))
    for form in forms.forms:
        if (match := form.pattern.fullmatch(clause)) is None:
            continue
        parts = match.groupdict()
        if (listed := _LIST.match(parts.get("what") or "")) is not None:
            told = [form.kept.format(**parts | {"what": what}) for what in listed.groups()]
        else:
            told = [form.kept.format(**parts | {"when": (parts.get("when") or "").casefold()})]
        for each in told:
            yield from _kept(form, clause, forms.between.sub("", each), today)
        return


def _kept(form: _Form, clause: str, told: str, today: date) -> Iterator[str]:
    """What is promised, where it binds."""
    forms, action = _forms(), " ".join(told.split())
    verb = action.split()[0].casefold().strip(",")
    if verb == "back" or forms.no_promise.match(action) or forms.to_assistant.search(clause):
        return
    if is_unsure(_HEDGES.sub("", action)) or len(action.split()) < 2 or len(action) > _LONGEST:
        return
    due = due_of(action, today)
    if form.needs == "deed" and not _is_deed(verb, action, is_due=due is not None):
        return
    if form.needs == "day" and (due is None or verb in words("undone")):
        return
    yield action


def _is_deed(verb: str, action: str, *, is_due: bool) -> bool:
    """Whether somebody can hold the owner to it: anything on a day, without one only what is done for somebody."""
    if is_due:
        return verb.isalpha() and (verb not in words("undone") or _THERE.match(action) is not None)
    return verb in words("deeds") and _forms().beneficiary.search(action) is not None


def _spoken(entry: Entry, start: int, end: int, action: str, today: date) -> Spoken:
    return Spoken(
        entry_id=entry.id,
        start=start,
        end=end,
        action=action[:1].upper() + action[1:],
        due=due_of(action, today),
        said_at=entry.said_at,
    )


def due_of(action: str, today: date) -> Moment | None:
    """By when: the end (exclusive) of the day or the week that is named."""
    for match in _DUE.finditer(times_in_english(action)):
        named = match["day"].casefold()
        if named in {"may", "march", "fall", "spring", "now"}:
            continue
        if named == "the weekend":
            named = "this weekend"
        ended = re.fullmatch(r"the end of the (\w+)", named)
        if ended:
            named = "today" if ended[1] == "day" else f"this {ended[1]}"
        days = calendar.read(named, today, Leaning.AHEAD)
        if days is not None and days.after > today:
            is_before = (match["word"] or "").casefold() == "before" and "end of" not in match["day"].casefold()
            return days.start if is_before else days.end
    return None


@cache
def _forms() -> _Forms:
    text = resources.files("everword.memory.facts.reading").joinpath("promises.toml").read_text(encoding="utf-8")
    record = tomllib.loads(text)
    parts = {"<someone>": record["whom"], "<tut>": record["tut"], "<relation>": relation_pattern()}

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, part in parts.items():
            pattern = pattern.replace(name, part)
        return re.compile(pattern, re.IGNORECASE)

    return _Forms(
        opening=compiled(f"^{record['opening']}"),
        between=compiled(f"^{record['between']}"),
        beneficiary=re.compile(record["beneficiary"].replace("<relation>", relation_pattern())),
        no_promise=compiled(record["no_promise"]),
        to_assistant=compiled(record["to_assistant"]),
        forms=tuple(
            _Form(compiled(form["pattern"]), form.get("kept", "{action}"), form["needs"], "speaks" in form)
            for form in record["form"]
        ),
    )
