"""How days, months, seasons and years are written, as patterns: what calendar.py reads."""

import re

MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
FEASTS = {"christmas": (12, 25), "new year": (1, 1), "new year's": (1, 1), "new year’s": (1, 1), "halloween": (10, 31)}
NUMBERS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
} | {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "twenty": 20, "thirty": 30, "fifteen": 15}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WHICH = r"(?P<which>last|next|this|this coming|the coming|coming|this past)"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week|month|year|decade)s?"
_WEEKDAY = rf"(?P<weekday>{'|'.join(DAYS)}|mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
_SEASON = rf"(?P<season>{'|'.join(SEASONS)})"

_BEHIND_DAY = (
    "at|in|for|of|to|until|till|and|with|on|from|by|or|so|but|after|before|this|next|then|instead|not|if|when|because|"
    "via|thru|through|she|he|i|we|they|it|is|are|was|please|pls|around|about|as|morning|afternoon|evening|night|noon"
)
"""What may stand behind an ordinal that is a day; before anything else it counts: "the 3rd floor"."""

_FORMS = (
    ("iso", r"(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)(?:-(?P<day>\d\d))?"),
    ("date", rf"(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
    ("date", rf"{_MONTH} (?:the )?{_DAY}(?!\d)(?:,? {_YEAR})?"),
    (
        "month",
        (
            rf"(?:the )?(?:(?:start|beginning|middle|end)(?: of)? )?(?:early |mid[- ]?|"
            rf"late )?{_MONTH}(?:,? (?:of )?{_YEAR})"
        ),
    ),
    ("month", rf"{_WHICH} {_MONTH}"),
    ("season", rf"(?:the )?{_SEASON}(?: of)? {_YEAR}"),
    ("season", rf"{_WHICH} {_SEASON}"),
    ("ending", r"(?:the )?end of (?P<which>the|this|next) (?P<unit>week|month|year)"),
    ("which", rf"{_WHICH} (?P<unit>week|weekend|month|year)"),
    ("weekday_week", rf"(?:{_WEEKDAY} week|a week (?:on )?(?P<same>{'|'.join(DAYS)}))"),
    ("weekday", rf"(?:{_WHICH} )?{_WEEKDAY}(?: (?:morning|afternoon|evening|night|noon|lunchtime|lunch))?(?![a-z])"),
    ("ago", rf"(?:about |around |over |almost |nearly )?{_COUNT} {_UNIT} ago"),
    ("hence", rf"(?:about |around )?{_COUNT} {_UNIT}(?: from now)"),
    (
        "nth",
        (
            rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)(?: of (?P<which>next|"
            rf"this) month)?(?![ -](?!(?:{_BEHIND_DAY})\b)[a-z])"
        ),
    ),
    ("nth", r"the (?P<day>first)(?: of (?P<which>next|this) month)"),
    ("feast", rf"(?:the )?(?P<feast>{'|'.join(FEASTS)})(?: {_YEAR})?"),
    (
        "day",
        (
            r"(?P<name>today|tonight|this (?:morning|afternoon|evening)|the day after tomorrow|"
            r"the day before yesterday|tomorrow(?: (?:morning|afternoon|evening|night|noon))?|yesterday|last night)"
        ),
    ),
    ("month", rf"(?:the )?(?:(?:start|beginning|middle|end)(?: of)? )?(?:early |mid[- ]?|late )?{_MONTH}(?![\w'’])"),
    ("season", rf"(?:the )?{_SEASON}"),
    ("year", rf"(?:early |mid-?|late |the (?:start|beginning|end) of )?{_YEAR}(?![\d:.,]\d)"),
    ("short_year", r"['’](?P<short>\d\d)"),
)
COMPILED = [(name, re.compile(rf"(?:{pattern})\b", re.IGNORECASE)) for name, pattern in _FORMS]
MONTH_SOURCE = _MONTH.replace("?P<month>", "?:")
SOURCE = "|".join(re.sub(r"\?P<\w+>", "?:", pattern) for _, pattern in _FORMS)
"""Any of the expressions, as a pattern without groups."""
