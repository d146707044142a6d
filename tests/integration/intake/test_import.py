"""Importing files: into the ledger, once, with labels that are decided here."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everword.core import clock
from everword.core.errors import Invalid, NotFound
from everword.core.ids import RunId
from everword.core.types import Label, Principal, Priority
from everword.intake.courtesy import wait_for_person
from everword.intake.errors import NotResumable
from everword.intake.service import Intake
from everword.intake.types import Counts, ImportJob, ImportOptions, ImportState
from everword.memory import attachment_store, conversation_store, store
from everword.runs import store as run_store
from everword.storage import events
from everword.storage.database import Database
from tests.integration.intake.bringing import bring, intake_in, ledger, queue
from tests.unit.intake.made import chatgpt_export, claude_conversation, claude_export, lines, trip, zipped

TALK = lines(
    *(
        {
            "conversation": "c",
            "id": f"c:{number}",
            "said_at": f"2023-05-0{number}T10:00:00",
            "speaker": name,
            "text": name,
        }
        for number, name in enumerate(("Caroline", "Melanie", "Caroline"), 1)
    )
)


def test_a_talk_between_people(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Entries come with speaker, time in the owner's zone and place in the talk, which shows its last entry."""
    job = bring(database, tmp_path, anna, TALK, time_zone="Europe/Berlin")
    assert (job.state, job.format, job.error) == (ImportState.DELIVERED, "entries", None)
    assert job.counts == Counts(conversations=1, entries=3)
    entries = ledger(database, anna)
    assert [(entry.speaker, entry.external_id, entry.source) for entry in entries] == [
        ("Caroline", "c:1", "entries"),
        ("Melanie", "c:2", "entries"),
        ("Caroline", "c:3", "entries"),
    ]
    assert [entry.parent_id for entry in entries] == [None, entries[0].id, entries[1].id]
    assert entries[0].said_at.isoformat() == "2023-05-01T08:00:00+00:00"
    with database.reading(anna) as connection:
        assert entries[0].conversation_id is not None
        conversation = conversation_store.get(connection, anna, entries[0].conversation_id)
    assert conversation.leaf_id == entries[2].id
    assert (conversation.created_at, conversation.updated_at) == (entries[0].said_at, entries[2].said_at)


def test_twice_is_once(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Importing the same again writes nothing, for every format."""
    folder = zipped({"a.md": "# A\n", "b.txt": "b"})
    for content in (TALK, chatgpt_export(trip()), claude_export(claude_conversation()), folder):
        first = bring(database, tmp_path, anna, content, owner_is_me=True)
        before = ledger(database, anna)
        again = bring(database, tmp_path, anna, content, name="renamed", owner_is_me=True)
        assert (first.state, first.error, again.state) == (ImportState.DELIVERED, None, ImportState.DELIVERED)
        assert again.counts == Counts(already_there=first.counts.entries, skipped=first.counts.skipped)
        assert ledger(database, anna) == before


def test_labels_are_what_the_importing_person_says(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Nobody in a file is the owner unless the owner says so, by name or for the account."""
    bring(database, tmp_path, anna, TALK, me=" caroline ")
    bring(database, tmp_path, anna, chatgpt_export(trip()))
    bring(database, tmp_path, anna, claude_export(claude_conversation()), owner_is_me=True)
    labels = {entry.external_id: entry.label for entry in ledger(database, anna)}
    assert labels["c:1"] is Label.OWNER
    assert labels["c:2"] is Label.STRANGER
    assert labels["talk-1/q1"] is Label.STRANGER
    assert labels["talk-1/a1"] is Label.ASSISTANT
    assert labels["talk-1/search"] is Label.TOOL
    assert labels["m-1"] is Label.OWNER
    assert labels["m-2/2"] is Label.TOOL
    assert labels["m-1/recipe.txt"] is Label.STRANGER


def test_a_tree_with_its_files(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Branches, versions, models and pictures of a ChatGPT export are in the ledger as they were."""
    bring(database, tmp_path, anna, chatgpt_export(trip()))
    by_key = {entry.external_id: entry for entry in ledger(database, anna)}
    assert by_key["talk-1/q1-edited"].version_of == by_key["talk-1/q1"].id
    assert by_key["talk-1/a2"].parent_id == by_key["talk-1/search"].id
    assert by_key["talk-1/a2"].model == "o1"
    with database.reading(anna) as connection:
        (talk,) = conversation_store.listed(connection, anna, archived=False, before=None, limit=9)
        files = attachment_store.of_entries(connection, anna, [by_key["talk-1/q1-edited"].id])
    assert (talk.title, talk.leaf_id) == ("A trip", by_key["talk-1/a2"].id)
    assert [(file.name, file.media_type) for file in files] == [("sea.png", "image/png")]


def test_a_newer_export_adds_what_is_new(database: Database, tmp_path: Path, anna: Principal) -> None:
    """A second export with more in it adds only that, to the same conversation."""
    bring(database, tmp_path, anna, TALK)
    more = lines(
        {"conversation": "c", "id": "c:4", "said_at": "2023-06-01T10:00:00", "speaker": "Melanie", "text": "Bye"}
    )
    job = bring(database, tmp_path, anna, TALK + more)
    assert job.counts == Counts(entries=1, already_there=3)
    entries = ledger(database, anna)
    assert entries[3].parent_id == entries[2].id
    assert len({entry.conversation_id for entry in entries}) == 1


def test_one_text_is_a_document(database: Database, tmp_path: Path, anna: Principal) -> None:
    """A single file of text, be it nothing but brackets, is kept as the document it is."""
    assert bring(database, tmp_path, anna, b"[" * 300_000, "brackets").counts == Counts(entries=1)
    assert ledger(database, anna)[0].text == "[" * 300_000


def test_nobody_else_sees_it(database: Database, tmp_path: Path, anna: Principal, ben: Principal) -> None:
    """Jobs, entries and files of one person are nobody else's; the same file is imported for each on their own."""
    job = bring(database, tmp_path, anna, TALK)
    intake = intake_in(database, tmp_path)
    assert intake.listed(ben) == []
    for verb in (intake.get, intake.cancel, intake.resume):
        with pytest.raises(NotFound):
            verb(ben, job.id)
    assert ledger(database, ben) == []
    assert bring(database, tmp_path, ben, TALK).counts.entries == 3
    assert len(ledger(database, anna)) == 3


def test_what_was_good_before_the_break_is_kept(database: Database, tmp_path: Path, anna: Principal) -> None:
    """A truncated zip delivers what it holds and then fails with a sentence; its file is not kept."""
    talks = [{**trip(), "conversation_id": f"c{number}"} for number in range(50)]
    content = zipped({"conversations.json": json.dumps(talks)}, compression=0)
    job = bring(database, tmp_path, anna, content[: len(content) * 3 // 4])
    assert (job.state, job.error_code) == (ImportState.FAILED, "damaged_file")
    assert 100 < job.counts.entries < 300
    assert len(ledger(database, anna)) == job.counts.entries
    with pytest.raises(NotResumable):
        intake_in(database, tmp_path).resume(anna, job.id)


def test_a_file_of_which_nothing_could_be_read_has_failed(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Lines that are no entries are not `delivered`: the job failed, with the first reason, and is not tried again."""
    lines = [{"text": 7, "said_at": "2019-03-05T10:00:00Z"}, {"speaker": "Ben", "words": "Hello"}]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    job = bring(database, tmp_path, anna, content, "letters.jsonl", format="entries")
    assert (job.state, job.error_code) == (ImportState.FAILED, "nothing_readable"), job
    assert job.error is not None
    assert job.report[0]["why"] in job.error
    with pytest.raises(NotResumable):
        intake_in(database, tmp_path).resume(anna, job.id)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\0\0", "unknown_format"),
        (b"\x1f\x8b\x08\x00" + bytes(300), "unknown_format"),
        (b'[{"mapping": {}},' + b"[" * 300_000, "damaged_file"),
        (zipped({"conversations.json": b'[{"mapping": {}},' + b" " * 200_000_000}), "archive_bomb"),
    ],
)
def test_hostile_files_are_an_error_and_nothing_else(
    database: Database, tmp_path: Path, anna: Principal, content: bytes, code: str
) -> None:
    """Nonsense, deep nesting and a bomb end the job with their own error, and the next import works."""
    assert bring(database, tmp_path, anna, content).error_code == code
    assert bring(database, tmp_path, anna, TALK).state is ImportState.DELIVERED


def test_a_parser_that_is_killed_fails_the_job_and_can_go_on(
    database: Database, tmp_path: Path, anna: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash of the parser keeps what was delivered; resuming goes on behind it."""
    from everword.intake import supervise

    content = lines(*({"id": str(number), "text": "x" * 500} for number in range(3000)))
    real = supervise.Parser.frames
    seen = []

    def dying(parser: supervise.Parser) -> Iterator[dict[str, object]]:
        for frame in real(parser):
            yield frame
            seen.append(frame)
            if len(seen) == 3:
                parser.kill()

    monkeypatch.setattr(supervise.Parser, "frames", dying)
    job = bring(database, tmp_path, anna, content)
    assert (job.state, job.error_code) == (ImportState.FAILED, "parser_crashed")
    intake = intake_in(database, tmp_path)
    intake.resume(anna, job.id)
    intake.run_queued()
    ended = intake.get(anna, job.id)
    assert (ended.state, ended.counts) == (ImportState.DELIVERED, Counts(entries=3000))
    assert [entry.external_id for entry in ledger(database, anna)] == [str(number) for number in range(3000)]


def wait_for(intake: Intake, who: Principal, job: ImportJob, *states: ImportState) -> ImportJob:
    """Wait until a job is in one of `states`."""
    end = time.monotonic() + 30
    while (found := intake.get(who, job.id)).state not in states:
        assert time.monotonic() < end, f"the import is still {found.state}"
        time.sleep(0.02)
    return found


def test_cancelling_ends_it_and_keeps_what_came(database: Database, tmp_path: Path, anna: Principal) -> None:
    """A cancelled import stops at its next batch, says so, and leaves no file."""
    gate = threading.Event()
    intake = Intake(database, tmp_path / "intake", should_yield=lambda: 0.01 if gate.is_set() else 0.0)
    intake.start()
    try:
        gate.set()
        job = queue(intake, anna, lines(*({"id": str(number), "text": "x"} for number in range(2000))))
        wait_for(intake, anna, job, ImportState.RUNNING)
        assert intake.cancel(anna, job.id).state is ImportState.CANCELLED
        gate.clear()
        after = queue(intake, anna, TALK)
        assert wait_for(intake, anna, after, ImportState.DELIVERED).counts.entries == 3
        assert intake.get(anna, job.id).state is ImportState.CANCELLED
        assert intake.get(anna, job.id).error is None
    finally:
        intake.stop()
    assert list((tmp_path / "intake").iterdir()) == []


def test_a_person_who_waits_goes_first(database: Database, tmp_path: Path, anna: Principal) -> None:
    """While somebody waits the import stands still, and it goes on by itself."""
    waits = threading.Event()
    waits.set()
    intake = Intake(database, tmp_path / "intake", should_yield=lambda: 0.01 if waits.is_set() else 0.0)
    intake.start()
    try:
        job = queue(intake, anna, TALK)
        wait_for(intake, anna, job, ImportState.RUNNING)
        time.sleep(0.2)
        assert ledger(database, anna) == []
        waits.clear()
        wait_for(intake, anna, job, ImportState.DELIVERED)
    finally:
        intake.stop()


def test_stopping_the_server_in_between_loses_nothing(database: Database, tmp_path: Path, anna: Principal) -> None:
    """An import that runs when the server stops goes on at the next start, and is whole."""
    batches = []

    def slow() -> float:
        batches.append(1)
        if len(batches) == 4:
            stopped.set()
        return 0.2 if len(batches) >= 4 else 0.0

    stopped = threading.Event()
    intake = Intake(database, tmp_path / "intake", should_yield=slow)
    intake.start()
    job = queue(intake, anna, lines(*({"id": str(number), "text": "x"} for number in range(5000))))
    assert stopped.wait(30)
    intake.stop()
    assert intake.get(anna, job.id).state is ImportState.RUNNING
    assert 0 < len(ledger(database, anna)) < 5000
    second = intake_in(database, tmp_path)
    second.recover()
    second.run_queued()
    assert second.get(anna, job.id).counts == Counts(entries=5000)
    assert len(ledger(database, anna)) == 5000


def test_progress_and_the_end_are_told(database: Database, tmp_path: Path, anna: Principal) -> None:
    """The outbox tells of the job when it is queued and when it ended, with its counts."""
    job = bring(database, tmp_path, anna, TALK)
    with database.reading(anna) as connection:
        told = events.after(connection, anna, 0)
    assert {event.type for event in told} == {"import.progress", "import.finished"}
    assert told[-1].payload["job"]["id"] == job.id
    assert told[-1].payload["job"]["state"] == "delivered"
    assert told[-1].payload["job"]["counts"]["entries"] == 3


def test_the_report_says_what_was_left_out(database: Database, tmp_path: Path, anna: Principal) -> None:
    """What is skipped is listed once for each reason, with a count, and the list has an end."""
    bad = b"".join(b"{nonsense %d}\n" % number for number in range(700))
    job = bring(database, tmp_path, anna, TALK + bad)
    assert job.counts == Counts(conversations=1, entries=3, skipped=700)
    assert job.report[0] == {"what": "file, line 4", "why": "it is no JSON", "count": 1}
    assert job.report[-1] == {"what": "others", "why": "the list is cut here", "count": 200}


def test_a_conversation_carried_on_here_keeps_its_place(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Importing again does not turn a conversation back that was carried on since."""
    from everword.memory.types import NewEntry

    bring(database, tmp_path, anna, TALK)
    last = ledger(database, anna)[-1]
    with database.writing(anna) as connection:
        said = store.append(
            connection,
            anna,
            NewEntry(
                space_id=anna.own_space,
                label=Label.OWNER,
                text="And now?",
                said_at=last.said_at,
                conversation_id=last.conversation_id,
                parent_id=last.id,
            ),
        )
        assert last.conversation_id is not None
        store.set_leaf(connection, anna, last.conversation_id, said.id)
    bring(database, tmp_path, anna, TALK)
    with database.reading(anna) as connection:
        assert conversation_store.get(connection, anna, last.conversation_id).leaf_id == said.id


def test_options_are_checked_before_anything_is_kept(database: Database, tmp_path: Path, anna: Principal) -> None:
    """An unknown format or time zone, and an empty file, are refused at once."""
    intake = intake_in(database, tmp_path)
    for options in (
        ImportOptions(format="pst"),
        ImportOptions(time_zone="Mars/North"),
        ImportOptions(time_zone="/etc"),
    ):
        with pytest.raises(Invalid):
            intake.receive(anna, "f", options, None)
    with pytest.raises(Invalid):
        intake.receive(anna, "f", ImportOptions(), 0).finish()
    assert intake.listed(anna) == []
    assert list((tmp_path / "intake").iterdir()) == []


def test_a_run_that_a_person_waits_for_goes_first(database: Database, tmp_path: Path, anna: Principal) -> None:
    """From the moment a question is sent until its answer is there, and not for ever, imports stand still."""

    def ask(priority: Priority) -> RunId:
        with database.writing(anna) as connection:
            of: dict[str, Any] = {"space_id": anna.own_space, "person_id": anna.person_id, "conversation_id": None}
            return run_store.create(connection, anna, kind="chat.turn", input={}, priority=priority, **of).id

    ask(Priority.BACKGROUND)
    assert wait_for_person(database) == 0
    waiting = ask(Priority.PERSON)
    assert wait_for_person(database) > 0
    with database.writing(anna) as connection:
        run_store.change(connection, anna, waiting, {"state": "delivered", "ended_at": clock.now()})
    assert wait_for_person(database) == 0
