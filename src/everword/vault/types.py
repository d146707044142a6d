"""A secret in memory: a value that does not show itself."""

import hmac
from typing import NoReturn


class Secret:
    """A key or token. It hides in logs, prompts and tracebacks, and refuses to be pickled or turned into JSON."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it where the value is used, and keep the result no longer than that."""
        return self._value

    @property
    def hint(self) -> str:
        """The last four characters, to tell secrets apart; nothing where that would give much of it away."""
        return self._value[-4:] if len(self._value) >= 16 else ""

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __format__(self, _specification: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored or sent as it is; seal it in the vault")
