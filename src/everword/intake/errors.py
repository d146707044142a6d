"""What can be wrong with what is brought in, and what to do about it."""

from everword.core.errors import EverwordError


class ImportFailed(EverwordError):
    """The import stopped: {why}. What was read until then is kept."""

    code = "import_failed"
    status = 422


class UnknownFormat(EverwordError):
    """This is none of the formats that can be imported: {why}. It takes ChatGPT and Claude exports, folders or zips \
of Markdown and text, and JSON Lines (see docs/import.md)."""

    code = "unknown_format"
    status = 422


class NothingReadable(EverwordError):
    """Nothing in this file could be read, so nothing was brought in: {why}. docs/import.md says what each format \
looks like."""

    code = "nothing_readable"
    status = 422


class Damaged(EverwordError):
    """{what} is damaged or cut short: {why}. What could be read before that is kept. Export or copy the file \
again and import it once more: nothing is doubled."""

    code = "damaged_file"
    status = 422


class Bomb(EverwordError):
    """{what} unpacks to far more than it holds ({why}), as files do that were made to fill a disk. It was not \
unpacked further."""

    code = "archive_bomb"
    status = 422


class ParserCrashed(EverwordError):
    """The part that reads files ended without an answer ({why}). What was read until then is kept; the file may be \
damaged or made to do harm."""

    code = "parser_crashed"
    status = 422


class ImportTooLarge(EverwordError):
    """The file is larger than {limit}. Split it and import the parts one after the other."""

    code = "import_too_large"
    status = 413


class NoRoom(EverwordError):
    """There is not enough room for this import: {needed} are needed beside the database and {free} are free. Free \
some space and try again."""

    code = "import_has_no_room"
    status = 507


class NotResumable(EverwordError):
    """This import cannot go on: {why}. Import the file again: what is there already is not doubled."""

    code = "not_resumable"
    status = 409
