"""Words in the bytes of files: in every form that text takes there before something compresses or encrypts it."""

import base64
import json
import mmap
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path


def forms(word: str) -> set[bytes]:
    """The bytes by which `word` may stand in a file: UTF-8, UTF-16, escaped as JSON, and within base64."""
    plain = word.encode()
    found = {plain, word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()}
    for before in range(3):  # base64 takes three bytes at a time: what stands around decides the first and last letters
        coded = base64.b64encode(b"\0" * before + plain)
        inner = coded[-(-before * 8 // 6) : len(coded) - (4 if (before + len(plain)) % 3 else 0)]
        if len(inner) >= 8:
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def files_of(folder: Path, skipping: Collection[str] = ()) -> Iterator[Path]:
    """Every file beneath `folder`, but for what lies in its subfolders of those names."""
    if folder.is_file():
        yield folder
    elif folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name not in skipping:
                yield from files_of(path)


def words_in(path: Path, words: Iterable[str]) -> set[str]:
    """Those of `words` that stand in a file, in any form. A file that is gone by now has none."""
    try:
        with path.open("rb") as file:
            if not file.seek(0, 2):
                return set()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return {word for word in words if any(content.find(form) >= 0 for form in forms(word))}
    except FileNotFoundError:
        return set()
