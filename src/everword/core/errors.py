"""The root of every error that reaches a person, and the few errors that any room may raise."""

import inspect
from typing import ClassVar


class EverwordError(Exception):
    """Something went wrong in Everword. Run `everword doctor` to see what is configured and what is not."""

    # The docstring of each subclass is its message: what happened and what to do about it. `{names}` in it are filled
    # with the keyword arguments it is raised with.

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, **values: object) -> None:
        self.values = values
        template = inspect.cleandoc(type(self).__doc__ or "")
        paragraphs = [" ".join(paragraph.split()) for paragraph in template.split("\n\n")]
        super().__init__("\n\n".join(paragraphs).format(**values))

    @property
    def message(self) -> str:
        """One or two sentences for a person: what happened, and what to do."""
        return str(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.values)


def _rebuild(kind: type[EverwordError], values: dict[str, object]) -> EverwordError:
    return kind(**values)


class NotFound(EverwordError):
    """There is no such {what}, or it is not yours to see."""

    code = "not_found"
    status = 404


class UnknownAddress(EverwordError):
    """Nothing answers at {path}. /api/openapi.json lists every address; /api/health says how the server is."""

    code = "unknown_address"
    status = 404


class Invalid(EverwordError):
    """{why}"""

    code = "invalid"
    status = 422


class Conflict(EverwordError):
    """{why}"""

    code = "conflict"
    status = 409


class TooLarge(EverwordError):
    """{what} is larger than {limit}. Send something smaller, or import it as a file."""

    code = "too_large"
    status = 413
