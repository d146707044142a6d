"""Reading made files without a process, a disk or a database."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

from everword.intake.detect import detect, open_source
from everword.intake.fit import fitted
from everword.intake.formats.parsers import FORMATS
from everword.intake.records import Message, Record
from everword.intake.source import Reading, Source


def source_of(content: bytes, name: str = "file", zone: str = "UTC") -> Source:
    """The bytes as a source."""
    return open_source(name, io.BytesIO(content), len(content), None, Reading(ZoneInfo(zone)))


def read(content: bytes, name: str = "file", zone: str = "UTC") -> list[Record]:
    """Every record, by the format that is found."""
    source = source_of(content, name, zone)
    return [*fitted(FORMATS[detect(source)](source, Reading(ZoneInfo(zone)))), *source.skipped]


def messages(records: list[Record]) -> dict[str, Message]:
    """The messages among records, by their external ids."""
    return {record.external_id: record for record in records if isinstance(record, Message)}
