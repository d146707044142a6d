"""Letters to the null connector: sending in the three ways that services outside have. For tests and trials."""

from everword.core.ids import EffectId
from everword.core.types import Effect, Permit
from everword.tools.children import Do
from everword.tools.manifest import Arguments, Asked, Known, Reach, Result, Tool


def letter_tools(address: str, do: Do) -> list[Tool]:
    """`send_keyed`, `send_tracked`, `send_blind`: with a key, with one that can be asked for, and with neither."""

    def sending(way: str) -> Tool:
        async def send(_asked: Asked, arguments: Arguments, permit: Permit) -> Result:
            told = {"address": address, "way": way, "text": arguments["text"]}
            return Result(str(await do("letters.send", told, permit)))

        async def look_up(_asked: Asked, _arguments: Arguments, effect_id: EffectId) -> Known:
            return Known.of(await do("letters.was_sent", {"address": address, "key": effect_id}, None))

        return Tool(
            name=f"send_{way}",
            description="Put a letter into the letter box.",
            parameters={
                "type": "object",
                "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 10_000}},
                "required": ["text"],
                "additionalProperties": False,
            },
            effect=Effect.SEND,
            reach=Reach.OUTSIDE,
            says=lambda arguments: f"Send “{arguments['text']}”",
            act=send,
            look_up=look_up if way == "tracked" else None,
            takes_key=way == "keyed",
            examples=({"text": "Good morning"},),
        )

    return [sending(way) for way in ("keyed", "tracked", "blind")]
