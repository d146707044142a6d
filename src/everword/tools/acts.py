"""What children do, by name: each gets JSON and gives JSON back, and none of them ever sees the database."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everword.core.types import Permit
from everword.tools import file_acts
from everword.tools.errors import NothingHappened

if TYPE_CHECKING:
    from everword.connectors.web.fetch import Fetcher, Page

Read = Callable[[Mapping[str, Any]], Any]
Act = Callable[[Mapping[str, Any], Permit], Any]


@dataclass(frozen=True, slots=True)
class Acts:
    """What can be done: `reads` change nothing; `acts` change something outside, and take guard's permit for it.

    What finds and judges addresses of the web is `fetcher`'s, an argument for tests alone.
    """

    fetcher: "Fetcher | None" = None

    def do(self, name: str, arguments: Mapping[str, Any], permit: Permit | None) -> Any:
        """Do it, and block until it is done. Raises what it raises, and LookupError where there is none such."""
        if permit is None:
            return self._reads()[name](arguments)
        return self._acts()[name](arguments, permit)

    async def here(self, name: str, arguments: Mapping[str, Any], permit: Permit | None) -> Any:
        """Do it in a thread of this process, which cannot be killed: for trials."""
        return await asyncio.to_thread(self.do, name, arguments, permit)

    def _reads(self) -> dict[str, Read]:
        return {
            "files.list": file_acts.list_files,
            "files.read": file_acts.read_file,
            "files.holds": file_acts.holds,
            "files.is_gone": file_acts.is_gone,
            "letters.was_sent": _was_sent,
        }

    def _acts(self) -> dict[str, Act]:
        return {
            "files.write": file_acts.write_file,
            "files.delete": file_acts.delete_file,
            "letters.send": _send,
            "web.fetch": self._fetch,
        }

    def _fetch(self, arguments: Mapping[str, Any], permit: Permit) -> str:
        """One page as text, read out in a process of its own."""
        from everword.connectors.web.errors import CannotFetch
        from everword.connectors.web.fetch import Elsewhere, Fetcher

        try:
            came = asyncio.run((self.fetcher or Fetcher()).fetch(str(arguments["url"]), permit))
        except CannotFetch as error:
            raise NothingHappened(why=error.message) from error
        if isinstance(came, Elsewhere):
            return f"{came.url} leads to {came.to}, at another host. That was not fetched."
        return _text_of(came)


def _text_of(page: "Page") -> str:
    from everword.intake.documents import PDF
    from everword.intake.extract import extract_page, extract_text

    if page.media_type == PDF:
        extracted = extract_text(page.content, PDF, "page.pdf")
    else:
        extracted = extract_page(page.content, page.media_type, page.charset)
    lines = [f"The text of {page.url}:", "", extracted.text.strip() or "It holds no text."]
    if extracted.why_not is not None:
        lines += ["", f"({extracted.why_not})"]
    return "\n".join(lines)


def _send(arguments: Mapping[str, Any], permit: Permit) -> str:
    from everword.connectors import null

    try:
        asyncio.run(null.send(str(arguments["address"]), str(arguments["way"]), str(arguments["text"]), permit))
    except null.LetterBoxRefused as error:
        raise NothingHappened(why=error.message) from error
    return "Sent."


def _was_sent(arguments: Mapping[str, Any]) -> bool:
    from everword.connectors import null

    return asyncio.run(null.was_sent(str(arguments["address"]), str(arguments["key"])))
