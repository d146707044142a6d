"""Files inside an export that belong to its messages."""

import mimetypes
import re

from everword.intake.errors import Damaged
from everword.intake.records import File, Record, Skipped
from everword.intake.source import Part, Source

MAX_FILE_BYTES = 20 * 1024 * 1024
"""The largest file that is kept with a message, as for files sent in a conversation."""

_ASSET = re.compile(r"^[a-z-]+://(?:[^/#?]*/)*([A-Za-z0-9_-]+)")


def find_asset(source: Source, pointer: str, message: str, origin: str) -> Record:
    """The file that an asset pointer ("file-service://file-Ab12", "sediment://file_00ab") means, or why there is none.

    The export names such a file by the id, followed by its original name or ending.
    """
    match = _ASSET.match(pointer)
    asset_id = match.group(1) if match else pointer
    for part in source.parts():
        if part.name.startswith(asset_id):
            return read_file(source, part, message, origin, part.name.removeprefix(asset_id).lstrip("-_") or part.name)
    return Skipped("pictures and files", "the export does not hold them")


def read_file(source: Source, part: Part, message: str, origin: str, name: str) -> Record:
    """The file in `part` as one that belongs to `message`, or why not."""
    if part.size_bytes is not None and part.size_bytes > MAX_FILE_BYTES:
        return Skipped(part.path, "it is larger than 20 MiB")
    try:
        with source.open(part) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except Damaged as error:
        return Skipped(part.path, error.message)
    if len(content) > MAX_FILE_BYTES:
        return Skipped(part.path, "it is larger than 20 MiB")
    media_type = mimetypes.guess_type(part.name)[0] or "application/octet-stream"
    return File(message, origin, name if "." in name[1:] else part.name, media_type, content)
