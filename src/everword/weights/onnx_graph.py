"""Writing a network in the ONNX format (onnx.ai, protocol buffers), as far as the networks here need it."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IR_VERSION = 10
_OPSET = 17
_CONTRIB = "com.microsoft"
_KINDS = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7}
_FLOAT, _INT = 1, 2  # kinds of attributes
_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # of the wire


@dataclass(slots=True)
class Graph:
    """A network as it is put together; names connect one step to the next."""

    _nodes: list[bytes] = field(default_factory=list)
    _constants: list[bytes] = field(default_factory=list)

    def constant(self, name: str, values: "NDArray[Any]") -> str:
        """A tensor that the network has."""
        dims = b"".join(_number(1, size) for size in values.shape)
        kind = _number(2, _KINDS[values.dtype.name])
        self._constants.append(dims + kind + _text(8, name) + _chunk(9, values.tobytes()))
        return name

    def step(
        self, kind: str, inputs: Sequence[str], output: str, *, is_contrib: bool = False, **given: int | float
    ) -> str:
        """One operation, with what it is given beside its inputs; its output's name. "" stands for no input."""
        node = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)
        node += b"".join(_chunk(5, _attribute(name, value)) for name, value in given.items())
        self._nodes.append(node + (_text(7, _CONTRIB) if is_contrib else b""))
        return output

    def written(self, inputs: Mapping[str, tuple[str, Sequence[str | int]]], output: str) -> bytes:
        """The whole, as a file has it. Of each input its kind (float32, int32) and its shape, unknown sizes by name."""
        graph = b"".join(_chunk(1, node) for node in self._nodes) + _text(2, "network")
        graph += b"".join(_chunk(5, constant) for constant in self._constants)
        graph += b"".join(_chunk(11, _value(name, *about)) for name, about in inputs.items())
        graph += _chunk(12, _value(output, "float32", ()))
        opsets = [_number(2, _OPSET), _text(1, _CONTRIB) + _number(2, 1)]
        return _number(1, _IR_VERSION) + _chunk(7, graph) + b"".join(_chunk(8, opset) for opset in opsets)


def _value(name: str, kind: str, shape: Sequence[str | int]) -> bytes:
    sizes = [_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape]
    tensor = _number(1, _KINDS[kind])
    if sizes:
        tensor += _chunk(2, b"".join(_chunk(1, size) for size in sizes))
    return _text(1, name) + _chunk(2, _chunk(1, tensor))


def _attribute(name: str, value: int | float) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    return _text(1, name) + _varint(2 << 3 | _FIXED32) + struct.pack("<f", value) + _number(20, _FLOAT)


def _number(at: int, value: int) -> bytes:
    return _varint(at << 3 | _VARINT) + _varint(value)


def _text(at: int, text: str) -> bytes:
    return _chunk(at, text.encode())


def _chunk(at: int, content: bytes) -> bytes:
    return _varint(at << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the highest bit says that more follow."""
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)
