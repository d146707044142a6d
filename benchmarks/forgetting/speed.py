"""How long forgetting one entry takes, stage by stage: `python -m benchmarks.forgetting.speed --entries N...`.

A home on SQLite with so many entries of 20 made-up words each, in conversations of forty; one entry is forgotten, with
everything that a person's own forgetting does, and the time of each stage is printed, beside that of copying the
database's file, which is the least that writing it anew can take.
"""

import argparse
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from everword.accounts import people
from everword.bootstrap.forgetting import build_forgetter
from everword.core import clock
from everword.core.ids import ConversationId
from everword.core.types import Label, Principal
from everword.intake.service import Intake
from everword.memory import conversation_store, store
from everword.memory.forgetting.types import Forgetting, Selection, Stage
from everword.memory.index.indexer import Indexer
from everword.memory.types import NewEntry
from everword.storage.database import Database
from everword.storage.migrate import migrate
from everword.vault.vault import Vault

_WORDS = 20_000
_CONVERSATION = 40
_BATCH = 2000
_SYLLABLES = ("ka", "lo", "mi", "ren", "ta", "vo", "sel", "du", "pri", "an", "or", "zem", "bal", "ti", "gru", "ne")


def main() -> None:
    """Print a line for each size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, nargs="+", default=[10_000, 50_000])
    options = arguments.parse_args()
    stages = [stage.value for stage in Stage if stage is not Stage.ENDED]
    print(
        f"{'entries':>9}{'MB':>7}{'preview':>9}"
        + "".join(f"{stage:>9}" for stage in stages)
        + f"{'all s':>9}{'copy s':>9}"
    )
    for size in options.entries:
        _measure(size)


def _measure(size: int) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        database = Database(f"sqlite:///{home}/everword.db")
        migrate(database)
        people.ensure_installation(database)
        who = people.principal_for(database, people.create_person(database, "Anna").id)
        indexer = Indexer(database, home / "index")
        _fill(database, who, size)
        indexer.catch_up()
        forgetter = build_forgetter(home, database, indexer, Vault.open(home), Intake(database, home / "in"), _nothing)
        started = clock.monotonic()
        selection = Selection(words="unmistakable77")
        _, up_to = forgetter.preview(who, selection)
        previewed = clock.monotonic() - started
        forgetting: Forgetting = forgetter.begin(who, selection, up_to=up_to)
        took = {}
        while forgetting.stage is not Stage.ENDED:
            stage, began = forgetting.stage, clock.monotonic()
            forgetting = forgetter.worker.step(forgetting)
            took[stage] = clock.monotonic() - began
        megabytes = (home / "everword.db").stat().st_size / 1e6
        began = clock.monotonic()
        shutil.copy(home / "everword.db", home / "copy")
        copied = clock.monotonic() - began
        stages = "".join(f"{took[stage]:>9.2f}" for stage in Stage if stage is not Stage.ENDED)
        print(
            f"{size:>9}{megabytes:>7.0f}{previewed:>9.2f}{stages}{sum(took.values()):>9.2f}{copied:>9.2f}", flush=True
        )
        indexer.stop()
        database.close()


def _fill(database: Database, who: Principal, size: int) -> None:
    chance = random.Random(size)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    at = datetime(2020, 1, 1, tzinfo=UTC)
    talk: ConversationId | None = None
    for first in range(0, size, _BATCH):
        with database.writing(who) as connection:
            new = []
            for number in range(first, min(first + _BATCH, size)):
                if number % _CONVERSATION == 0:
                    talk = conversation_store.create(connection, who, who.own_space).id
                text = " ".join(chance.choices(words, k=20)) + (" unmistakable77" if number == size // 2 else "")
                said_at = at + timedelta(minutes=number)
                new.append(
                    NewEntry(
                        space_id=who.own_space, label=Label.OWNER, text=text, said_at=said_at, conversation_id=talk
                    )
                )
            store.append_many(connection, who, new)


def _nothing() -> None:
    """No model runs here."""


if __name__ == "__main__":
    main()
