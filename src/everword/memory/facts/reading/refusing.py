"""What is no evidence: questions, wishes, guesses, hearsay, fiction, tasks, and text that somebody else wrote."""

import re
from collections.abc import Iterator

from everword.memory.passages import sentences

_LONGEST_TEXT = 6_000
_LONGEST_SENTENCE = 400
_TASK = re.compile(
    r"(?i)^\W*(?:hi|hey|hello|ok|okay|thanks|thank you)?[\s,!.]*(?:please |can you |could you |would you |"
    r"will you |i want you to |"
    r"i need you to |i(?:['’]d| would) like you to |help me )*(?:write|rewrite|rephrase|translate|summari[sz]e|"
    r"proofread|"
    r"correct (?:this|the|my)|fix (?:this|the|my)|improve|edit|draft|pretend|act as|role-?play|imagine|generate|"
    r"compose|"
    r"paraphrase|shorten|reply to|respond to|complete the|continue the|let['’]s (?:play|pretend)|you are)\b"
)
_DICTATED = re.compile(
    r"(?i)^\W*(?:please |can you |could you |pls )*(?:reply|answer|respond|write(?: back)?|text|message|email|mail|"
    r"tell|"
    r"let|(?:draft|write) (?:an? )?(?:reply|answer|mail|email|e-mail|message|note|text))\b(?: to)? "
    r"(?:[^:\"“„]{1,40}(?:: ?|, ?(?=[\"“„])| ?(?=[\"“„]))[\"“„]?|[^:\"“„.]{1,30}? (?:know )?(?:that )?(?=(?:i|"
    r"we)(?:['’]ll| will)\b))"
)
"""A task that gives the words to be sent."""
_QUOTED = re.compile(r"[“\"«„][^“”\"«»„]{3,}?[”\"»“]")
_MARKS = '“"«„'
_SPEAKS = re.compile(r"(?i)\b(?:i|we|you|is|are|am|my|me)\b")
_ABBREVIATED = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Prof|Mme|St|approx|e\.g|i\.e|no|vs)\.$|\b(?:am|vom|zum|bis|ab|den|dem|seit) \d{1,2}\.$"
)
_NOT_KEPT = re.compile(
    r"(?i)\b(?:off the record|between us|do(?: not|n[’']t) (?:remember|keep|store|save|note|write) (?:this|that|it)|"
    r"forget (?:that )?i said|"
    r"never mind what i said|ignore (?:that|what i said)|scratch that|delete that)\b"
)
_OF_GAMES = re.compile(
    r"(?i)\b(?:paladin|respec|healer|level \d+|lvl ?\d+|quest|quests|dungeon|raid|npc|xp|mana|loot|boss fight|guild|"
    r"respawn|"
    r"speedrun|side quest|inventory|skill tree|build order|campaign|dungeon master|dice|d20|tavern|goblins?|orcs?|elf|"
    r"elves|mage|wizard|sorcerer|cleric|rogue|bard|dragon|hit points|hp|checkpoint|save file|dlc)\b"
)
"""Words of games: two of them, and whoever speaks may be who they play."""
_SHORT = 20
_TAKEN_BACK = re.compile(
    r"(?i)^\W*(?:(?:no|nah|nope|ok|okay|well|sorry|hm+|haha+|lol|hehe|ah|oh|wait|actually|just|i[’']?m|i am|was|i was)"
    r"\W+)*"
    r"(?:kidding|joking|jk\b|a joke|(?:ignore|scratch|forget|strike|delete|disregard) (?:that|this|it|what i)|"
    r"never ?mind|(?:no,? )?(?:i['’]?m not|i am not|i didn['’]?t|i don['’]?t|it isn['’]?t|it['’]?s not|"
    r"not me)\b.*\b(?:my phone|ignore|kidding|joke|typo)|"
    r"(?:that|this) was (?:not me|my \w+ (?:typing|on)|\w+ on my phone)|wrong (?:chat|person|thread|window)|"
    r"not true|that was a (?:joke|test|typo|lie)|(?:just )?testing|who am i kidding|april fool)"
)
_SINGLY_QUOTED = re.compile(r"(?<![\w])['‘][^'’\n]{3,}(?:['’](?=[a-z])[^'’\n]*)*['’](?!\w)")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_PASTED_LINE = re.compile(r"(?m)^[ \t]*(?:>|\|).*$")
_PICTURE = re.compile(r"\[(?:shares|shared|sends|sent|image|photo)[^\]]*\]")
_QUESTION = (
    r"(?:what|who|whom|whose|when|where|why|how|which|do|does|did|is|are|was|were|am|can|could|should|shall|would|will|"
    r"have|has|had|any|anyone|anybody|isn['’]t|aren['’]t|don['’]t|doesn['’]t|can['’]t|won['’]t|right|ok|okay|"
    r"worth|thoughts|"
    r"ideas|or|recommend\w*|suggest\w*|help|tips)\b"
)
_TO_BE_RENDERED = re.compile(
    r"(?i)^\W*(?:how (?:do|would|can|should|to)\b.{0,40}\b(?:say|spell|write|pronounce|translate)|what(?:['’]s| is|"
    r" does)\b.{0,40}\bin \w+|"
    r"(?:my |this is (?:my|a|the) )?(?:homework|exercise|essay|assignment|poem|draft|caption|speech|toast))\b.*:"
)
"""What stands behind the colon is to be put in other words, and says nothing of the world."""
_OPENS_QUESTION = re.compile(rf"(?i)\W*(?:(?:so|and|but|well|ok|hey|hi|anyway)\W+)*{_QUESTION}")
_ASKS = re.compile(
    rf"(?i)\s[-–—]+\s|[;:…]\s|\.\.\.?\s?|,? (?=(?:so|but|and) {_QUESTION})|, (?=(?:anyway |btw )?{_QUESTION})|"
    rf" (?=anyway )"
)
_LEAST_STATED = 3
_UNSURE = re.compile(
    r"(?i)\b(?:if|unless|suppose|supposing|imagine|pretend|what if|hypothetically|maybe|perhaps|probably|possibly|"
    r"apparently|"
    r"supposedly|allegedly|i think|i guess|i wonder|i doubt|i suppose|i believe|not sure|unsure|i wish|wish|"
    r"i hope|hopefully|"
    r"hoping|dreamt|dreamed|dream|joking|kidding|just a joke|jk|lol|haha|rumou?r|might|could|would|should|may be|"
    r"may have|"
    r"as if|as though|almost|nearly|in theory|let['’]s say|say i|for example|e\.g\.|for instance|thinking (?:of|about)|"
    r"considering|planning on|want to|wants to|wanted to|going to try|hoping to|supposed to|like to|i feel like|seems?|"
    r"pretending|character|(?<!favourite )(?<!favorite )(?:novel|movie|film)|"
    r"episode|fiction|fictional|invented|made[- ]up|story|stories|plot|protagonist|the game|"
    r"in the book|"
    r"role-?play|once upon a time|nobody|anyone|anybody|whoever|someone|somebody)\b"
)
_HEARSAY = re.compile(
    r"(?i)\b(?:say|said|says|told|tells|heard|(?<!can not )(?<!can['’]t )(?<!cannot )(?<!hard to )hear|read|reads|"
    r"claims?|claimed|thinks|thought|believes|believed|"
    r"according to|"
    r"mentioned|mentions|reckons|asked|asks|swears|insists|insisted|writes|wrote)\b"
)


def evidence(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a message that are the speaker's own statements, as places in the text.

    What stands in quotation marks, code, quoted lines and pictures' captions is somebody else's; a task given to the
    assistant, with what follows it, says nothing of the world; questions, guesses and hearsay neither.
    """
    if _TASK.match(text) or _NOT_KEPT.search(text) or len(set(map(str.casefold, _OF_GAMES.findall(text)))) > 1:
        return
    own = own_words_of(text)
    for start, end in whole_sentences(own):
        stated = start + len(stated_part(own[start:end]))
        if start < stated <= start + _LONGEST_SENTENCE:
            yield start, stated


def dictated(text: str) -> Iterator[tuple[int, int, str]]:
    """The sentences that a task gives for somebody else in the owner's name ("reply to Ida: I'll be there")."""
    match = _DICTATED.match(text)
    if match is None or _NOT_KEPT.search(text):
        return
    for start, end in whole_sentences(text):
        first = max(start, match.end())
        if first < end <= first + _LONGEST_SENTENCE:
            yield first, end, text[first:end].strip(_MARKS + "”’ ")


def own_words_of(text: str) -> str:
    """The text with what somebody else wrote blanked out, every word at its place."""
    blanked = text[:_LONGEST_TEXT]
    for pattern in (_CODE, _PASTED_LINE, _PICTURE, _QUOTED, _SINGLY_QUOTED):
        blanked = pattern.sub(_blanked, blanked)
    return blanked


def _blanked(match: re.Match[str]) -> str:
    """Spaces for what is quoted; a name or a title in quotation marks is kept without them."""
    found = match.group()
    inner = found[1:-1]
    if found[0] in _MARKS and len(inner.split()) <= 3 and not _SPEAKS.search(inner):
        return f" {inner} "
    return " " * len(found)


def whole_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Sentences; "Dr." ends none."""
    begun: int | None = None
    for start, end in sentences(text):
        first = start if begun is None else begun
        begun = first if _ABBREVIATED.search(text[start:end]) else None
        if begun is None:
            yield first, end
    if begun is not None:
        yield begun, len(text.rstrip())


def takes_back(text: str) -> bool:
    """Whether a short message takes back the one before it: "haha kidding", "no ignore that"."""
    return len(text.split()) <= _SHORT and _TAKEN_BACK.search(text) is not None


def stated_part(sentence: str) -> str:
    """What a sentence states before it asks: "he's six, indoor only - do I call the vet?"; "" where it only asks."""
    if _TASK.match(sentence):
        return ""
    if "?" not in sentence:
        return "" if _TO_BE_RENDERED.match(sentence) else sentence
    cuts = [match.start() for match in _ASKS.finditer(sentence[: sentence.index("?")])]
    front = sentence[: cuts[-1]] if cuts else ""
    return "" if len(front.split()) < _LEAST_STATED or _OPENS_QUESTION.match(front) else front


def is_unsure(clause: str) -> bool:
    """Whether a clause is a guess, a wish, a fiction, or told by somebody else."""
    return _UNSURE.search(clause) is not None or _HEARSAY.search(clause) is not None
