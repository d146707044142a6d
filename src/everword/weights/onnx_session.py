"""ONNX Runtime as networks are run here: on the processor, two threads, none of which spins while it waits."""

from pathlib import Path
from typing import Any

_THREADS = 2


def session(network: Path | bytes) -> Any:
    """An `onnxruntime.InferenceSession` of a file or of what one would have. Raises what ONNX Runtime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other work has the processor
    given = network if isinstance(network, bytes) else str(network)
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
