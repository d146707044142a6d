"""Words in the bytes of files, in every form that they take there."""

import base64
import gzip
import json
import zipfile
from pathlib import Path

import pytest

from everword.storage.raw_words import holding

WORD = "Käsebrot77"
FORMS = {
    "plain": WORD.encode(),
    "utf-16": WORD.encode("utf-16-le"),
    "escaped": json.dumps({"text": WORD}).encode(),
    **{f"base64, {shift} before": base64.b64encode(b"x" * shift + WORD.encode() + b"yy") for shift in range(4)},
    "url-safe base64": base64.urlsafe_b64encode(b"?>" + WORD.encode() + b"??"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_word_is_found_in_each_form(tmp_path: Path, form: str) -> None:
    """Among other bytes, wherever it starts; another word is not."""
    file = tmp_path / "file"
    file.write_bytes(b"\xff\x00 before " + FORMS[form] + b" after")
    assert holding([file], [WORD, "nothing like it"]) == {file: {WORD}}


def test_zips_are_looked_into(tmp_path: Path) -> None:
    """An export that was left is found though it is compressed; a file that is no zip inside is no trouble."""
    archive, broken = tmp_path / "a.zip", tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("ledger.jsonl", "x" * 2_000_000 + WORD)
    broken.write_bytes(b"PK\x03\x04" + gzip.compress(b"nothing"))
    assert holding([archive, broken, tmp_path / "gone"], [WORD]) == {archive: {WORD}}
