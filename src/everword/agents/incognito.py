"""An incognito conversation: a model answers, and nothing is kept. No entry, run, event or recall; no tools.

The words are in the page of whoever talks, and here only while an answer is being written.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from everword.agents.context import ANSWER_TOKENS, Prompt, estimate_tokens, fitting
from everword.agents.speaking import speak
from everword.core.errors import Invalid
from everword.core.types import Principal, Priority
from everword.models.admission import OnQueue
from everword.models.gateway import Gateway
from everword.models.types import ModelInfo

_MOST_FILE_SHARE = 0.5
_LEAST_FILE_CHARACTERS = 400
_CHARACTERS_A_TOKEN = 3

INSTRUCTIONS = (
    "You are Everword, an assistant. Answer briefly and plainly. This conversation is incognito: you have no memory of "
    "anything said before it, and nothing of it is kept. When asked about earlier conversations, say that you cannot "
    "look into them here."
)


@dataclass(frozen=True, slots=True)
class File:
    """A text that came with a message."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said: by the person, with the files that came with it, or by the assistant."""

    is_assistant: bool
    text: str
    files: tuple[File, ...] = ()


def check(turns: Sequence[Turn]) -> None:
    """Raises Invalid where the last turn is nothing that can be answered."""
    if not turns or turns[-1].is_assistant:
        raise Invalid(why="The last of the turns must be yours: it is what is answered.")
    if not (turns[-1].text.strip() or turns[-1].files):
        raise Invalid(why="There is nothing to send. Type something, or attach a text file.")


async def answer(
    gateway: Gateway,
    who: Principal,
    turns: Sequence[Turn],
    model: ModelInfo,
    *,
    own_instructions: str = "",
    on_queue: OnQueue | None = None,
) -> AsyncGenerator[str]:
    """The answer to the last turn, piece by piece. Closing the generator stops the model: use it with `aclosing`.

    What stays is one row of usage: figures, the model and the time. Raises ModelErrors.
    """
    prompt = assemble(turns, own_instructions=own_instructions, context_tokens=model.context_tokens)
    speaker = gateway.model(who, model.id, priority=Priority.PERSON, on_queue=on_queue)
    async with aclosing(speak(speaker, prompt)) as pieces:
        async for piece in pieces:
            yield piece


def assemble(turns: Sequence[Turn], *, own_instructions: str, context_tokens: int) -> Prompt:
    """The prompt that answers the last turn; the oldest turns are left out where the whole does not fit."""
    instructions = INSTRUCTIONS + (f"\n\n{own_instructions.strip()}" if own_instructions.strip() else "")
    answer_tokens = min(ANSWER_TOKENS, context_tokens // 4)
    room = context_tokens - answer_tokens - estimate_tokens(instructions)
    asked = _read(turns[-1], int(room * _MOST_FILE_SHARE))
    earlier = [(turn.is_assistant, _read(turn, int(room * _MOST_FILE_SHARE))) for turn in turns[:-1]]
    history = fitting([each for each in earlier if each[1]], room - estimate_tokens(asked))
    return Prompt(instructions, history, asked, answer_tokens)


def _read(turn: Turn, room_tokens: int) -> str:
    """A turn as a model reads it: its files first, each with its share of the room."""
    parts = []
    for file in turn.files:
        share = max(room_tokens // len(turn.files) * _CHARACTERS_A_TOKEN, _LEAST_FILE_CHARACTERS)
        kept = file.text[:share]
        cut = "" if len(kept) == len(file.text) else f" (its first {len(kept):,} of {len(file.text):,} characters)"
        parts.append(f"The attached file {file.name}{cut}:\n{kept}")
    return "\n\n".join([*parts, turn.text]).strip()
