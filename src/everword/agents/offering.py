"""What a small model is offered for a request: a few examples like it, and the tools that those use.

A small model chooses well among two or three tools and badly among twenty, and it reads a page of descriptions for
longer than it thinks. So the choice is narrowed by what the request resembles: nearest neighbours among `examples`, by
static word vectors and by common words, since how somebody asks is mostly in words that carry little meaning.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from everword.agents.examples import EXAMPLES, Example
from everword.core.types import Effect
from everword.tools.manifest import Reach, Tool
from everword.tools.toolbox import Toolbox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 4
_SAME_WORDS = 0.6  # what a way of asking gains whose every word is in the request
_SAME_VERB = 0.25  # what it gains where both begin with the same verb: "remember", "delete"
_BEHIND = 0.15  # so far behind the nearest an example is another matter
_CLEAR = 0.5  # less alike than that may be by chance
_CLEAR_PART = 0.6
_LEAST = 0.3  # less alike than that is another matter
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"(?<=[.!?;])\s+|,?\s+(?:and|then|but)\s+(?:then\s+)?")
_NAMED = (
    (re.compile(r"\bhttps?://\S+", re.IGNORECASE), "this web page"),
    (re.compile(r"(?<!\S)[\w/.-]*\w\.[a-z]{2,4}\b(?![/.]\w)"), "this text file"),
)
"""What is named counts as what it is: two file names have nothing else in common."""
_POLITE = frozenset(("please", "then", "also", "now", "could", "can", "would", "you"))
_NO_VERB = re.compile(
    r"(?:wh\w+|how|is|are|am|was|were|do|does|did|has|have|had|i|we|you|he|she|it|they|the|an?|my|our|your|his|her|"
    r"this|that|there|if|in|on|at|to|from|for|with|before|after)"
)
LOOKING = "recall"
"""The tool that looks into the owner's memory: what is tried where nothing else is clearly meant."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a request resembles, the nearest last; the tools that may be called, in the toolbox's order; and whether it
    resembles what needs none (`is_general`)."""

    examples: tuple[Example, ...]
    tools: tuple[Tool, ...]
    is_general: bool


def offer(request: str, toolbox: Toolbox, called: Collection[str] = ()) -> Offer:
    """What a model is offered for a request, `called` tools among it. The same request and tools give the same offer.

    Each part of the request counts ("Fetch this and note down that"). Where nothing is clearly alike, what only reads
    is offered, the owner's memory first. Tools without an example (those of MCP servers) are compared by what they say
    of themselves.
    """
    known = [example for example in EXAMPLES if all(toolbox.get(name) for name in example.tools)]
    with_example = frozenset[str]().union(*(example.tools for example in EXAMPLES))
    others = [tool for tool in toolbox if tool.name not in with_example and tool.reach is Reach.OUTSIDE]
    choices: list[Example | Tool] = [*known, *others]
    near = _nearest(request, choices)
    if max(near.values(), default=0.0) < _CLEAR:
        near = {
            place: score
            for place, score in near.items()
            if score > _LEAST and _changes_nothing(choices[place], toolbox)
        }
        near.update({place: 0.0 for place, example in enumerate(known) if example.tools == {LOOKING}})
    chosen = [choices[place] for place in sorted(near, key=lambda place: near[place])]
    examples = tuple(each for each in chosen if isinstance(each, Example))
    names = {name for example in examples for name in example.tools} | set(called)
    names |= {each.name for each in chosen if isinstance(each, Tool)}
    is_general = any(not example.made for example in examples)
    return Offer(examples, tuple(tool for tool in toolbox if tool.name in names), is_general)


def _changes_nothing(choice: Example | Tool, toolbox: Toolbox) -> bool:
    """Whether all that it would call only reads: where it is not clear what is wanted, nothing else is done."""
    tools = [choice] if isinstance(choice, Tool) else [toolbox.get(name) for name in choice.tools]
    return all(tool is not None and only_reads(tool) for tool in tools)


def only_reads(tool: Tool) -> bool:
    """Whether a tool changes nothing, and takes nobody's time."""
    return tool.effect in {Effect.READ, Effect.QUERY} and not tool.asks_owner and not tool.watches_run


def _nearest(request: str, choices: Sequence[Example | Tool]) -> dict[int, float]:
    """The choices that are nearest to a request or clearly to a part of it, and how near: 1 and more is the same."""
    found: dict[int, float] = {}
    parts = [part for part in _PART.split(request) if len(_words(part)) > 1]
    for text in dict.fromkeys([request, *parts]):
        scores = _likeness(text, choices)
        best = max(scores, default=0.0)
        if text != request and best < _CLEAR_PART:
            continue
        for place, score in enumerate(scores):
            if score > best - _BEHIND:
                found[place] = max(score, found.get(place, score))
    return dict(sorted(found.items(), key=lambda item: item[1])[-_MOST:])


def _likeness(text: str, choices: Sequence[Example | Tool]) -> list[float]:
    """How alike a text is to each: 1 and more for the same words, about 0 for another matter."""
    asked, words, verb = _embedded((text,))[0], _words(text), _verb(text)
    return [_score(asked, words, verb, choice) for choice in choices]


def _score(asked: "NDArray[np.float32]", words: frozenset[str], verb: str, choice: Example | Tool) -> float:
    ways = tuple(choice.ways) if isinstance(choice, Example) else (_described(choice),)
    meant = _embedded(ways) @ asked
    common = [len(_words(way) & words) / max(1, len(_words(way))) for way in ways]
    begins = [_SAME_VERB * (_verb(way) == verb != "") for way in ways]
    scored = zip(meant, common, begins, strict=True)
    return max(max(float(near), 0.0) + _SAME_WORDS * share + more for near, share, more in scored)


def _described(tool: Tool) -> str:
    return f"{_words_of_name(tool.name)}. {tool.description.splitlines()[0] if tool.description else ''}"


def _words_of_name(name: str) -> str:
    return " ".join(re.split(r"[_\W]+", name))


@lru_cache(maxsize=512)
def _embedded(ways: tuple[str, ...]) -> "NDArray[np.float32]":
    from everword.weights.embedders import static_embedder

    return static_embedder().embed([_plain(way) for way in ways])


def _verb(text: str) -> str:
    """The word that tells what is to be done; none where the text is a question or a statement."""
    first = next((word for word in _WORD.findall(text.lower()) if word not in _POLITE), "")
    return "" if _NO_VERB.fullmatch(first) else first


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_plain(text).lower()))


def _plain(text: str) -> str:
    for pattern, kind in _NAMED:
        text = pattern.sub(kind, text)
    return text
