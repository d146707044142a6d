"""Forgetting on both databases: every store is clean, what stays hangs together, a crash changes nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from everword.agents import today
from everword.bootstrap.doctor import examine
from everword.core.ids import EntryId
from everword.memory import conversation_store, store
from everword.memory.branch import branch
from everword.memory.forgetting.following import Follower
from everword.memory.forgetting.phrases import BLACKED_OUT
from everword.memory.forgetting.types import Forgetting, ForgettingState, Selection, Stage
from everword.memory.forgetting.work import Worker
from everword.memory.index.indexer import Indexer
from everword.settings.environment import Settings
from everword.storage.database import Database
from tests.conftest import add_person
from tests.integration.memory.forgetting.conftest import (
    ANSWERED,
    SAID,
    WORD,
    Planted,
    answer,
    begin_talk,
    open_stage,
    plant,
    say,
)
from tests.integration.memory.forgetting.conftest import Stage as Home
from tests.integration.memory.forgetting.finding import places, server_files
from tests.postgres import PostgresServer


def forget(home: Home, selection: Selection, redact: set[EntryId] | None = None) -> Forgetting:
    """From the preview to the receipt, in this thread."""
    _, up_to = home.forgetter.preview(home.who, selection)
    begun = home.forgetter.begin(home.who, selection, up_to=up_to, redact=redact)
    home.forgetter.worker.run_unfinished()
    return home.forgetter.get(home.who, begun.id)[0]


def everything(home: Home, planted: Planted) -> tuple[Selection, set[EntryId]]:
    """The planted entry, with every repetition redacted, the stranger's too."""
    selection = Selection(entry_ids=(planted.secret.id,))
    preview, _ = home.forgetter.preview(home.who, selection)
    return selection, {repeat.entry.id for repeat in preview.repeats}


def test_the_words_are_in_every_store_and_then_in_none(stage: Home, request: pytest.FixtureRequest) -> None:
    """What is planted is found in each store, and after forgetting in no row, index, file or record of ours."""
    planted = plant(stage, with_engine=True)
    before = places(stage.home, stage.database, WORD)
    assert len(before) >= 12, before
    server: PostgresServer | None = None
    if not stage.database.is_sqlite:
        server = request.getfixturevalue("postgres_server")
        assert server_files(server, stage.database, WORD)
    receipt = forget(stage, *everything(stage, planted))
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert places(stage.home, stage.database, WORD) == set()
    if server is not None:
        assert server_files(server, stage.database, WORD) == set()
        assert any("write-ahead log" in each.what for each in receipt.remains)
    assert all(check.found == 0 and check.looked for check in receipt.checks)
    assert stage.prompts_forgotten


@pytest.mark.parametrize("crash_before", [stage for stage in Stage if stage is not Stage.ENDED])
def test_a_crash_before_any_stage_changes_nothing(stage: Home, crash_before: Stage) -> None:
    """Each stage is done twice, as after a crash before its record, by another process: the end is the same."""
    planted = plant(stage, with_engine=crash_before is Stage.ENGINE)
    selection, redact = everything(stage, planted)
    _, up_to = stage.forgetter.preview(stage.who, selection)
    forgetting = stage.forgetter.begin(stage.who, selection, up_to=up_to, redact=redact)
    worker: Worker = stage.forgetter.worker
    while forgetting.stage is not crash_before:
        forgetting = worker.step(forgetting)
    worker._stages[forgetting.stage](forgetting)
    stage.indexer.stop()
    again = stage.reopen()
    again.forgetter.worker.run_unfinished()
    receipt, gone, total = again.forgetter.get(stage.who, forgetting.id)
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert places(stage.home, stage.database, WORD) == set()
    assert gone == total
    again.indexer.stop()


def test_what_stays_hangs_together(stage: Home) -> None:
    """The conversation is shown from its first entry to its last, the answer without the words, its place unchanged."""
    planted = plant(stage)
    forget(stage, Selection(entry_ids=(planted.secret.id,)))
    with stage.database.reading(stage.who) as connection:
        talk = conversation_store.get(connection, stage.who, planted.talk)
        entries = store.of_conversation(connection, stage.who, planted.talk)
    shown = branch(entries, talk.leaf_id)
    assert [entry.text for entry in shown] == [
        planted.before.text,
        f"Noted: {BLACKED_OUT}. Shall I remind you of it?",
        planted.after.text,
    ]
    assert WORD not in talk.title


def test_a_redacted_answer_is_still_what_its_run_came_to(stage: Home) -> None:
    """Today and Work find it in its place, with the words blacked out."""
    secret = say(stage, SAID, talk=begin_talk(stage))
    asked = say(stage, "How does the cellar open?", talk=begin_talk(stage))
    answer(stage, asked, ANSWERED, cites=secret)
    stage.indexer.catch_up()
    assert forget(stage, Selection(entry_ids=(secret.id,))).state is ForgettingState.DELIVERED
    with stage.database.reading(stage.who) as connection:
        (delivered,) = today.delivered_since(connection, stage.who, None)
    assert BLACKED_OUT in delivered.entry.text
    assert WORD not in delivered.entry.text


def test_repeats_are_shown_and_chosen_where_the_assistant_wrote_them(stage: Home) -> None:
    """The preview lists the answer, chosen, and the stranger's words, not chosen; those stay unless they are named."""
    planted = plant(stage)
    preview, _ = stage.forgetter.preview(stage.who, Selection(entry_ids=(planted.secret.id,)))
    assert {(repeat.entry.id, repeat.is_chosen) for repeat in preview.repeats} == {
        (planted.answer.id, True),
        (planted.elsewhere.id, False),
    }
    assert preview.counts["attachments"] == 1
    assert preview.entry_count == 3
    receipt = forget(stage, Selection(entry_ids=(planted.secret.id,)))
    assert receipt.state is ForgettingState.DELIVERED
    with stage.database.reading(stage.who) as connection:
        assert store.get(connection, stage.who, planted.elsewhere.id).text == planted.elsewhere.text


def test_each_way_of_choosing(stage: Home) -> None:
    """By conversation, person, time, source and words: each takes what it names and nothing else."""
    planted = plant(stage)

    def chosen(selection: Selection) -> set[str]:
        preview, _ = stage.forgetter.preview(stage.who, selection)
        return {entry.text for entry in preview.entries}

    assert planted.after.text in chosen(Selection(conversation_id=planted.talk))
    assert chosen(Selection(speaker="BEN")) == {planted.elsewhere.text}
    assert chosen(Selection(since=planted.elsewhere.said_at)) == {planted.elsewhere.text}
    assert planted.elsewhere.text in chosen(Selection(source="files"))
    assert chosen(Selection(words="ripe plums")) == {planted.before.text}


def test_a_receipt_tells_nothing(stage: Home) -> None:
    """A receipt has ids and counts; of what was said, of names and of titles it has nothing, nor any hash."""
    planted = plant(stage)
    receipt = forget(stage, *everything(stage, planted))
    told = repr((receipt.counts, receipt.checks, receipt.remains, receipt.error))
    assert WORD not in told
    assert "Ben" not in told
    assert receipt.counts["entries"] == 3
    assert set(stage.forgetter.targets(stage.who, receipt.id)) >= {planted.secret.id, planted.answer.id}


def test_what_is_said_again_is_new(stage: Home) -> None:
    """The same words said after the forgetting began stay, and do not keep the receipt from being given."""
    planted = plant(stage)
    selection, redact = everything(stage, planted)
    _, up_to = stage.forgetter.preview(stage.who, selection)
    begun = stage.forgetter.begin(stage.who, selection, up_to=up_to, redact=redact)
    again = say(stage, f"By the way, {WORD} is what I named the cat")
    stage.forgetter.worker.run_unfinished()
    receipt, _, _ = stage.forgetter.get(stage.who, begun.id)
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    with stage.database.reading(stage.who) as connection:
        assert store.get(connection, stage.who, again.id).text == again.text


def test_another_process_forgets_in_its_own_index(postgres_database: Database, tmp_path: Path) -> None:
    """A second process on the same PostgreSQL, with an index of its own, has rewritten it once it has caught up."""
    (tmp_path / "home").mkdir()
    stage = open_stage(postgres_database, add_person(postgres_database, "Anna"), tmp_path / "home")
    planted = plant(stage)
    other = Indexer(stage.database, tmp_path / "elsewhere")
    other.catch_up()
    assert places(tmp_path / "elsewhere", stage.database, WORD) - places(tmp_path / "none", stage.database, WORD)
    forget(stage, *everything(stage, planted))
    follower = Follower(stage.database, other)
    follower.catch_up()
    assert places(tmp_path / "elsewhere", stage.database, WORD) == set()
    assert other.shelf.of(stage.who.own_space).count > 0
    other.stop()
    stage.indexer.stop()


def test_no_receipt_while_words_remain(stage: Home) -> None:
    """An export left in the folder is found inside its zip and named; once it is gone, the receipt comes."""
    planted = plant(stage)
    export = stage.home / "taken-out.zip"
    with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("everword.jsonl", json.dumps({"text": planted.secret.text}))
    failed = forget(stage, *everything(stage, planted))
    assert failed.state is ForgettingState.FAILED
    assert failed.error_code == "words_remain"
    assert "taken-out.zip" in (failed.error or "")
    told = [check for check in examine(Settings(home=stage.home), stage.database, None) if check.name == "forgetting"]
    assert [(check.state, "taken-out.zip" in check.says) for check in told] == [("problem", True)]
    export.unlink()
    stage.forgetter.worker.run_unfinished()
    receipt, _, _ = stage.forgetter.get(stage.who, failed.id)
    assert receipt.state is ForgettingState.DELIVERED
    assert places(stage.home, stage.database, WORD) == set()


def test_a_rewritten_index_is_the_one_built_anew(stage: Home) -> None:
    """Vectors that are taken over from the old index are those that embedding gives; nothing else differs, either."""
    planted = plant(stage)
    for number in range(30):
        say(stage, f"Plum number {number} is ripe. " * (1 + number * 3), talk=planted.talk)
    forget(stage, *everything(stage, planted))

    def built() -> list[bytes]:
        index = stage.indexer.shelf.of(stage.who.own_space)
        meaning = index.meaning
        return [each.tobytes() for each in (index.rows(), *(file.view() for file in meaning.files))]

    rewritten = built()
    stage.indexer.rebuild()
    assert built() == rewritten
    assert len(rewritten[-1]) > 30 * 128


@pytest.fixture
def obliging_server(postgres_server: PostgresServer, postgres_database: Database) -> Iterator[PostgresServer]:
    """A server that lets our role do what docs/deploy.md names; afterwards as it was."""

    def tell(*statements: LiteralString) -> None:
        for statement in statements:
            postgres_server._admin(sql.SQL(statement))

    tell("GRANT pg_checkpoint TO everword", "ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()")
    admin = postgres_database.url.set(drivername="postgresql", username="postgres")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO everword")
        for _ in range(12):  # segments that were set aside for reuse before hold what earlier tests wrote
            connection.execute("CHECKPOINT")
            connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    yield postgres_server
    tell("REVOKE pg_checkpoint FROM everword", "ALTER SYSTEM RESET wal_recycle", "SELECT pg_reload_conf()")


def test_a_server_that_lets_us_keeps_nothing_in_its_log(
    obliging_server: PostgresServer, postgres_database: Database, tmp_path: Path
) -> None:
    """Where the role may cycle it, no segment of the write-ahead log has the word, and the receipt names none."""
    (tmp_path / "home").mkdir()
    stage = open_stage(postgres_database, add_person(postgres_database, "Anna"), tmp_path / "home")
    log = obliging_server.log.parent / "cluster" / "pg_wal"

    def holding() -> list[str]:
        return [path.name for path in log.iterdir() if path.is_file() and WORD.encode() in path.read_bytes()]

    assert holding() == []
    planted = plant(stage)
    assert holding()
    receipt = forget(stage, *everything(stage, planted))
    assert receipt.state is ForgettingState.DELIVERED, receipt.error
    assert holding() == []
    assert not any("write-ahead log" in each.what for each in receipt.remains)
    stage.indexer.stop()
