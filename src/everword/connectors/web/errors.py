"""What can go wrong on the web."""

from everword.core.errors import EverwordError


class CannotFetch(EverwordError):
    """{url} was not fetched: {why}"""

    code = "cannot_fetch"
    status = 502
