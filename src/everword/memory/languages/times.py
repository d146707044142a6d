"""The words and forms by which each language names times, from times.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from everword.memory.languages.detect import Language

_Key = TypeVar("_Key")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
#: A year of the last or this century, in digits of any script that is written here.
_YEAR = "(?P<year>(?:[1１١][9９٩]|[2２٢][0０٠])\\d\\d)"
_NEVER = "(?!)"
_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)(?:-(?P<day>\d\d))?\b")


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How a language names times: `patterns` in order, each with the kind of time that it names.

    `in_front` and `behind` match the end of what precedes a time and the beginning of what follows it, with one of the
    groups `before`, `until`, `since` and `after`.
    """

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    in_front: re.Pattern[str]
    behind: re.Pattern[str]
    months: tuple[re.Pattern[str], ...]
    weekdays: tuple[re.Pattern[str], ...]
    numbers: tuple[re.Pattern[str], ...]
    seasons: Mapping[int, re.Pattern[str]]
    units: Mapping[str, re.Pattern[str]]
    days: Mapping[int, re.Pattern[str]]
    years: Mapping[int, re.Pattern[str]]
    backs: Mapping[int, re.Pattern[str]]
    pairs: re.Pattern[str]

    def month(self, text: str) -> int:
        """1 to 12. Raises ValueError where `text` is no month."""
        return _place(self.months, text) + 1

    def is_month(self, text: str) -> bool:
        """Whether `text` is the name of a month."""
        return any(month.fullmatch(text) for month in self.months)

    def weekday(self, text: str) -> int:
        """0, Monday, to 6. Raises ValueError where `text` is none."""
        return _place(self.weekdays, text)

    def season(self, text: str) -> int:
        """The month in which a season begins. Raises ValueError where `text` is none."""
        return _key(self.seasons, text)

    def unit(self, text: str) -> str:
        """`day`, `week`, `weekend`, `month` or `year`. Raises ValueError where `text` is none."""
        return _key(self.units, text)

    def count(self, text: str | None, unit: str) -> int:
        """How many, in digits or words; with no word for it one, or two of a unit that says so itself."""
        if not text:
            return 2 if self.pairs.fullmatch(unit) else 1
        return int(text) if text.isdigit() else _place(self.numbers, text) + 1

    def back(self, text: str | None) -> int | None:
        """0 for "this", 1 for "last", 2 for "before last"; None where nothing is said."""
        return _key(self.backs, text) if text else None

    def days_back(self, name: str) -> int:
        """How many days ago a day with a name of its own was, such as "yesterday"."""
        return _key(self.days, name)

    def years_back(self, name: str) -> int:
        """The same for a year."""
        return _key(self.years, name)


@cache
def time_words(language: Language) -> TimeWords:
    """How `language` names times."""
    said = _all()[language.value]
    backs = {2: said["older"], 1: said["last"], 0: said["this"]}
    number = r"\d{1,3}|" + _any(said["numbers"])
    parts = {
        "month": f"(?P<month>{_any(said['months'])})",
        "weekday": f"(?P<weekday>{_any(said['weekdays'])})",
        "season": f"(?P<season>{_any(said['seasons'].values())})",
        "unit": f"(?P<unit>{_any(said['units'].values())})",
        "count": f"(?P<count>{number})",
        "day": r"(?P<day>\d{1,2})" if language.has_spaces else f"(?P<day>{number})",
        "number": r"(?P<number>\d{1,2})",
        "year": _YEAR,
        "which": f"(?P<which>{_any(backs.values())})",
        "day_name": f"(?P<day_name>{_any(said['days'].values())})",
        "year_name": f"(?P<year_name>{_any(said.get('years', {}).values())})",
    }
    begins, ends = (r"(?<!\w)", r"(?!\w)") if language.has_spaces else (r"(?<!\d)", "")
    patterns = [
        (kind, _compiled(f"{begins}(?:{_PLACEHOLDER.sub(lambda found: parts[found[1]], pattern)}){ends}"))
        for kind, pattern in said["patterns"]
    ]
    sides = ("before", "until", "since", "after")
    in_front = "|".join(f"(?P<{side}>{said[side]})" for side in sides if side in said) or _NEVER
    behind = "|".join(f"(?P<{side}>{said[f'{side}_behind']})" for side in sides if f"{side}_behind" in said) or _NEVER
    return TimeWords(
        patterns=(("date", _ISO), *patterns),
        in_front=_compiled(rf"{begins}(?:{in_front}){ends}\s*"),
        behind=_compiled(f"(?:{behind}){ends}"),
        months=tuple(map(_compiled, said["months"])),
        weekdays=tuple(map(_compiled, said["weekdays"])),
        numbers=tuple(map(_compiled, said["numbers"])),
        seasons={int(month): _compiled(form) for month, form in said["seasons"].items()},
        units={unit: _compiled(form) for unit, form in said["units"].items()},
        days={int(back): _compiled(form) for back, form in said["days"].items()},
        years={int(back): _compiled(form) for back, form in said.get("years", {}).items()},
        backs={back: _compiled(form) for back, form in backs.items()},
        pairs=_compiled(said.get("pairs", _NEVER)),
    )


@cache
def _all() -> dict[str, Any]:
    file = resources.files("everword.memory.languages").joinpath("times.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE)


def _any(forms: Iterable[str]) -> str:
    return "|".join(f"(?:{form})" for form in forms)


def _place(forms: tuple[re.Pattern[str], ...], text: str) -> int:
    return _key(dict(enumerate(forms)), text)


def _key(forms: Mapping[_Key, re.Pattern[str]], text: str) -> _Key:
    for key, form in forms.items():
        if form.fullmatch(text):
            return key
    raise ValueError(text)
