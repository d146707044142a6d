"""Reading a JSON array element by element."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everword.intake.errors import Damaged
from everword.intake.json_stream import elements

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(7 if size is None or size < 0 else min(size, 7))


@given(st.lists(JSON, max_size=6), st.sampled_from([None, 2]))
def test_the_elements_of_any_array(values: list[Any], indent: int | None) -> None:
    """Whatever is in an array comes out, however the bytes arrive and are laid out."""
    assert list(elements(Dripping(json.dumps(values, indent=indent).encode()), "f")) == values


def test_everything_before_the_break_is_given() -> None:
    """A file that ends early gives its whole elements first, then says that it is cut short."""
    reading = elements(io.BytesIO(b'[{"a": 1}, {"b": [2, '), "f")
    assert next(reading) == {"a": 1}
    with pytest.raises(Damaged, match="middle of an element"):
        next(reading)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"[1, nonsense, 2]" + b" " * 100,
        b"[" + b"9" * 10_000 + b", 1]",
        b"12",
        b'"a"',
    ],
)
def test_hostile_and_wrong_bytes_are_an_error(content: bytes) -> None:
    """Deep nesting, numbers of thousands of digits and what is no array end in a clear error."""
    with pytest.raises(Damaged):
        list(elements(io.BytesIO(content), "f"))


def test_memory_does_not_grow_with_the_file() -> None:
    """A long array is read in a window, not whole."""
    count = 20_000
    content = io.BytesIO(json.dumps([{"text": "word " * 100}] * count).encode())
    tracemalloc.start()
    assert sum(1 for _ in elements(content, "f")) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000 < content.getbuffer().nbytes


def test_a_single_object_is_an_array_of_one() -> None:
    """One conversation that was saved alone is read too."""
    assert list(elements(io.BytesIO(b'\xef\xbb\xbf {"a": 1} '), "f")) == [{"a": 1}]
