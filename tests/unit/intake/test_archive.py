"""Zips that are broken, made to do harm, or odd."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from everword.intake import archive
from everword.intake.archive import Archive, extended_timestamp
from everword.intake.errors import Bomb, Damaged
from everword.intake.formats import chatgpt
from everword.intake.records import Record
from everword.intake.source import Reading
from tests.unit.intake.made import chatgpt_export, trip, zipped
from tests.unit.intake.reading import messages, read

UTC_ZONE = ZoneInfo("UTC")


def opened(content: bytes) -> Archive:
    """The bytes as an archive."""
    return Archive("file.zip", io.BytesIO(content), UTC_ZONE)


def test_a_zip_that_was_cut_short_gives_what_is_whole() -> None:
    """Without its table of contents an archive is read from the beginning; the file that breaks off says so."""
    files = {f"{number}.txt": str(number) * 5000 for number in range(3)}
    content = zipped(files, compression=zipfile.ZIP_STORED)
    cut = opened(content[: 2 * 5000 + 500])
    assert cut.damage is not None
    whole = [cut.open(part).read() for part in cut.parts()[:2]]
    assert whole == [b"0" * 5000, b"1" * 5000]
    with pytest.raises(Damaged):
        cut.open(cut.parts()[2]).read()


def test_a_zip_written_to_a_stream_is_salvaged_too() -> None:
    """Files whose sizes stand behind them are found by unpacking."""

    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(3):
            with made.open(f"{number}.txt", "w", force_zip64=number == 1) as member:
                member.write(f"number {number} ".encode() * 300)
    cut = opened(stream.getvalue()[: stream.getvalue().index(b"PK\x01\x02")])
    assert [cut.open(part).read()[:8] for part in cut.parts()] == [b"number 0", b"number 1", b"number 2"]


def test_conversations_before_the_break_are_kept() -> None:
    """A ChatGPT export that broke off gives every conversation before the break, then the error."""
    talks = [{**trip(), "conversation_id": f"c{number}", "title": "x" * 3000} for number in range(40)]
    content = zipped({"conversations.json": json.dumps(talks)}, compression=zipfile.ZIP_STORED)
    source = opened(content[: len(content) // 2])
    found: list[Record] = []
    with pytest.raises(Damaged):
        found.extend(chatgpt.parse(source, Reading()))
    assert len(found) > 100


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes out is held to a ratio of what went in, and all of it to a sum, whatever sizes are declared."""
    monkeypatch.setattr(archive, "_RATIO_FROM_BYTES", 1_000_000)
    bomb = opened(zipped({"a.txt": bytes(30_000_000)}))
    with pytest.raises(Bomb):
        bomb.open(bomb.parts()[0]).read()
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 20_000_000)
    with pytest.raises(Bomb):
        opened(zipped({"a.txt": bytes(30_000_000)}))


def test_a_declared_size_that_lies_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that declares a few bytes and holds many is stopped or refused, never unpacked."""
    monkeypatch.setattr(archive, "_RATIO_FROM_BYTES", 1_000_000)
    content = bytearray(zipped({"a.txt": bytes(30_000_000)}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(signature) + place
        content[at : at + 4] = (10).to_bytes(4, "little")
    source = opened(bytes(content))
    with pytest.raises((Bomb, Damaged)):
        source.open(source.parts()[0]).read()


def test_names_that_climb_are_only_names() -> None:
    """A path that leads out of the folder is a label; nothing is written anywhere."""
    found = messages(read(zipped({"../../etc/passwd.txt": "root", "b.md": "b"})))
    assert {item.details["path"] for item in found.values() if item.details} == {"../../etc/passwd.txt", "b.md"}


def test_encrypted_files_are_skipped() -> None:
    """A file that needs a password is left out with that reason."""
    content = bytearray(zipped({"a.txt": "a", "b.txt": "b"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    source = opened(bytes(content))
    assert [part.path for part in source.parts()] == ["b.txt"]
    assert [(item.what, item.why) for item in source.skipped] == [("a.txt", "it is encrypted")]


def test_a_file_that_is_damaged_inside_costs_itself() -> None:
    """A checksum that does not fit is a skipped file in a folder, with the rest kept."""
    content = zipped({"a.txt": "first", "b.txt": "second"}, compression=zipfile.ZIP_STORED).replace(
        b"first", b"fIrst", 1
    )
    assert [item.text for item in messages(read(content)).values()] == ["second"]


def test_times_of_files_in_utc_where_the_archive_says() -> None:
    """The exact time in the extra field wins over the local time in the header."""
    at = datetime(2022, 6, 1, 12, 0, 1, tzinfo=UTC)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        entry = zipfile.ZipInfo("a.txt", (2020, 1, 1, 0, 0, 0))
        entry.extra = extended_timestamp(at)
        made.writestr(entry, "a")
        made.writestr(zipfile.ZipInfo("b.txt", (2020, 1, 1, 0, 0, 0)), "b")
    source = Archive("z", content, ZoneInfo("Europe/Berlin"))
    assert [part.modified_at for part in source.parts()] == [at, datetime(2019, 12, 31, 23, tzinfo=UTC)]


def test_an_archive_that_is_whole_has_no_damage() -> None:
    """A good archive is not called damaged."""
    assert opened(chatgpt_export(trip())).damage is None
