"""Fetching a page of the web: its text, which is a stranger's."""

import asyncio

from everword.connectors.web.errors import CannotFetch
from everword.connectors.web.fetch import Elsewhere, Fetcher, Page
from everword.core.types import Effect, Label, Permit
from everword.intake.documents import PDF
from everword.intake.extract import Extracted, extract_page, extract_text
from everword.tools.errors import NothingHappened
from everword.tools.manifest import Arguments, Asked, Reach, Result, Tool


def web_tools(fetcher: Fetcher) -> list[Tool]:
    """The tools that reach the web. Asking tells the host what one asks, so it is a query."""

    async def web_fetch(asked: Asked, arguments: Arguments, permit: Permit) -> Result:
        try:
            came = await fetcher.fetch(str(arguments["url"]), permit)
        except CannotFetch as error:
            raise NothingHappened(why=error.message) from error
        if isinstance(came, Elsewhere):
            return Result(f"{came.url} leads to {came.to}, at another host. That was not fetched.", Label.STRANGER)
        extracted = await asyncio.to_thread(_text_of, came)
        return Result(_told(came, extracted), Label.STRANGER)

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


def _text_of(page: Page) -> Extracted:
    """Its words, read out in a process of its own."""
    if page.media_type == PDF:
        return extract_text(page.content, PDF, "page.pdf")
    return extract_page(page.content, page.media_type, page.charset)


def _told(page: Page, extracted: Extracted) -> str:
    lines = [f"The text of {page.url}:", "", extracted.text.strip() or "It holds no text."]
    if extracted.why_not is not None:
        lines += ["", f"({extracted.why_not})"]
    return "\n".join(lines)
