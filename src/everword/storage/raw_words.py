"""Words in the bytes of files: in every form that text takes there before something compresses or encrypts it.

Files are read in a child process. SQLite's locks belong to a process, and the system drops all of them when that
process closes the file anywhere, however it had opened it: then another process (a backup, say) may believe that
nobody uses the database, and remove its write-ahead log. See "How To Corrupt An SQLite Database File", 2.2.
"""

import base64
import json
import mmap
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

_LONGEST_S = 600.0
_ZIP = b"PK\x03\x04"
_PIECE_BYTES = 1 << 20
_LONGEST_FORM = 1024


def holding(paths: Sequence[Path], words: Collection[str]) -> dict[Path, set[str]]:
    """Of those files, the ones in which any of `words` stand, and which. A file that is gone by now has none."""
    if not words or not paths:
        return {}
    asked = {"paths": [str(path) for path in paths], "words": sorted(words)}
    done = subprocess.run(  # words go by a pipe: arguments are there for everybody on the machine to read
        [sys.executable, "-P", "-m", "everword.storage.raw_words"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LONGEST_S,
        check=True,
    )
    return {Path(path): set(found) for path, found in json.loads(done.stdout).items()}


def files_of(folder: Path, skipping: Collection[str] = ()) -> Iterator[Path]:
    """Every file beneath `folder`, but for what lies in its subfolders of those names."""
    if folder.is_file():
        yield folder
    elif folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name not in skipping:
                yield from files_of(path)


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


def _words_in(path: Path, words: Sequence[str]) -> list[str]:
    try:
        with path.open("rb") as file:
            if not file.seek(0, 2):
                return []
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                found = {word for word in words if any(content.find(form) >= 0 for form in forms(word))}
                if content[:4] == _ZIP:
                    found |= _in_zip(path, words)
        return sorted(found)
    except FileNotFoundError:
        return []


def _in_zip(path: Path, words: Sequence[str]) -> set[str]:
    """An export that somebody left here: its members are looked through, too."""
    found: set[str] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                found |= _in_member(archive, name, {word: forms(word) for word in words})
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return found  # no zip after all, or one with a password: its bytes were looked through as they are
    return found


def _in_member(archive: zipfile.ZipFile, name: str, looked_for: Mapping[str, Collection[bytes]]) -> set[str]:
    found: set[str] = set()
    before = b""
    with archive.open(name) as member:
        while piece := member.read(_PIECE_BYTES):
            content = before + piece
            found |= {word for word, those in looked_for.items() if any(form in content for form in those)}
            before = piece[-_LONGEST_FORM:]
    return found


def main() -> None:
    """The child: a question as JSON on standard input, the answer as JSON on standard output."""
    asked = json.load(sys.stdin)
    found = {path: _words_in(Path(path), asked["words"]) for path in asked["paths"]}
    json.dump({path: words for path, words in found.items() if words}, sys.stdout)


if __name__ == "__main__":
    main()
