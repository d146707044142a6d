"""What the owner said they would do: "I'll send Anna the drawings by Friday", by rule, with its day."""

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from everword.core.types import Label
from everword.memory.facts import calendar
from everword.memory.facts.calendar import Leaning
from everword.memory.facts.lexicon import words
from everword.memory.facts.openings import without_greeting
from everword.memory.facts.refusing import evidence, is_unsure, own_words_of
from everword.memory.facts.types import Moment, Spoken
from everword.memory.types import Entry, EntryKind, EntryState

_PROMISE = re.compile(
    r"(?i)^(?:i promise(?:d)?(?: \w+)? (?:to|(?:that )?i(?:['’]ll| will|['’]d| would))|i(?:['’]ll| will| shall|"
    r" am going to|['’]m going to|['’]m gonna)|"
    r"(?:i |i have |i['’]ve )?(?:promised|said|swore|told|assured)(?: [\w’'. ]{1,40}?)?(?: that)? "
    r"i(?:['’]d|['’]ll| would| will)|(?:i |i have |i['’]ve )?promised (?:(?:my |our )?[\w’'.-]+ ){0,2}to|"
    r"will(?= \w+ .*\bby\b)|"
    r"we(?:['’]ll| will)|i have to|i need to|i must|i owe \w+)"
    r" (?:definitely |certainly |also |then |still |just |try to )?(?P<action>.+)$"
)
_NEEDS_DAY = re.compile(r"(?i)^(?:i have to|i need to|i must|i['’]m gonna|i['’]m going to|i am going to|we)")
_NO_PROMISE = re.compile(
    r"(?i)^(?:try (?!to )|take (?:it|that|a look|care|your word|the|a guess|note|two|one)\b|give (?:it|that|"
    r"you an example|this)\b|get (?:it|used|going|there|"
    r"better|started|back to sleep)\b|ask (?:you|again|a|another|one)\b|tell you (?:what|that|more|about|a)\b|"
    r"show you how\b|look (?:like|at this)\b|"
    r"make (?:sense|it|sure you)\b|check (?:it|that|this) out\b|talk to you\b|call (?:it|this|that|you [A-Z])\b|"
    r"share (?:some|a bit|more|my|the following)\b|"
    r"help you\b|set aside\b|read (?:it|that) later\b|pass (?:on|away|out)\b)"
)
_TO_ASSISTANT = re.compile(
    r"(?i)\b(?:the (?:following|code|text|prompt|error|output|logs?)|paste|below|next message)\b"
)
_DUE = re.compile(
    rf"(?i)(?:^|\s)(?P<word>by|on|before|until|till|this|next|in|at the latest by)?\s*(?P<day>{calendar.SOURCE}|"
    rf"the weekend|the end of the (?:week|month|day|year))(?=$|[\s,.;!)])"
)


def promises_of(entry: Entry, timezone: str = "UTC") -> list[Spoken]:
    """What the owner said in an entry that they would do. Others' promises, and the assistant's, are not theirs."""
    if entry.label is not Label.OWNER or entry.kind is not EntryKind.MESSAGE or entry.state is not EntryState.COMPLETE:
        return []
    today = entry.said_at.astimezone(ZoneInfo(timezone)).date()
    found: dict[str, Spoken] = {}
    own = own_words_of(entry.text)
    for start, end in evidence(entry.text):
        for piece in re.split(
            r"(?i)[;,:] (?:and |but |so )?(?=i\b)| and (?=i['’ ])| but (?=i['’ ])|, |(?<=\w): (?!$)", own[start:end]
        ):
            for spoken in _promise(entry, piece, start, end, today):
                found.setdefault(spoken.action.casefold(), spoken)
    return list(found.values())


def _promise(entry: Entry, piece: str, start: int, end: int, today: date) -> Iterator[Spoken]:
    clause = without_greeting(piece.rstrip(" .!…"))
    match = _PROMISE.match(clause)
    if match is None:
        return
    action = " ".join(match["action"].split())
    verb = action.split()[0].casefold().strip(",")
    if verb == "back" or _NO_PROMISE.match(action) or _TO_ASSISTANT.search(clause):
        return
    hedged = re.sub(r"(?i)\btry to\b|\bsay\b|\bread\b|\bwrite\b|\btell\b|\bask\b|\bwrites\b", "", action)
    if is_unsure(hedged) or len(action.split()) < 2 or len(action) > 200:
        return
    due = due_of(action, today)
    if verb not in words("deeds") and (due is None or not verb.isalpha() or verb in words("undone")):
        return
    if due is None and _NEEDS_DAY.match(clause):
        return
    yield Spoken(
        entry_id=entry.id,
        start=start,
        end=end,
        action=action[:1].upper() + action[1:],
        due=due,
        said_at=entry.said_at,
    )


def due_of(action: str, today: date) -> Moment | None:
    """By when: the end (exclusive) of the day or the week that is named."""
    for match in _DUE.finditer(action):
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
