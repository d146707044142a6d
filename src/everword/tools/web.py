"""Fetching a page of the web: its text, which is a stranger's."""

from everword.core.types import Effect, Label, Permit
from everword.tools.children import Do
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool


def web_tools(do: Do) -> list[Tool]:
    """The tools that reach the web. Asking tells the host what one asks, so it is a query."""

    async def web_fetch(_asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        return Result(str(await do("web.fetch", {"url": arguments["url"]}, permit)), Label.STRANGER)

    return [
        Tool(
            name="web_fetch",
            description="Fetch one page of the web by its full address and get its text.",
            parameters={
                "type": "object",
                "properties": {
                    "url": {
                        "type": "string",
                        "minLength": 8,
                        "maxLength": 4_000,
                        "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
                    }
                },
                "required": ["url"],
                "additionalProperties": False,
            },
            effect=Effect.QUERY,
            reach=Reach.OUTSIDE,
            says=lambda arguments: f"Fetch {arguments['url']}",
            act=web_fetch,
            address="url",
            examples=({"url": "https://example.org/opening-hours"},),
        )
    ]
