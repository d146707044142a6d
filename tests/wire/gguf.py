"""A GGUF file small enough to be made by hand: metadata of several types, tensors that are Q4_1 and others."""

import random
import struct

F32, Q4_1, Q8_0 = 0, 3, 8
MOSTLY_Q4_1, MOSTLY_Q8_0 = 3, 7
ALIGNMENT = 64
NORMS = struct.pack("<3f", 0.25, -1.5, 3.0)


def blocks_of_q4_1(count: int, seed: int = 7) -> bytes:
    """Blocks as a quantizer leaves them, the first of zeros alone."""
    chance = random.Random(seed)
    blocks = [struct.pack("<ee16B", 0.0, 0.0, *[0] * 16)]
    for _ in range(count - 1):
        least, scale = chance.uniform(-0.6, 0.1), chance.uniform(0.0, 0.08)
        blocks.append(struct.pack("<ee16B", scale, least, *chance.randbytes(16)))
    return b"".join(blocks)


def tiny_gguf(blocks: bytes) -> bytes:
    """A file whose tensor "b" is `blocks`; its tensors' bytes do not stand in the order of their entries."""
    values = [
        _text("general.architecture") + struct.pack("<I", 8) + _text("llama"),
        _text("general.alignment") + struct.pack("<II", 4, ALIGNMENT),
        _text("general.file_type") + struct.pack("<II", 4, MOSTLY_Q4_1),
        _text("tokenizer.tokens") + struct.pack("<IIQ", 9, 8, 2) + _text("wort") + _text("слово"),
        _text("tokenizer.scores") + struct.pack("<IIQ2f", 9, 6, 2, 0.5, -0.5),
        _text("tokenizer.add_bos") + struct.pack("<IB", 7, 1),
    ]
    entries = [
        _entry("b", (32, len(blocks) // 20), Q4_1, 2 * ALIGNMENT),
        _entry("norm", (3,), F32, 0),
        _entry("bias", (3,), F32, ALIGNMENT),
    ]
    header = b"GGUF" + struct.pack("<IQQ", 3, len(entries), len(values)) + b"".join(values + entries)
    return _padded(header) + _padded(NORMS) + _padded(NORMS[::-1]) + blocks


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _entry(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNMENT)
