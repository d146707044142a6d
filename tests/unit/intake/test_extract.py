"""The text in attachments."""

from __future__ import annotations

import pytest

from everword.intake.documents import kind_of
from everword.intake.documents import read_text as read
from everword.intake.extract import can_extract
from tests.unit.intake.made import pdf


def test_a_pdf_page_by_page() -> None:
    """Every page's words come out, in order, with how many pages there were."""
    got = read(pdf("The lease ends in May.", "Signed by Anna."), "application/pdf", "lease.pdf")
    assert got == {"text": "The lease ends in May.\n\nSigned by Anna.", "pages": 2, "why_not": None}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf("secret", password="x"), "locked with a password"),
        (pdf(""), "pictures of text only"),
        (b"%PDF-1.7 nonsense", "damaged"),
        (pdf("a")[:200], "damaged"),
        (b"", "damaged"),
    ],
)
def test_a_pdf_that_gives_no_words_says_why(content: bytes, why: str) -> None:
    """Locked, scanned, damaged and empty files give no text and a reason."""
    got = read(content, "application/pdf", "f.pdf")
    assert got["text"] == ""
    assert why in got["why_not"]


def test_text_in_any_encoding_and_of_any_length() -> None:
    """Text is decoded by what it is, and cut at 4 MiB with a note."""
    assert read("Größe".encode("utf-16"), "text/plain", "a.txt")["text"] == "Größe"
    assert read("Größe".encode("cp1252"), "text/csv", "a.csv")["text"] == "Größe"
    long = read("ü".encode() * 4_000_000, "text/plain", "a.txt")
    assert (len(long["text"].encode()), long["why_not"]) == (
        4 * 1024 * 1024,
        "only the first 4 MiB of its text were kept",
    )
    assert read(b"\0\1\2", "text/plain", "a.txt")["why_not"] == "it holds bytes that are no text"


@pytest.mark.parametrize(
    ("media_type", "name", "kind"),
    [
        ("application/pdf", "a", "pdf"),
        ("application/octet-stream", "a.pdf", "pdf"),
        ("text/markdown; charset=utf-8", "a", "text"),
        ("application/json", "a", "text"),
        ("", "notes.md", "text"),
        ("image/png", "a.png", None),
        ("application/zip", "a.zip", None),
    ],
)
def test_which_files_hold_words(media_type: str, name: str, kind: str | None) -> None:
    """The type says it, and where it says nothing, the name does."""
    assert kind_of(media_type, name) == kind
    assert can_extract(media_type, name) is (kind is not None)
