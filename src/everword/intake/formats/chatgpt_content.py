"""What a message of a ChatGPT export says, by its type of content."""

from dataclasses import dataclass
from typing import Any

_THOUGHTS = "the model's reasoning"
_NOT_SAID = "it is kept beside the talk, not said in it"


@dataclass(frozen=True, slots=True)
class Content:
    """The words, and the pointers to files that were sent along. `why_not` where there is nothing to keep."""

    type: str
    text: str = ""
    assets: tuple[str, ...] = ()
    left_out: str = ""
    why_not: str = ""


def read_content(raw: object) -> Content:
    """The content of a message."""
    if not isinstance(raw, dict):
        return Content("none")
    kind = str(raw.get("content_type", "text"))
    match kind:
        case "text" | "multimodal_text":
            return _parts(kind, raw.get("parts"))
        case "code" | "execution_output" | "computer_output" | "system_error":
            return Content(kind, _text(raw.get("text")))
        case "tether_quote":
            return Content(kind, _lines(raw.get("title"), raw.get("url"), raw.get("text")))
        case "tether_browsing_display":
            return Content(kind, _lines(raw.get("summary"), raw.get("result")))
        case "thoughts" | "reasoning_recap":
            return Content(kind, left_out=_THOUGHTS, why_not=_NOT_SAID)
        case "user_editable_context" | "model_editable_context":
            return Content(kind, left_out="custom instructions and the service's memory", why_not=_NOT_SAID)
    found = _parts(kind, raw.get("parts")) if "parts" in raw else Content(kind, _text(raw.get("text")))
    if found.text or found.assets:
        return found
    return Content(kind, why_not=f"its type of content is not known: {kind[:60]}")


def _parts(kind: str, parts: object) -> Content:
    """Strings are words; objects are words heard or pointers to files."""
    words: list[str] = []
    assets: list[str] = []
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                words.append(part["text"])
            assets.extend(_pointers(part))
    return Content(kind, "\n".join(word for word in words if word), tuple(assets))


def _pointers(part: dict[str, Any]) -> list[str]:
    """The asset pointers in a part; audio and video wrap theirs in a part of their own."""
    inner = [part, *(value for value in part.values() if isinstance(value, dict))]
    return [pointer for one in inner if isinstance(pointer := one.get("asset_pointer"), str)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _lines(*values: object) -> str:
    return "\n".join(value for value in values if isinstance(value, str) and value)
