"""The text in a page of the web, read inside the parser's process: Markdown without menus, forms and pictures."""

import codecs
import re
from typing import Any

from everword.intake.documents import cut
from everword.intake.text import decode

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_SAID = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_DEEPEST = 400


def read_page(content: bytes, media_type: str, charset: str | None) -> dict[str, Any]:
    """{text, pages, why_not}: the words of a page, cut at 4 MiB, and why there are none or not all."""
    is_html = media_type in _HTML
    text = _decoded(content, charset, is_html=is_html)
    if text is None:
        return {"text": "", "pages": None, "why_not": "it holds bytes that are no text"}
    return cut(_markdown(text) if is_html else text, None, None)


def _markdown(html: str) -> str:
    from html_to_markdown import ConversionOptions, PreprocessingOptions, convert

    options = ConversionOptions(
        extract_metadata=True,
        skip_images=True,
        max_depth=_DEEPEST,
        preprocessing=PreprocessingOptions(enabled=True, remove_navigation=True, remove_forms=True),
    )
    return convert(html, options).content or ""


def _decoded(content: bytes, charset: str | None, *, is_html: bool) -> str | None:
    """By its mark, by what its server or the page itself says, else by what it looks like."""
    marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if charset is None and is_html and (said := _SAID.search(content[:2_048])):
        charset = said.group(1).decode("ascii")
    if charset is not None and not marked:
        try:
            return content.decode(codecs.lookup(charset).name, errors="replace")
        except (LookupError, UnicodeError):
            pass
    decoded = decode(content)
    return None if decoded is None else decoded.text
