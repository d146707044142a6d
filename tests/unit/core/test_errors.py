"""Errors carry a sentence for a person, and survive the way through another process."""

import pickle

from everword.core.errors import Invalid, NotFound, TooLarge


def test_the_docstring_is_the_message() -> None:
    """The values an error is raised with stand in its sentence; braces in a value are left alone."""
    assert str(NotFound(what="run")) == "There is no such run, or it is not yours to see."
    assert str(Invalid(why="{odd}")) == "{odd}"


def test_an_error_survives_pickling() -> None:
    """An error that comes back from a child process is the same error with the same values."""
    error = pickle.loads(pickle.dumps(TooLarge(what="x.pdf", limit="20 MB")))
    assert isinstance(error, TooLarge)
    assert error.values == {"what": "x.pdf", "limit": "20 MB"}
