"""Taking everything out, and that importing it gives the same ledger."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from everword.core.ids import EntryId, RunId, new_id
from everword.core.types import Label, Principal
from everword.intake.export import export_zip
from everword.intake.paging import all_of
from everword.intake.types import Counts, ImportState
from everword.memory import attachment_store, conversation_store, store, whole_store
from everword.memory.facts import promise_store
from everword.memory.facts.types import Moment, Precision, PromiseId, PromiseState, Spoken
from everword.memory.notes import note_store, notes, task_store, tasks
from everword.memory.notes.types import OWNER, Author
from everword.memory.types import Conversation, Entry, EntryKind, EntryState, NewEntry
from everword.storage.database import Database
from tests.conftest import add_person
from tests.integration.intake.bringing import bring, ledger
from tests.unit.intake.made import chatgpt_export, claude_conversation, claude_export, lines, trip, zipped


def exported(database: Database, who: Principal) -> bytes:
    """The whole zip."""
    return b"".join(export_zip(database, who))


def picture(database: Database, who: Principal) -> dict[str, Any]:
    """Everything a ledger knows but positions, when it was recorded and which run wrote it."""
    with database.reading(who) as connection:
        conversations = whole_store.conversations_after(connection, who, None, 1000)
        entries = store.entries_after(connection, who, 0, 100_000)
        files = attachment_store.of_entries(connection, who, [entry.id for entry in entries])
        contents = {file.id: attachment_store.content(connection, who, file.id) for file in files}
        decided = promise_store.decided(connection, who, who.own_space)
    space = who.own_space
    return {
        "notes": {item.id: replace(item, space_id=space) for item in all_of(database, who, note_store.page)},
        "tasks": {item.id: replace(item, space_id=space) for item in all_of(database, who, task_store.page)},
        "promises": {item.action: replace(item, space_id=space, id=PromiseId("")) for item in decided},
        "conversations": {item.id: replace(item, space_id=space) for item in conversations},
        "entries": [
            replace(item, position=0, recorded_at=item.said_at, run_id=None, space_id=space) for item in entries
        ],
        "files": {item.id: (replace(item, space_id=space), contents[item.id]) for item in files},
    }


def same(one: dict[str, Any], other: dict[str, Any], who: Principal) -> bool:
    """Whether two ledgers are the same but for whose space they are in."""

    def placed(item: Any) -> Any:
        return replace(item, space_id=who.own_space)

    return bool(
        all(
            {key: placed(item) for key, item in one[kind].items()} == other[kind]
            for kind in ("conversations", "notes", "tasks", "promises")
        )
        and [placed(item) for item in one["entries"]] == other["entries"]
        and {key: (placed(item), content) for key, (item, content) in one["files"].items()} == other["files"]
    )


def fill(database: Database, who: Principal, folder: Path) -> None:
    """A ledger with imports of every kind, and a conversation held here with versions and a file."""
    bring(database, folder, who, chatgpt_export(trip()), owner_is_me=True)
    bring(database, folder, who, claude_export(claude_conversation()), owner_is_me=True)
    bring(database, folder, who, zipped({"notes/a.md": "# A\n", "notes/b.txt": "b"}))
    bring(database, folder, who, lines({"conversation": "c", "id": "1", "speaker": "Ann", "text": "Hi"}))
    at = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)
    with database.writing(who) as connection:
        talk = conversation_store.create(connection, who, who.own_space, title="Über uns / Тест", created_at=at)
        new = NewEntry(space_id=who.own_space, label=Label.OWNER, text="Who?", said_at=at, conversation_id=talk.id)
        first = store.append(connection, who, replace(new, external_id="client-1"))
        edited = store.append(connection, who, replace(new, text="Who are we?", version_of=first.id))
        answer = replace(new, label=Label.ASSISTANT, text="We", model="small", state=EntryState.INTERRUPTED)
        said = store.append(connection, who, replace(answer, parent_id=edited.id, details={"basis": "memory"}))
        store.set_leaf(connection, who, talk.id, said.id, at=at)
        conversation_store.change(connection, who, talk.id, {"pinned_at": at, "archived_at": at})
        keep(connection, who, edited)
        kept: dict[str, Any] = {"media_type": "application/pdf", "content": b"%PDF-x", "text_state": "failed"}
        attachment_store.create(connection, who, who.own_space, name="../a b.pdf", entry_id=first.id, **kept)


def keep(connection: Connection, who: Principal, said: Entry) -> None:
    """Notes and tasks of the owner and of a run, changed and done, and what was decided about promises."""
    run = Author(RunId(new_id()))
    note = notes.write(connection, who, "The key is behind the clock", OWNER, "note-1")
    notes.edit(connection, who, note.id, "The key is behind the mirror", OWNER)
    notes.write(connection, who, "Berit eats no walnuts", run, "note-2")
    task = tasks.write(connection, who, "Call\nthe joiner", OWNER, "t-1", due="2026-12-24", source_entry_id=said.id)
    tasks.change(connection, who, task.id, tasks.Changed(title="Call the joiner", is_done=True), OWNER)
    tasks.write(connection, who, "Order stones", run, "t-2", due="2026-12-24T09:00:00+01:00")
    day = Moment(datetime(2026, 12, 24, tzinfo=UTC), Precision.DAY)
    spoken = [
        Spoken(entry_id=said.id, start=start, end=start + 3, action=f"do {start}", due=due, said_at=said.said_at)
        for start, due in ((0, day), (4, None), (8, None))
    ]
    promise_store.replace(connection, who, who.own_space, [said.id], spoken)
    long_ago = datetime(1970, 1, 2, tzinfo=UTC)
    made = promise_store.listed(
        connection, who, state=PromiseState.OPEN, due_after=long_ago, said_after=long_ago, limit=9
    )
    for promise, state in zip(made, (PromiseState.DONE, PromiseState.DISMISSED), strict=False):
        promise_store.decide(connection, who, promise.id, state)


def test_importing_an_export_gives_the_same_ledger(
    database: Database, tmp_path: Path, anna: Principal, second_database: Callable[[], Database]
) -> None:
    """Into another installation: the same conversations, tree, versions, times, words and files, ids included."""
    fill(database, anna, tmp_path)
    other = second_database()
    carla = add_person(other, "Carla")
    job = bring(other, tmp_path / "other", carla, exported(database, anna), owner_is_me=True)
    assert (job.state, job.format, job.report) == (ImportState.DELIVERED, "everword", [])
    before, after = picture(database, anna), picture(other, carla)
    assert [len(before[kind]) for kind in ("notes", "tasks", "promises")] == [2, 2, 2]
    assert same(before, after, carla)
    with other.writing(carla) as connection:  # whoever reads the promise anew leaves what was decided
        (promise,) = [each for each in after["promises"].values() if each.state is PromiseState.DONE]
        assert not promise_store.restore(connection, carla, replace(promise, state=PromiseState.DISMISSED))


def test_importing_ones_own_export_changes_nothing(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Back into the same ledger everything is there already, imported entries too."""
    fill(database, anna, tmp_path)
    before = picture(database, anna)
    job = bring(database, tmp_path, anna, exported(database, anna), owner_is_me=True)
    assert job.counts == Counts(already_there=len(before["entries"]))
    assert picture(database, anna) == before


def test_where_ids_are_in_use_by_others_they_are_mapped(
    database: Database, tmp_path: Path, anna: Principal, ben: Principal
) -> None:
    """For another person of the same installation the ids are taken: the tree is the same under new ids, once."""
    fill(database, anna, tmp_path)
    content = exported(database, anna)
    assert bring(database, tmp_path, ben, content, owner_is_me=True).state is ImportState.DELIVERED
    job = bring(database, tmp_path, ben, content, owner_is_me=True)
    assert job.counts == Counts(already_there=len(ledger(database, anna)))
    original, copy = ledger(database, anna), ledger(database, ben)
    assert [entry.text for entry in copy] == [entry.text for entry in original]
    moved: dict[EntryId | None, EntryId | None] = {None: None}
    moved |= {ours.id: theirs.id for ours, theirs in zip(original, copy, strict=True)}
    assert [moved[entry.parent_id] for entry in original] == [entry.parent_id for entry in copy]
    assert [moved[entry.version_of] for entry in original] == [entry.version_of for entry in copy]
    with database.reading(Principal.system()) as connection:
        leaves = [
            [talk.leaf_id for talk in whole_store.conversations_after(connection, who, None, 99)] for who in (anna, ben)
        ]
        files = attachment_store.of_entries(connection, ben, [entry.id for entry in copy])
    assert sorted(map(str, (moved[leaf] for leaf in leaves[0]))) == sorted(map(str, leaves[1]))
    assert {file.name for file in files} == {"../a b.pdf", "sea.png", "recipe.txt"}
    mine, theirs = picture(database, anna), picture(database, ben)
    assert [each.text for each in theirs["notes"].values()] == [each.text for each in mine["notes"].values()]
    assert {moved[each.entry_id]: each.done_at for each in mine["tasks"].values()} == {
        each.entry_id: each.done_at for each in theirs["tasks"].values()
    }
    assert set(theirs["tasks"]).isdisjoint(mine["tasks"])


def test_labels_in_an_export_are_claims_too(
    database: Database, tmp_path: Path, anna: Principal, ben: Principal
) -> None:
    """Without the importing person's word nothing in an export is the owner's."""
    fill(database, anna, tmp_path)
    bring(database, tmp_path, ben, exported(database, anna))
    assert Label.OWNER not in {entry.label for entry in ledger(database, ben)}
    assert not any(picture(database, ben)[kind] for kind in ("notes", "tasks", "promises"))


def test_an_export_can_be_read_by_people(database: Database, tmp_path: Path, anna: Principal) -> None:
    """Markdown for each conversation and the files lie beside the ledger, under names that lead nowhere."""
    fill(database, anna, tmp_path)
    with zipfile.ZipFile(io.BytesIO(exported(database, anna))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        first = json.loads(archive.open("everword.jsonl").readline())
        noted, to_do = archive.read("notes.md").decode(), archive.read("tasks.md").decode()
    assert "The key is behind the mirror" in noted
    assert to_do.splitlines()[2] == "- [ ] Order stones (due 2026-12-24T08:00:00Z)"
    assert to_do.splitlines()[3].startswith("- [x] Call the joiner (due 2026-12-24), done 20")
    assert (first["type"], first["version"]) == ("everword", 1)
    assert any(name.startswith("conversations/2026-11-01 Über uns Тест ") for name in names)
    assert any(name.startswith("attachments/") and name.endswith("/a b.pdf") for name in names)
    assert not any(".." in name for name in names)


def test_an_export_holds_nobody_elses_words(
    database: Database, tmp_path: Path, anna: Principal, ben: Principal
) -> None:
    """What is not in one's own space is in no export of it."""
    fill(database, anna, tmp_path)
    assert exported(database, ben).count(b"everword.jsonl") == 2  # its header and its place in the table of contents
    with zipfile.ZipFile(io.BytesIO(exported(database, ben))) as archive:
        assert archive.namelist() == ["everword.jsonl"]
        assert len(archive.read("everword.jsonl").splitlines()) == 1


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def ledgers(draw: st.DrawFn) -> list[tuple[Conversation | None, list[dict[str, Any]]]]:
    """Conversations with trees of entries: each with a parent and a version among those before it, or none."""
    talks = []
    for _ in range(draw(st.integers(0, 3))):
        entries = draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "text": WORDS,
                        "speaker": WORDS,
                        "said_at": TIMES,
                        "label": st.sampled_from([Label.OWNER, Label.STRANGER, Label.TOOL, Label.ASSISTANT]),
                        "kind": st.sampled_from(EntryKind),
                        "state": st.sampled_from(EntryState),
                        "model": st.none() | st.just("m"),
                        "details": st.none()
                        | st.dictionaries(WORDS, st.none() | WORDS | st.integers(0, 9), max_size=3),
                        "parent": st.none() | st.integers(0, 9),
                        "version_of": st.none() | st.integers(0, 9),
                    }
                ),
                max_size=6,
            )
        )
        talks.append((draw(st.none() | WORDS), entries))
    return talks  # type: ignore[return-value]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talks=ledgers())
def test_any_ledger_comes_back(
    database: Database, tmp_path: Path, second_database: Callable[[], Database], talks: list[Any]
) -> None:
    """Whatever conversations and trees a ledger holds, an export brings them all back elsewhere."""
    who = add_person(database, f"Anna {new_id()}")
    with database.writing(who) as connection:
        for title, entries in talks:
            talk = conversation_store.create(connection, who, who.own_space, title=title or "") if title else None
            written: list[EntryId] = []
            for values in entries:
                at = {
                    name: written[values[name] % len(written)] if values[name] is not None and written else None
                    for name in ("parent", "version_of")
                }
                rest = {name: value for name, value in values.items() if name not in at}
                new = NewEntry(
                    space_id=who.own_space,
                    conversation_id=talk.id if talk else None,
                    parent_id=at["parent"],
                    version_of=at["version_of"],
                    id=EntryId(new_id()),
                    **rest,
                )
                written.append(store.append(connection, who, new).id)
            if talk is not None and written:
                store.set_leaf(connection, who, talk.id, written[len(written) // 2])
    other = second_database()
    carla = add_person(other, "Carla")
    job = bring(other, tmp_path, carla, exported(database, who), owner_is_me=True)
    assert (job.state, job.report) == (ImportState.DELIVERED, [])
    assert same(picture(database, who), picture(other, carla), carla)
