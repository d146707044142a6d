"""What counts as the same fact as a labelled one: its words, whom it is about, and when it holds."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

A_DAY = timedelta(days=1)
NO_SPACES_BETWEEN_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
Item = dict[str, Any]
Label = dict[str, Any]


def plain(text: str) -> str:
    """Case, kinds of quotes and contracted "not" don't tell two statements apart."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\bcannot\b", "can not", re.sub(r"n't\b", " not", text))


def has_word(text: str, word: str) -> bool:
    """Whether a word of plain `text` starts with `word` (so "allerg" finds "allergic"); a number must be whole."""
    word = plain(word)
    if NO_SPACES_BETWEEN_WORDS.search(word):
        return word in text
    end = r"(?![\d])" if word[-1].isdigit() else ""
    return re.search(r"(?<!\w)" + re.escape(word) + end, text) is not None


def says(statement: str, label: Label, *, is_over: bool = False) -> bool:
    """Whether `statement` holds one alternative of every group of the label's key words, and none of its `not_words`.

    A group with "not" among its alternatives is also met by a statement that is stored as over (`is_over`): "goes to
    Pilates, until March" says what "no longer goes to Pilates" says.
    """
    text = plain(statement)
    if any(has_word(text, word) for word in label.get("not_words", [])):
        return False
    return all(
        any(has_word(text, word) for word in group) or (is_over and "not" in group) for group in label["key_words"]
    )


def is_about(subject: str, label: Label, owner: str) -> bool:
    """Whether `subject` is one of the label's; the owner may be called "owner", by full name or by a part of it."""
    own_names = {"owner", plain(owner), *plain(owner).split()}
    accepted = {plain(name) for name in [label["subject"], *label["subject_also"]]}
    if "owner" in accepted:
        accepted |= own_names
    return plain(subject).strip() in accepted


def span(value: str) -> tuple[date, date]:
    """First and last day of "2026", "2026-05", "2026-05-11" or of two such joined by a slash."""
    first, _, last = value.partition("/")
    if last:
        return span(first)[0], span(last)[1]
    parts = [int(part) for part in first[:10].split("-")]
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if len(parts) == 2:
        year, month = parts
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - A_DAY
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def falls_in(given: str, wanted: str, slack: timedelta = A_DAY) -> bool:
    """Whether the day that `given` names (the first, of a span) is in the wanted span, give or take `slack`."""
    first, last = span(wanted)
    return first - slack <= span(given)[0] <= last + slack


def is_due_right(due: str | None, label: Label) -> bool:
    """Whether a promise is due on the very day, or on one of the days, that the label names."""
    wanted: str | None = label["due"]
    if wanted is None or due is None:
        return wanted == due
    return falls_in(due, wanted, timedelta(0))


def is_time_right(valid_from: str | None, valid_until: str | None, label: Label, said_at: str) -> bool:
    """Whether both ends are as the label wants them; README.md says what each of its fields allows."""
    said = datetime.fromisoformat(said_at).date()
    if label["valid_from"] is None:
        start = valid_from is None or falls_in(valid_from, said.isoformat())
    elif valid_from is None:
        start = label["valid_from_optional"]
    else:
        start = falls_in(valid_from, label["valid_from"])
    is_past = valid_until is not None and span(valid_until)[0] <= said + A_DAY
    if label["ended"]:
        end = is_past
    elif label["valid_until"] is None:
        end = valid_until is None or (label["valid_until_optional"] and is_past)
    elif valid_until is None:
        end = label["valid_until_optional"]
    else:
        end = falls_in(valid_until, label["valid_until"])
    return start and end
