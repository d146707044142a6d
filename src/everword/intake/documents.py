"""The text in a document, read inside the parser's process."""

import io
import mimetypes
from typing import Any

from everword.intake.text import MAX_TEXT_BYTES, decode, storable

MAX_PAGES = 2000
_TEXT_TYPES = ("application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml")
PDF = "application/pdf"


def kind_of(media_type: str, name: str) -> str | None:
    """ "pdf" or "text" where words can be read out of such a file; None for pictures and everything else."""
    media_type = media_type.partition(";")[0].strip().lower()
    if media_type in ("", "application/octet-stream"):
        media_type = mimetypes.guess_type(name)[0] or ""
    if media_type == PDF:
        return "pdf"
    if media_type.startswith("text/") or media_type in _TEXT_TYPES or media_type.endswith(("+json", "+xml")):
        return "text"
    return "text" if name.lower().endswith((".md", ".markdown", ".txt", ".rst", ".org", ".log", ".csv")) else None


def read_text(content: bytes, media_type: str, name: str) -> dict[str, Any]:
    """{text, pages, why_not}: the words, cut at 4 MiB, and why there are none or not all."""
    if kind_of(media_type, name) == "pdf":
        return _pdf(content)
    decoded = decode(content)
    if decoded is None:
        return {"text": "", "pages": None, "why_not": "it holds bytes that are no text"}
    return cut(decoded.text, None, None)


def _pdf(content: bytes) -> dict[str, Any]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    logging.disable(logging.CRITICAL)  # it writes about every oddity of a file
    pages: list[str] = []
    size = 0
    why_not = None
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"text": "", "pages": None, "why_not": "it is locked with a password"}
        count = len(reader.pages)
        for page in reader.pages:
            pages.append(page.extract_text())
            size += len(pages[-1])
            if len(pages) == MAX_PAGES or size > MAX_TEXT_BYTES:
                break
        if len(pages) < count:
            why_not = f"only the first {len(pages)} of {count} pages were read"
    except FileNotDecryptedError:
        return {"text": "", "pages": None, "why_not": "it is locked with a password"}
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        why_not = f"the PDF is damaged ({type(error).__name__})"
    text = "\n\n".join(page for page in pages if page.strip())
    if not text and why_not is None:
        why_not = "it holds pictures of text only"
    return cut(text, len(pages), why_not)


def cut(text: str, pages: int | None, why_not: str | None) -> dict[str, Any]:
    """{text, pages, why_not} of a text that any database can hold, cut at 4 MiB."""
    text = storable(text)
    encoded = text.encode()
    if len(encoded) > MAX_TEXT_BYTES:
        text = encoded[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
        why_not = why_not or "only the first 4 MiB of its text were kept"
    return {"text": text, "pages": pages, "why_not": why_not}
