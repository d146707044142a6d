"""The small local model for tests: its weights are fetched and converted once a checkout, as the product does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from everword.models.local.types import LocalModel
from everword.weights import catalogue, index
from everword.weights.convert import convert
from everword.weights.errors import NoNetwork
from everword.weights.fetch import Sources, fetch
from everword.weights.transformer_process import Transformers
from everword.weights.transformers import E5, MINILM, Transformer
from tests.skips import missing

KEPT_IN = Path(__file__).parent.parent / ".build"


def fetched_weights() -> Path:
    """The file of SmolLM2-135M as it is fetched; fetched into the checkout's build folder if it is not there yet."""
    with FileLock(KEPT_IN / "weights.lock"):
        return _fetched()


def small_weights() -> Path:
    """The file of SmolLM2-135M that the engine runs, in a folder of its own; made if it is not there yet."""
    entry = catalogue.find("smollm2-135m")
    with FileLock(KEPT_IN / "weights.lock"):
        home = KEPT_IN / "converted"
        return catalogue.locate(home, entry) or convert(fetch(home, entry, Sources((_fetched().parent,))), entry)


def _fetched() -> Path:
    entry = catalogue.find("smollm2-135m")
    try:
        return fetch(KEPT_IN, entry, Sources(indexes=index.index_urls(None, index.pip_config_files())))
    except NoNetwork:
        missing("the small model's weights", "connect to the network, or put them into .build/weights")


@pytest.fixture(scope="session")
def small_model() -> LocalModel:
    """SmolLM2-135M, ready to be loaded."""
    entry = catalogue.find("smollm2-135m")
    return LocalModel(entry.name, small_weights(), entry.context_tokens)


@pytest.fixture(scope="session")
def minilm() -> Iterator[Transformers]:
    """Transformers of which MiniLM's weights are here."""
    yield from _transformers(MINILM)


@pytest.fixture(scope="session")
def e5() -> Iterator[Transformers]:
    """Transformers of which the weights of multilingual E5 are here."""
    yield from _transformers(E5)


def _transformers(transformer: Transformer) -> Iterator[Transformers]:
    KEPT_IN.mkdir(exist_ok=True)
    with FileLock(KEPT_IN / "weights.lock"):
        try:
            for part in transformer.parts:
                fetch(KEPT_IN, part, Sources(indexes=index.index_urls(None, index.pip_config_files())))
        except NoNetwork:
            missing(f"the weights of {transformer.name}", "connect to the network, or put them into .build/weights")
    transformers = Transformers(KEPT_IN)
    yield transformers
    transformers.end()
