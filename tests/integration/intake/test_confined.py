"""The process that reads strangers' files, and what it cannot do."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

from everword.intake.errors import ParserCrashed
from everword.intake.extract import Extracted, extract_text
from everword.intake.supervise import Parser
from tests.unit.intake.made import pdf

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource limits")


def confined(statement: str) -> subprocess.CompletedProcess[str]:
    """What comes of a statement in a process that has confined itself."""
    code = f"import os, signal\nfrom everword.intake.limits import confine\nconfine(3)\n{statement}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@posix_only
def test_it_cannot_take_more_memory_than_it_may() -> None:
    """An allocation beyond the limit fails in the process, not on the machine."""
    assert "MemoryError" in confined("bytearray(3 << 30)").stderr


@posix_only
def test_it_cannot_write_a_file(tmp_path: Path) -> None:
    """A file that it opens stays empty."""
    target = tmp_path / "written"
    assert confined(f"open({str(target)!r}, 'wb').write(b'x' * 100000)").returncode != 0
    assert not target.exists() or target.stat().st_size == 0


@pytest.mark.slow
@posix_only
def test_it_cannot_run_for_ever() -> None:
    """A loop without end is ended by the system."""
    assert confined("while True: pass").returncode < 0


@posix_only
def test_it_is_the_last_in_line() -> None:
    """Its priority is low, and it leaves no core dump."""
    said = confined("import resource; print(os.nice(0), resource.getrlimit(resource.RLIMIT_CORE)[0])").stdout
    assert said.split() == ["15", "0"]


def test_extraction_happens_in_another_process() -> None:
    """The whole way: bytes to a confined process, and its words back; locked files too."""
    assert extract_text(pdf("Hello."), "application/pdf", "a.pdf") == Extracted("Hello.", 1, None)
    locked = extract_text(pdf("Hello.", password="x"), "application/pdf", "a.pdf")
    assert locked == Extracted("", None, "it is locked with a password")
    assert extract_text(b"\x89PNG", "image/png", "a.png").why_not == "files of this type hold no words that can be read"


def test_a_document_that_takes_too_much_is_given_up() -> None:
    """A PDF whose stream unpacks to far more than it holds gives no text and harms nothing here."""
    layer = zlib.compress(zlib.compress(bytes(200_000_000)))
    stream = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (len(layer), layer)
    page = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Contents [" + b"1 0 R " * 40 + b"] >>"
    rest = (page, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>", b"<< /Type /Catalog /Pages 3 0 R >>")
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, item) for number, item in enumerate((stream, *rest), 1))
    got = extract_text(b"%PDF-1.4\n" + body + b"trailer\n<< /Root 4 0 R /Size 5 >>\n", "application/pdf", "bomb.pdf")
    assert got.text == ""
    assert got.why_not


def test_a_killed_parser_is_an_error_with_the_signal() -> None:
    """Whatever ends the process, the reader is told and does not hang."""
    request = {"do": "extract", "media_type": "text/plain", "name": "a", "cpu_s": 5}
    with tempfile.TemporaryFile() as file, Parser(request, file) as parser:
        parser.kill()
        with pytest.raises(ParserCrashed, match="signal 9"):
            list(parser.frames())
