"""Which local model runs: the one that was picked on this machine, else the best of those that are here."""

from pathlib import Path

from everword.models.local.engine import LocalEngine
from everword.models.local.types import LocalModel
from everword.weights import catalogue
from everword.weights.catalogue import Role, Weights
from everword.weights.errors import SourceMissing

SMALL = "smollm2-135m"
RECOMMENDED = "qwen2.5-coder-1.5b"


class LocalModels:
    """Joins the catalogue's weights and the engine. The pick is a file of the home folder: it is the machine's."""

    def __init__(self, home: Path, engine: LocalEngine) -> None:
        self._home, self.engine = home, engine
        self._pick_file = home / "weights" / "picked"

    def present(self) -> list[Weights]:
        """The chat models whose weights are here, the largest last."""
        entries = [entry for entry in catalogue.catalogue() if entry.role is Role.CHAT]
        return [entry for entry in entries if catalogue.locate(self._home, entry)]

    def wanted(self) -> Weights | None:
        """What should run: the pick if its weights are here, else the largest that is; None where none is."""
        present = self.present()
        picked = [entry for entry in present if entry.name == self._picked()]
        return next(reversed(picked or present), None)

    def start(self) -> None:
        """Run what should run, if anything can."""
        entry = self.wanted()
        if entry is not None:
            self._use(entry)

    def pick(self, name: str) -> None:
        """Run the model called `name` from now on; the one before answers until it is ready.

        Raises UnknownWeights, or SourceMissing where its weights are not here.
        """
        entry = catalogue.find(name)
        if catalogue.locate(self._home, entry) is None:
            raise SourceMissing(source="This machine", title=entry.title, file=entry.file)
        self._pick_file.parent.mkdir(parents=True, exist_ok=True)
        self._pick_file.write_text(name, encoding="utf-8")
        self._use(entry)

    def arrived(self, entry: Weights) -> None:
        """Weights have just been fetched: they were asked for, so they take over."""
        if entry.role is Role.CHAT and (self._picked() is None or entry.name != SMALL):
            self._pick_file.unlink(missing_ok=True)
            self.start()

    def removed(self, entry: Weights) -> None:
        """Weights were deleted: what is still here takes over."""
        if self._picked() == entry.name:
            self._pick_file.unlink()
        if self.wanted() is None:
            self.engine.stop()
        else:
            self.start()

    def _use(self, entry: Weights) -> None:
        path = catalogue.locate(self._home, entry)
        if path is not None:
            self.engine.use(LocalModel(entry.name, path, entry.context_tokens))

    def _picked(self) -> str | None:
        return self._pick_file.read_text(encoding="utf-8").strip() if self._pick_file.exists() else None
