"""Embedding in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess
from everword.weights.errors import EmbeddingFailed

TEXTS = [f'{number} years in Lisbon — ünïcode, "quotes", and\na second line' for number in range(50)]


@pytest.fixture
def process() -> Iterator[EmbeddingProcess]:
    """A static embedder behind its process."""
    process = EmbeddingProcess(static_embedder())
    yield process
    process.rest()


def test_it_gives_what_the_embedder_gives(process: EmbeddingProcess) -> None:
    """Many texts, few texts and none have the same vectors as without the process."""
    for texts in (TEXTS, TEXTS[:3], [], ["", *TEXTS]):
        np.testing.assert_allclose(process.embed(texts), static_embedder().embed(texts), atol=1e-6)


def test_a_crash_fails_one_batch(process: EmbeddingProcess) -> None:
    """A child that dies fails the batch with an error of ours, and the next batch has a new child."""
    process.embed(TEXTS)
    child = process._child.process
    assert child is not None
    child.kill()
    child.wait()
    with pytest.raises(EmbeddingFailed):
        process.embed(TEXTS)
    assert process.embed(TEXTS).shape == (50, 256)


def test_the_parents_death_ends_it() -> None:
    """A parent that is killed leaves no child behind."""
    script = (
        "from everword.weights.embedders import static_embedder as s\n"
        "from everword.weights.embedding_process import EmbeddingProcess\n"
        "process = EmbeddingProcess(s()); process.embed(['a'] * 20)\n"
        "print(process._child.process.pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) > 0
        parent.send_signal(signal.SIGKILL)
        _, complaints = parent.communicate(timeout=30)  # the child has the same stderr: it closes when both have ended
    assert "Traceback" not in complaints
