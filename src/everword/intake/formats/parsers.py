"""Every format by its name, with what parses it."""

from collections.abc import Callable, Iterator

from everword.intake.formats import chatgpt, claude, entries, everword, files
from everword.intake.records import Record
from everword.intake.source import Reading, Source

Parser = Callable[[Source, Reading], Iterator[Record]]

FORMATS: dict[str, Parser] = {
    "chatgpt": chatgpt.parse,
    "claude": claude.parse,
    "everword": everword.parse,
    "entries": entries.parse,
    "files": files.parse,
}
"""Every format by its name, as `--format` takes it."""
