"""Requantizing a GGUF file: the values stay what they were, and so does everything that is not Q4_1."""

import io
import struct
from pathlib import Path

import pytest

from everword.weights import gguf
from everword.weights.gguf import BrokenGguf
from everword.weights.requantize import requantize, requantize_file
from tests.wire.gguf import ALIGNMENT, F32, MOSTLY_Q4_1, MOSTLY_Q8_0, NORMS, Q8_0, blocks_of_q4_1, tiny_gguf

BLOCKS = blocks_of_q4_1(40)
SOURCE = tiny_gguf(BLOCKS)


def requantized(source: bytes = SOURCE) -> bytes:
    """The whole target."""
    out = io.BytesIO()
    requantize(memoryview(source), out)
    return out.getvalue()


def test_each_value_is_within_half_a_step_of_what_it_was() -> None:
    """A Q8_0 block says what its Q4_1 block said, to half of its own step and the rounding of that step to 16 bits."""
    target = requantized()
    tensor = next(tensor for tensor in gguf.read(memoryview(target)).tensors if tensor.name == "b")
    assert (tensor.type, tensor.elements) == (Q8_0, 40 * 32)
    for number in range(40):
        scale, least, *packed = struct.unpack_from("<ee16B", BLOCKS, number * 20)
        wanted = [quant * scale + least for quant in [byte & 15 for byte in packed] + [byte >> 4 for byte in packed]]
        step, *quants = struct.unpack_from("<e32b", target, tensor.start + number * 34)
        assert step >= 0
        for value, quant in zip(wanted, quants, strict=True):
            assert abs(quant * step - value) <= step * (0.5 + 127 / 2048) + 1e-9


def test_what_is_not_q4_1_is_copied_and_the_header_says_what_is_there() -> None:
    """Other tensors keep their bytes, all are aligned, and of the metadata only the file type changes."""
    target = requantized()
    before, after = gguf.read(memoryview(SOURCE)), gguf.read(memoryview(target))
    found = {tensor.name: (tensor.type, target[tensor.start :][: len(NORMS)]) for tensor in after.tensors}
    assert (found["norm"], found["bias"]) == ((F32, NORMS), (F32, NORMS[::-1]))
    assert all(tensor.start % ALIGNMENT == 0 for tensor in after.tensors)
    assert len(target) % ALIGNMENT == 0
    metadata_end = SOURCE.index(struct.pack("<Q", 1) + b"b")
    said = SOURCE[:metadata_end].replace(
        b"general.file_type" + struct.pack("<II", 4, MOSTLY_Q4_1),
        b"general.file_type" + struct.pack("<II", 4, MOSTLY_Q8_0),
    )
    assert target[:metadata_end] == said
    assert after.data_start == before.data_start


def test_a_file_without_q4_1_stays_what_it_was() -> None:
    """Requantizing what was requantized changes nothing."""
    assert requantized(requantized()) == requantized()


def test_a_file_cut_short_is_refused_wherever_it_was_cut() -> None:
    """Whatever is missing at the end, one error says that the file is broken, before anything is written."""
    for length in range(len(SOURCE)):
        out = io.BytesIO()
        with pytest.raises(BrokenGguf, match="cut short"):
            requantize(memoryview(SOURCE[:length]), out)
        assert not out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "empty"), (b"PK\x03\x04" * 9, "no GGUF"), (b"GGUF\x09\0\0\0" + bytes(99), "version 9")],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    """A file that is something else is named so, and no target is left."""
    (tmp_path / "source").write_bytes(content)
    with pytest.raises(BrokenGguf, match=why):
        requantize_file(tmp_path / "source", tmp_path / "target")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_an_interrupted_conversion_leaves_nothing(tmp_path: Path) -> None:
    """Where the work ends before the file does, there is no target."""

    def stop(done: int) -> None:
        assert (tmp_path / "target").exists()
        raise KeyboardInterrupt

    (tmp_path / "source").write_bytes(SOURCE)
    with pytest.raises(KeyboardInterrupt):
        requantize_file(tmp_path / "source", tmp_path / "target", stop)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
