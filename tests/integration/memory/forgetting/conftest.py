"""A home folder with every store in it, and words planted in each as that store writes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import MetaData, Table, create_engine, insert

from everword.accounts.people import ensure_installation
from everword.agents.types import CHAT_TURN
from everword.bootstrap.forgetting import build_forgetter
from everword.core import clock
from everword.core.ids import ConversationId, ImportId, RunId, new_id
from everword.core.types import Label, Principal, Priority
from everword.intake import store as import_store
from everword.intake.service import Intake
from everword.intake.types import ImportOptions, ImportState
from everword.memory import attachment_store, conversation_store, recalled_store, store
from everword.memory.citing import Citation
from everword.memory.forgetting.service import Forgetter
from everword.memory.index.indexer import Indexer
from everword.memory.index.word_index import SHARD_ROWS
from everword.memory.types import Entry, EntryKind, NewEntry, Quote
from everword.models import store as model_store
from everword.runs import service as runs
from everword.runs import store as run_store
from everword.runs.engine import Engine
from everword.runs.types import RunState
from everword.storage import events
from everword.storage.database import Database
from everword.storage.migrate import copy_sqlite
from everword.vault.vault import Vault

WORD = "Quetzalkäse7"
SAID = f"The cellar door opens with {WORD} and nobody else knows"
ANSWERED = f"Noted: the cellar door opens with {WORD}. Shall I remind you of it?"
ELSEWHERE = f"Ben wrote that {WORD} smells of cheese"


@dataclass
class Stage:
    """A person's memory with every store beside it, and what was planted there."""

    database: Database
    who: Principal
    home: Path
    indexer: Indexer
    forgetter: Forgetter
    vault: Vault
    prompts_forgotten: list[int]
    shard_rows: int = SHARD_ROWS

    def reopen(self) -> Stage:
        """The same home in another process: nothing of this one's memory is kept."""
        return open_stage(self.database, self.who, self.home, self.shard_rows)


def open_stage(database: Database, who: Principal, home: Path, shard_rows: int = SHARD_ROWS) -> Stage:
    """Every store of `home`, as bootstrap puts them together."""
    indexer = Indexer(database, home / "index", shard_rows=shard_rows)
    intake = Intake(database, home / "intake")
    vault = Vault.open(home)
    renewed: list[int] = []
    forgetter = build_forgetter(home, database, indexer, vault, intake, lambda: renewed.append(1))
    return Stage(database, who, home, indexer, forgetter, vault, renewed, shard_rows)


@pytest.fixture
def stage(database: Database, anna: Principal, tmp_path: Path) -> Iterator[Stage]:
    """Anna's memory, empty."""
    opened = open_stage(database, anna, tmp_path)
    yield opened
    opened.indexer.stop()


def begin_talk(stage: Stage, title: str = "") -> ConversationId:
    """A conversation."""
    with stage.database.writing(stage.who) as connection:
        return conversation_store.create(connection, stage.who, stage.who.own_space, title=title).id


def say(
    stage: Stage,
    text: str,
    *,
    talk: ConversationId | None = None,
    label: Label = Label.OWNER,
    parent: Entry | None = None,
    run_id: RunId | None = None,
    source: str = "chat",
    speaker: str = "",
    version_of: Entry | None = None,
) -> Entry:
    """An entry, shown as the end of its conversation."""
    new = NewEntry(
        space_id=stage.who.own_space,
        label=label,
        text=text,
        said_at=clock.now(),
        source=source,
        conversation_id=talk,
        parent_id=parent.id if parent else None,
        run_id=run_id,
        speaker=speaker,
        version_of=version_of.first_version if version_of else None,
        external_id=None if source == "chat" else f"sha256:{new_id()}",
    )
    with stage.database.writing(stage.who) as connection:
        entry = store.append(connection, stage.who, new)
        if talk is not None:
            store.set_leaf(connection, stage.who, talk, entry.id)
    return entry


def answer(stage: Stage, question: Entry, text: str, *, cites: Entry) -> tuple[Entry, RunId]:
    """A delivered run that recalled and cited an entry, its events, its usage, and the answer."""
    database, who = stage.database, stage.who
    talk = question.conversation_id
    assert talk is not None
    with database.writing(who) as connection:
        run = runs.enqueue(
            connection,
            who,
            CHAT_TURN,
            {"conversation_id": talk, "question_id": question.id},
            space_id=who.own_space,
            priority=Priority.PERSON,
            conversation_id=talk,
            cause="said by the owner",
        )
        quote = Quote(entry=cites, start=0, end=10, rank=1, score=1.0, reasons={"words": 1.0})
        recalled_store.write(connection, who, who.own_space, run.id, [quote])
        events.append(connection, who, who.own_space, "run.delta", {"text": text, "offset": 0}, run_id=run.id)
        events.append(connection, who, who.own_space, "run.cited", {"entry_id": cites.id}, run_id=run.id)
    said = say(stage, text, talk=talk, label=Label.ASSISTANT, parent=question, run_id=run.id, speaker="Everword")
    with database.writing(who) as connection:
        cited = Citation(number=1, after=len(text), entry_id=cites.id, start=0, end=10, rank=1)
        recalled_store.cite(connection, who, who.own_space, said.id, [cited])
        runs.finish(connection, who, run.id, RunState.DELIVERED, cause="answered", result={"entry_id": said.id})
        usage = model_store.Usage(
            who.own_space, who.person_id, run.id, "m", Priority.PERSON, "completed", 1, 1, 1.0, 1.0, 1.0, clock.now()
        )
        model_store.add_usage(connection, who, usage)
    return said, run.id


def attach(stage: Stage, message: Entry, text: str) -> Entry:
    """A file that came with a message, and its text as an entry."""
    with stage.database.writing(stage.who) as connection:
        attachment_store.create(
            connection,
            stage.who,
            stage.who.own_space,
            name="cellar.txt",
            media_type="text/plain",
            content=text.encode(),
            text_state="extracted",
            entry_id=message.id,
            text=text,
        )
        new = NewEntry(
            space_id=stage.who.own_space,
            label=Label.STRANGER,
            text=text,
            said_at=message.said_at,
            conversation_id=message.conversation_id,
            parent_id=message.id,
            kind=EntryKind.DOCUMENT,
            speaker="cellar.txt",
            source="attachment",
        )
        return store.append(connection, stage.who, new)


def spool_failed_import(stage: Stage) -> ImportId:
    """An import that failed, its file still waiting: its name, report and bytes have the word."""
    job_id = ImportId(new_id())
    with stage.database.writing(stage.who) as connection:
        job = import_store.create(connection, stage.who, job_id, f"{WORD}.txt", 9, b"1" * 32, ImportOptions())
        reported = SimpleNamespace(
            **{name: getattr(job, name) for name in ("id", "done_bytes", "counts", "checkpoint")}
        )
        reported.report = [{"what": WORD, "why": "too large", "count": 1}]
        import_store.advance(connection, stage.who, reported)  # type: ignore[arg-type]
        import_store.move(connection, stage.who, job_id, ImportState.RUNNING, ImportState.QUEUED)
    folder = stage.home / "intake"
    folder.mkdir(exist_ok=True)
    (folder / job_id).write_text(SAID, encoding="utf-16")
    return job_id


def end_import(stage: Stage, job_id: ImportId) -> None:
    """It fails: the file stays for another try."""
    with stage.database.writing(stage.who) as connection:
        import_store.fail(connection, stage.who, job_id, "damaged", f"could not read {WORD}")


def plant_in_engine(stage: Stage, run_id: RunId) -> None:
    """Words in every table of the durable engine that takes any: plain, escaped as JSON, and in base64."""
    ensure_installation(stage.database)
    engine = Engine(stage.database, lambda _person: stage.who, {}, stage.home)
    engine.start()
    assert engine.wait_ready(30)
    engine.close()
    with stage.database.reading(stage.who) as connection:
        workflow = run_store.segment_of(connection, stage.who, run_id).id
    url = stage.database.url
    is_file = stage.database.is_sqlite
    own = create_engine(url.set(database=f"{url.database}.engine") if is_file else url)
    metadata = MetaData(schema=None if is_file else "dbos")
    with own.begin() as connection:

        def put(table: str, **values: object) -> None:
            known = Table(table, metadata, autoload_with=connection, resolve_fks=False)
            connection.execute(insert(known).values(**{key: val for key, val in values.items() if key in known.c}))

        escaped = json.dumps({"json": {"text": SAID}})
        coded = base64.b64encode(SAID.encode()).decode()
        put("workflow_status", workflow_uuid=workflow, status="SUCCESS", name="segment", inputs=escaped, output=coded,
            error=SAID, created_at=1, updated_at=1, priority=0, rate_limited=False, was_forked_from=False,
            is_debounced=False, recovery_attempts=0)  # fmt: skip
        put("operation_outputs", workflow_uuid=workflow, function_id=1, function_name="recall", output=coded)
        put("notifications", destination_uuid=workflow, topic="t", message=escaped, message_uuid=new_id(),
            created_at_epoch_ms=1, consumed=False)  # fmt: skip
        put("workflow_events", workflow_uuid=workflow, key="k", value=SAID)
        put("workflow_events_history", workflow_uuid=workflow, key="k", value=SAID, function_id=1)
        put("streams", workflow_uuid=workflow, key="k", value=coded, offset=0, function_id=1)
    own.dispose()


@dataclass
class Planted:
    """What was planted."""

    talk: ConversationId
    secret: Entry
    answer: Entry
    elsewhere: Entry
    before: Entry
    after: Entry


def plant(stage: Stage, *, with_engine: bool = False) -> Planted:
    """The word in every store there is; around it, what is to stay. Starting the engine takes two seconds."""
    talk = begin_talk(stage, title=SAID[:40])
    before = say(stage, "Good morning, the plums are ripe", talk=talk)
    job = spool_failed_import(stage)
    secret = say(stage, SAID, talk=talk, parent=before, source="files")
    end_import(stage, job)
    older = say(stage, SAID + " at all", talk=talk, parent=before, version_of=secret)
    document = attach(stage, older, f"Cellar: {WORD}. " + "Nothing else is written here. " * 300)
    said, run_id = answer(stage, older, ANSWERED, cites=secret)
    assert document.id
    after = say(stage, "And what about the plums?", talk=talk, parent=said)
    elsewhere = say(stage, ELSEWHERE, label=Label.STRANGER, speaker="Ben", source="files")
    if with_engine:
        plant_in_engine(stage, run_id)
    stage.indexer.catch_up()
    if stage.database.is_sqlite:
        copy_sqlite(stage.database, "0001")
    return Planted(talk, secret, said, elsewhere, before, after)
