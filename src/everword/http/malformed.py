"""What is wrong with a request, as a sentence that says what to do; what was sent is not repeated."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

_WORDS: Mapping[str, str] = {
    "missing": "{where} is missing. Give it.",
    "string_too_long": "{where} is longer than {max_length:,} characters. Shorten it.",
    "string_too_short": "{where} is too short: it needs at least {min_length:,} characters.",
    "too_long": "{where} has more than {max_length:,} items. Send fewer.",
    "too_short": "{where} needs at least {min_length:,} items.",
    "string_type": "{where} must be text.",
    "bool_type": "{where} must be true or false.",
    "bool_parsing": "{where} must be true or false.",
    "int_type": "{where} must be a whole number.",
    "int_parsing": "{where} must be a whole number.",
    "int_from_float": "{where} must be a whole number.",
    "float_type": "{where} must be a number.",
    "float_parsing": "{where} must be a number.",
    "list_type": "{where} must be a list.",
    "dict_type": "{where} must be an object.",
    "model_attributes_type": "{where} must be an object.",
    "greater_than": "{where} must be more than {gt:,}.",
    "greater_than_equal": "{where} must be {ge:,} or more.",
    "less_than": "{where} must be less than {lt:,}.",
    "less_than_equal": "{where} must be {le:,} or less.",
    "literal_error": "{where} must be one of {expected}.",
    "enum": "{where} must be one of {expected}.",
    "timezone_aware": "{where} must be a moment with its time zone, like 2026-05-01T14:00:00Z.",
    "json_invalid": "The request is not valid JSON. Look for a missing quote or comma.",
    "extra_forbidden": "{where} is not known here. Leave it out.",
    "string_pattern_mismatch": "{where} is not written as it must be: {pattern}.",
}
_OF_DATES = ("date", "datetime")
_TOO_LONG_TO_SAY = "That is longer than {max_length:,} characters. Shorten it, or attach it to a message."


def place(error: Mapping[str, Any]) -> str:
    """Where in the request it is, such as `ceiling.tokens`; empty where it is the request itself."""
    first, *others = error["loc"] or ("",)
    return ".".join(map(str, others if first in {"body", "query", "path"} else error["loc"]))


def sentence(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors in our words."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    path = place(error)
    where = path or "The request"
    if kind == "string_too_long" and path == "text":
        return _TOO_LONG_TO_SAY.format(**context)
    if kind in ("too_long", "too_short") and isinstance(error.get("input"), str | SecretStr):
        kind = f"string_{kind}"
    if kind in _WORDS:
        return _WORDS[kind].format(where=where, **context)
    if kind.startswith(_OF_DATES):
        return f"{where} is no day and no moment. Write it like 2026-05-01 or 2026-05-01T14:00:00Z."
    reason = str(context.get("error") or error["msg"]).rstrip(".")
    return f"{where} cannot be taken as it is: {reason[:1].lower()}{reason[1:]}."
