"""Forgetting one entry of a life through every stage: `python -m benchmarks.life.forgetting --home FOLDER/1000000`.

The folder is one that `benchmarks.life.measure --keep` has left, without a server on it. The entry in the middle of the
ledger (or the one `--back` from there) goes, as the product forgets: preview, then stage by stage, to the receipt.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.life import fill
from everword.bootstrap.forgetting import build_forgetter
from everword.core import clock
from everword.core.ids import EntryId
from everword.intake.service import Intake
from everword.memory.forgetting.types import Selection, Stage
from everword.memory.index.indexer import Indexer
from everword.vault.vault import Vault
from everword.weights.embedders import static_embedder
from everword.weights.embedding_process import EmbeddingProcess


def main() -> None:
    """Print how long each stage took."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--back", type=int, default=0)
    options = arguments.parse_args()
    database, who = fill.open_home(options.home, options.seed)
    indexer = Indexer(database, options.home / "index", EmbeddingProcess(static_embedder()))
    forgetter = build_forgetter(
        options.home,
        database,
        indexer,
        Vault.open(options.home),
        Intake(database, options.home / "intake"),
        lambda: None,
    )
    size = fill.count(database)
    gone = EntryId(fill.entry_id(options.seed, size // 2 - options.back))
    selection = Selection(entry_ids=(gone,))
    took: dict[str, float] = {}

    def timed(name: str, call: Any) -> Any:
        started = clock.monotonic()
        answer = call()
        took[name] = clock.monotonic() - started
        return answer

    preview, up_to = timed("preview", lambda: forgetter.preview(who, selection))
    current = timed("begin", lambda: forgetter.begin(who, selection, up_to=up_to))
    while current.stage is not Stage.ENDED:
        forgetting = current
        current = timed(forgetting.stage.value, lambda forgetting=forgetting: forgetter.worker.step(forgetting))
    whole = sum(seconds for name, seconds in took.items() if name != "preview")
    print(f"{size:,} entries, {len(preview.repeats)} repeat it; {whole:.1f} s from yes to receipt, of them:")
    print(", ".join(f"{name} {seconds:.1f}" for name, seconds in took.items()))
    print("looked through: " + ", ".join(f"{check.place} {check.looked:,}" for check in current.checks))
    indexer.stop()
    database.close()


if __name__ == "__main__":
    main()
