"""Every error says what happened and what to do, with a code for programs and a status for HTTP."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter

from everword.core.errors import EverwordError
from tests.architecture.source import modules


def every_error() -> list[type[EverwordError]]:
    """All subclasses, wherever they are defined."""
    for module in modules():
        if "Error" in module.text and re.search(r"^class ", module.text, re.MULTILINE):
            importlib.import_module(module.name)
    found, open_ = set(), [EverwordError]
    while open_:
        kind = open_.pop()
        if kind.__module__.startswith("everword."):
            found.add(kind)
        open_.extend(kind.__subclasses__())
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def test_every_error_has_its_own_docstring() -> None:
    """The docstring is the message, so it cannot be inherited; it is one or more sentences."""
    without = [kind.__qualname__ for kind in every_error() if not inspect.cleandoc(vars(kind).get("__doc__") or "")]
    assert not without


def test_every_code_is_a_name_of_its_own() -> None:
    """Codes are snake_case, and no two errors that are raised share one; a group's own code may be inherited."""
    kinds = every_error()
    assert not [kind.code for kind in kinds if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", kind.code)]
    declared = Counter(vars(kind)["code"] for kind in kinds if "code" in vars(kind))
    assert not [code for code, count in declared.items() if count > 1]
    leaves = [kind for kind in kinds if not kind.__subclasses__()]
    assert not [kind.__qualname__ for kind in leaves if "code" not in vars(kind)]


def test_every_status_is_an_http_error() -> None:
    """The status is one that HTTP has for errors."""
    assert not [kind.__qualname__ for kind in every_error() if kind.status not in range(400, 600)]
