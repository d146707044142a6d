"""How clauses open before they say anything: greetings, asides, and "just so you know that"."""

import re

from everword.memory.facts.lexicon import words

_LEAD = re.compile(
    r"(?i)^(?:(?:and|but|so|well|oh|yes|yeah|yep|no|nope|ok|okay|actually|anyway|also|then|plus|btw|by the way|"
    r"honestly|aye|yup|nah|hm+|argh|ugh|lol|haha+|tbh|ngl|tbf|imo|fwiw|welp|man|och|eh|oi|yo|"
    r"fyi|for the record|(?:just )?so (?:that )?you (?:all |both )?know|as you know|hi|hey|hello|sorry|sure|"
    r"thanks|ah|um|"
    r"fun fact|update|psa|reminder to self|note to self|for (?:future )?reference|for (?:your|my) info(?:rmation)?|"
    r"(?:big |good |bad |great |sad )?news|guess what|you know|(?:it )?turns out|in fact|to be honest|at the moment|"
    r"these days|right now|nowadays|currently|now|today|finally|recently|unfortunately|sadly|luckily|remember|note|"
    r"reminder|correction|because|since then|even though|although|as a kid|as a child|speaking of which|"
    r"(?:the )?(?:thing|truth|fact|point|problem|trouble) is|i mean|i told you|as (?:i|we) (?:said|mentioned)|"
    r"guys|folks|y['’]?all|dude|bro|mate|raga|right|wait|heads up|quick one|small thing|wrong|look|listen|"
    r"anyways?|meanwhile|(?:hey|hi|hello) \w+(?= i\b)|as of now|as it happens|in case (?:you|it)[\w’' ]*?(?=,)|"
    r"(?:dear|hi|hello|hey) [\w ]{2,20}(?=,)|(?:thanks|thank you) for [\w ]{2,30}(?=[,!])|while i remember|"
    r"before i forget|one more thing|quick (?:update|note|heads up)|last thing|personally|as for me|for me)\b"
    r"[,:!.\s-]*)+"
)
_TOLD = re.compile(
    r"(?i)^(?:(?:(?:i|we) )?(?:just |also |already |recently )?(?:(?:have|['’]ve) )?(?:told|wrote|informed|warned|"
    r"texted|"
    r"emailed|reminded)(?: to)? (?!you\b)(?:[\w’'.]+ ){1,4}?(?:that )?|"
    r"(?:.{0,40}\b)?(?:inform|tell|remind|notify|let) (?:you|everyone|everybody|all of you)(?: all| both| know)* that |"
    r"(?:please |pls |just |so |also |can you |could you )*(?:note|remember|know|keep in mind|bear in mind|be aware|"
    r"jot down|write down|note down|put down|save|record|take note|make a note|mind)(?: that|:|,) ?|"
    r"(?:i |we )?(?:should|must|ought to|want to|wanted to|forgot to|can|also) ?(?:say|mention|add|confirm|"
    r"stress)(?: that)? |"
    r"(?:you (?:should|ought to|need to|might (?:want|like) to|may (?:want|like) to) know|worth (?:knowing|mentioning|"
    r"noting|saying)|(?:i )?(?:found out|learned|learnt|realised|realized|discovered|noticed)|(?:i['’]m )?happy to "
    r"(?:say|report)|(?:i am |i['’]m )?proud to (?:say|report)|the (?:good |bad |big )?news is|did i (?:say|"
    r"mention|tell you))"
    r"(?: that)? )(?=(?:(?:as of|from|since|starting|effective|on|in) [^,]{3,25}?,? )?(?:i|we|my|our)\b)"
)
"""What the speaker tells of telling: what follows is their own statement."""
_DIAGNOSED = re.compile(
    r"(?i)^(?:(?:the|my|our) )?(?:[\w-]+ )?(?:doctors?|doc|gp|physio(?:therapist)?|dentist|optician|consultant|nurse|"
    r"clinic|hospital|specialist|surgeon|midwife|cardiologist|dermatologist|neurologist|dr\.? [\w’'-]+)"
    r" (?:says|say|said|tells me|told me|confirmed)(?: today| yesterday)?(?: that)? (?=(?:i|my)\b)"
)
"""What those say who examined the speaker."""
_WORD = re.compile(r"^(?P<word>[A-Za-zÀ-ÿ’']+)[,!.…]+ +(?=(?:[Ii]|[Ww]e|[Mm]y|[Oo]ur)\b)")
_PLEDGED = re.compile(
    r"^(?P<who>(?:[Mm]y |[Oo]ur )?[\w’'.-]+(?: (?-i:[A-Z])[\w’'-]+)?) (?:says?|said|promised|tells me|told (?:me|"
    r"us))(?: that)? "
    r"(?:he|she|they)(?:['’]ll| will) "
)
"""Who says what they will do."""


def without_greeting(clause: str) -> str:
    """The clause without greetings and asides."""
    return _LEAD.sub("", clause.strip(" ,;-–—*•\t")).strip()


def without_lead(clause: str) -> str:
    """The clause without the words that only open it, and that it is told."""
    text = clause.strip(" ,;-–—*•\t")
    while True:
        shorter = _TOLD.sub("", _DIAGNOSED.sub("", _LEAD.sub("", text))).strip()
        match = _WORD.match(shorter)
        if match is not None and match["word"].casefold() not in words("joins"):
            shorter = shorter[match.end() :]
        if shorter == text:
            return _PLEDGED.sub(r"\g<who> will ", text)
        text = shorter
