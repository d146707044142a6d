"""A folder of Markdown and text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from everword.intake.errors import UnknownFormat
from everword.intake.records import Skipped
from tests.unit.intake.made import zipped
from tests.unit.intake.reading import messages, read

NOTE = '---\ntitle: "On bread"\ndate: 2021-03-04\nauthor: Ann\n---\n# Dough\n\nRest it.\n'


def test_a_file_is_a_document_kept_verbatim() -> None:
    """The whole file is one document, its front matter included; title, author and date are read from there."""
    found = messages(read(zipped({"notes/bread.md": NOTE, "notes/b.txt": "b"}), zone="Europe/Berlin"))
    document = next(item for item in found.values() if "Rest" in item.text)
    assert document.text == NOTE
    assert (document.kind, document.speaker, document.conversation) == ("document", "Ann", None)
    assert document.details == {"title": "On bread", "path": "bread.md"}
    assert document.said_at == datetime(2021, 3, 3, 23, tzinfo=UTC)


def test_a_folder_and_a_zip_of_it_are_the_same() -> None:
    """The one folder around everything does not count, so that both ways give the same ids."""
    inside = set(messages(read(zipped({"a.md": "a", "sub/b.txt": "b"}))))
    assert set(messages(read(zipped({"notes/a.md": "a", "notes/sub/b.txt": "b"})))) == inside


def test_other_files_are_counted_by_kind() -> None:
    """What is not text is named once for each kind, with how many there were."""
    files: dict[str, bytes | str] = {
        "a.md": "a",
        "x/1.png": b"\x89",
        "x/2.PNG": b"\x89",
        ".git/config": "c",
        "LICENSE": "l",
        "in.zip": zipped({"b": "b"}),
    }
    records = read(zipped(files))
    assert {(item.what, item.count) for item in records if isinstance(item, Skipped)} == {
        (".png files", 2),
        ("hidden files", 1),
        ("files without an ending", 1),
        (".zip files", 1),
    }


@pytest.mark.parametrize(
    ("content", "why"), [(b"a\0b\0\x01", "no text"), (b"  \n", "empty"), (b"x" * 5_000_000, "4 MiB")]
)
def test_files_that_are_no_text(content: bytes, why: str) -> None:
    """Binary, empty and huge files are skipped with the reason; the others are kept."""
    records = read(zipped({"bad.txt": content, "good.txt": "good"}))
    assert [item.text for item in messages(records).values()] == ["good"]
    assert [why in item.why for item in records if isinstance(item, Skipped)] == [True]


def test_a_single_text_of_any_name() -> None:
    """One text file is a document, whatever it is called."""
    assert [item.text for item in messages(read(b"Dear diary", "diary")).values()] == ["Dear diary"]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a"), (b"\x89PNG\0\0", "p.png"), (b'{"a": 1}', "a.json"), (zipped({"a.exe": b"MZ\0\0"}), "z.zip")],
)
def test_what_is_none_of_the_formats(content: bytes, name: str) -> None:
    """Anything else is refused with a sentence that says what is taken."""
    with pytest.raises(UnknownFormat, match=r"docs/import\.md"):
        read(content, name)
