"""How well facts are learned: `python -m benchmarks.facts.measure benchmarks/facts/items.dev.jsonl`.

Each item is told to an empty memory, read as the server reads it, and what was learned is held against its labels by
the rules of matching.py. With `--model NAME` a model of the catalogue on this machine reads too, or alone (`--alone`);
`--answers FILE` keeps what it answered, so that a measurement can be cut into pieces and scored again.
"""

import argparse
import asyncio
import hashlib
import json
import math
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.facts.matching import Item, Label, is_about, is_due_right, is_time_right, says
from everword.accounts import people
from everword.agents.distilling import SCHEMA, prompt, readings
from everword.core import clock
from everword.core.ids import PersonId
from everword.core.types import Label as Source
from everword.core.types import Principal
from everword.memory import conversation_store, store
from everword.memory.facts import claim_store, progress_store, promise_store
from everword.memory.facts import store as fact_store
from everword.memory.facts.checking import checked, is_telling
from everword.memory.facts.distil import read_some
from everword.memory.facts.learn import learn
from everword.memory.facts.recited import Recited
from everword.memory.facts.types import Fact, Moment, Precision, PromiseState
from everword.memory.types import NewEntry
from everword.models.aside import Aside, ask
from everword.models.clients import Clients
from everword.models.local.engine import LocalEngine
from everword.models.local.types import EngineConfig, LocalModel
from everword.models.speed import SpeedBook
from everword.models.types import ProviderKind, Target
from everword.storage.database import Database
from everword.storage.migrate import migrate
from everword.weights import catalogue

_FORMS = {Precision.DAY: "%Y-%m-%d", Precision.BY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}
_LONG_AGO = datetime.fromisoformat("1970-01-02T00:00:00+00:00")


@dataclass
class Given:
    """A fact or promise that was learned, as matching wants it."""

    statement: str
    subject: str
    valid_from: str | None = None
    valid_until: str | None = None
    is_promise: bool = False


@dataclass
class Tally:
    """What was counted over all items."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)
    mistimed: list[tuple[str, str]] = field(default_factory=list)


def learned(database: Database, item: Item, number: int, reader: "Reader | None") -> tuple[list[Given], list[Given]]:
    """The facts and promises that an empty memory has after an item."""
    who = _person(database, f"{item['owner']} {number}")
    with database.writing(who) as connection:
        talk = conversation_store.create(connection, who, who.own_space)
        for message in item["messages"]:
            is_owner = message["label"] == "owner"
            new = NewEntry(
                space_id=who.own_space,
                label=Source(message["label"]),
                text=message["text"],
                said_at=datetime.fromisoformat(item["said_at"]),
                speaker="" if is_owner else message["speaker"],
                conversation_id=talk.id,
            )
            store.append(connection, who, new)
    zone = _zone_of(item)
    while (reader is None or not reader.is_alone) and read_some(database, who, zone):
        pass
    if reader is not None:
        reader.read(database, who, zone)
    return _given(database, who, item)


def _given(database: Database, who: Principal, item: Item) -> tuple[list[Given], list[Given]]:
    with database.reading(who) as connection:
        facts = fact_store.listed(
            connection, who, state="all", subject=None, words=(), is_pinned=False, skip=0, limit=500
        )
        promises = promise_store.listed(
            connection, who, state=PromiseState.OPEN, due_after=_LONG_AGO, said_after=_LONG_AGO, limit=500
        )
    said_at = datetime.fromisoformat(item["said_at"])
    kept = [_as_given(fact, said_at) for fact in facts]
    due = [Given(each.action, "owner", None, _last_day(each.due), is_promise=True) for each in promises]
    return kept, due


def _as_given(fact: Fact, said_at: datetime) -> Given:
    end = fact.interval.end
    if fact.superseded_at is not None and (end is None or fact.superseded_at < end.at):
        end = Moment(fact.superseded_at, Precision.BY)
    start = fact.interval.start
    begins = start.at.strftime(_FORMS[start.precision]) if start else None
    if end is not None and end.is_guess:
        return Given(fact.statement, fact.subject or "owner", begins, min(end.at, said_at).strftime("%Y-%m-%d"))
    return Given(fact.statement, _plain_subject(fact.subject), begins, _last_day(end))


def _plain_subject(subject: str) -> str:
    return subject.removeprefix("your ") or "owner"


def _last_day(end: Moment | None) -> str | None:
    """The last day before an exclusive end."""
    return None if end is None else (end.at - timedelta(seconds=1)).strftime("%Y-%m-%d")


def score(item: Item, facts: list[Given], promises: list[Given], tally: Tally) -> None:
    """Hold what was learned against the labels of an item."""
    counts = tally.counts
    given = [*facts, *promises]
    open_labels: list[Label] = [*item["expect"]]
    also: list[Label] = [*item["also_right"]]
    promised = [label for label in item["expect"] if label["kind"] == "promise"]
    counts["promise labels"] += len(promised)
    for label in promised:
        found = [each for each in promises if says(each.statement, label)]
        counts["promises found"] += bool(found)
        counts["promises due right"] += any(is_due_right(each.valid_until, label) for each in found)
    counts["labels"] += len(item["expect"])
    counts["given"] += len(given)
    if item["refuse"]:
        counts["refused items"] += 1
        counts["junk items"] += bool(given)
        counts["junk"] += len(given)
    for each in given:
        label = _paired(each, item, open_labels) or _paired(each, item, also)
        if label is None:
            tally.wrong.append((item["id"], f"{item['tag']}: [{each.subject}] {each.statement}"))
            continue
        _score_pair(each, label, item, tally)
        (open_labels if label in open_labels else also).remove(label)
    tally.missed += [(item["id"], f"{item['tag']}: {label['statement']}") for label in open_labels]


def _score_pair(each: Given, label: Label, item: Item, tally: Tally) -> None:
    counts = tally.counts
    counts["worded"] += 1
    is_right = is_about(each.subject, label, item["owner"])
    whose = "owner's" if label["subject"] == "owner" else "others'"
    counts[f"{whose} facts"] += 1
    counts[f"{whose} kept"] += is_right
    counts["right"] += is_right
    if not is_right:
        tally.wrong.append((item["id"], f"subject of {label['subject']}: [{each.subject}] {each.statement}"))
        counts["others' became the owner's"] += label["subject"] != "owner" and each.subject == "owner"
    if "kind" not in label:
        return
    counts["labels found"] += is_right
    if each.is_promise or label["kind"] == "promise":
        return
    timed = "timed" if label["valid_from"] or label["valid_until"] or label["ended"] else "untimed"
    is_in_time = is_time_right(each.valid_from, each.valid_until, label, item["said_at"])
    counts[timed] += 1
    counts[f"{timed} right"] += is_in_time
    if not is_in_time:
        told = f"{each.statement} ({each.valid_from} to {each.valid_until})"
        wanted = f"{label['valid_from']} to {label['valid_until']}{', ended' if label['ended'] else ''}"
        tally.mistimed.append((item["id"], f"{told}, not {wanted}"))


def _paired(each: Given, item: Item, labels: list[Label]) -> Label | None:
    """The label that says the same; where several do, one whose subject and time are right."""
    is_over = each.valid_until is not None
    fitting = [label for label in labels if says(each.statement, label, is_over=is_over and not each.is_promise)]

    def rank(label: Label) -> tuple[bool, bool]:
        in_time = "kind" in label and is_time_right(each.valid_from, each.valid_until, label, item["said_at"])
        return is_about(each.subject, label, item["owner"]), in_time

    return max(fitting, key=rank, default=None)


def _person(database: Database, name: str) -> Principal:
    person = people.create_person(database, name)
    return people.principal_for(database, PersonId(person.id))


def _zone_of(item: Item) -> str:
    offset = datetime.fromisoformat(item["said_at"]).utcoffset() or timedelta()
    hours = int(offset.total_seconds() // 3600)
    return "UTC" if not hours else f"Etc/GMT{-hours:+d}"


def report(tally: Tally) -> dict[str, Any]:
    """The figures of the README, each share with its 95 % interval."""
    counts = tally.counts
    return {
        "precision": share(counts["right"], counts["given"]),
        "recall": share(counts["labels found"], counts["labels"]),
        "subject kept, owner's": share(counts["owner's kept"], counts["owner's facts"]),
        "subject kept, others'": share(counts["others' kept"], counts["others' facts"]),
        "others' became the owner's": str(counts["others' became the owner's"]),
        "time right, with a time": share(counts["timed right"], counts["timed"]),
        "time right, without": share(counts["untimed right"], counts["untimed"]),
        "promises found": share(counts["promises found"], counts["promise labels"]),
        "of those due right": share(counts["promises due right"], counts["promises found"]),
        "refused items that taught": share(counts["junk items"], counts["refused items"]),
        "facts from them": str(counts["junk"]),
    }


def share(part: int, whole: int) -> str:
    """A share in percent with its Wilson interval."""
    if not whole:
        return "none"
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    reach = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{100 * p:.1f} % ({part} of {whole}; {100 * (middle - reach):.0f} to {100 * (middle + reach):.0f})"


class Reader:
    """The model stage with one local model, without anybody to give way to."""

    def __init__(self, name: str, weights: Path, answers: Path | None, *, is_alone: bool) -> None:
        self._name, self._weights, self._answers = name, weights, answers
        self.is_alone = is_alone
        self._engine: LocalEngine | None = None
        self._folder = tempfile.TemporaryDirectory()
        self._loop = asyncio.new_event_loop()
        lines = answers.read_text(encoding="utf-8").splitlines() if answers and answers.exists() else []
        self._known = {each["text"]: each for each in map(json.loads, lines) if each["model"] == name}
        self.asked = self.tokens = self.listed = self.kept = 0
        self.seconds: list[float] = []

    def read(self, database: Database, who: Principal, zone: str) -> None:
        """Ask about every telling entry of a memory, and keep what it bears out."""
        with database.reading(who) as connection:
            entries = store.entries_after(connection, who, 0, 100)
        for entry in filter(is_telling, entries):
            answer = self._known.get(entry.text) or self._ask(entry.text)
            read = readings(answer["answer"])
            self.asked, self.tokens, self.listed = (
                self.asked + 1,
                self.tokens + answer["tokens"],
                self.listed + len(read),
            )
            self.seconds.append(answer["seconds"])
            with database.writing(who) as connection:
                known = claim_store.claims_of_entries(connection, who, [entry.id])
                shown = progress_store.shown_before(connection, who, [entry.id]).get(entry.id, ())
                claims = Recited(entry, shown).without(checked(entry, read, known, zone))
                self.kept += len(claims)
                learn(connection, who, who.own_space, [entry.id], [*known, *claims])

    def _ask(self, text: str) -> dict[str, Any]:
        if self._engine is None:
            self._engine = self._started()
        began = clock.monotonic()
        answer = self._loop.run_until_complete(self._answer(self._engine, text))
        took = round(clock.monotonic() - began, 2)
        kept = {"model": self._name, "text": text, "answer": answer.text, "tokens": answer.tokens, "seconds": took}
        if self._answers is not None:
            with self._answers.open("a", encoding="utf-8") as file:
                file.write(json.dumps(kept, ensure_ascii=False) + "\n")
        return kept

    async def _answer(self, engine: LocalEngine, text: str) -> Aside:
        target = Target(ProviderKind.LOCAL, "local", self._name, "http://engine.invalid/v1")
        return await ask(Clients(engine).model(target), prompt(text), SCHEMA, 220)

    def _started(self) -> LocalEngine:
        entry = catalogue.find(self._name)
        engine = LocalEngine(EngineConfig.for_this_machine(), SpeedBook(Path(self._folder.name) / "speeds.json"))
        path = catalogue.in_folder(self._weights, entry) or self._weights / entry.file
        engine.use(LocalModel(entry.name, path, entry.context_tokens))
        engine.wait_ready(120)
        return engine

    def close(self) -> None:
        """End the model's process."""
        if self._engine is not None:
            self._engine.stop()
        self._loop.close()
        self._folder.cleanup()


def sampled(items: list[Item], count: int) -> list[Item]:
    """So many of the items, always the same ones, chosen by their ids' hashes."""
    return sorted(items, key=lambda item: hashlib.sha256(item["id"].encode()).hexdigest())[:count]


def main() -> None:
    """Measure one file and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path, nargs="+")
    parser.add_argument("--model", help="a model of the catalogue that reads beside the rules")
    parser.add_argument("--weights", type=Path, help="the folder that has its file")
    parser.add_argument("--alone", action="store_true", help="the model without the rules")
    parser.add_argument("--answers", type=Path, help="a file that keeps the model's answers, read before it is asked")
    parser.add_argument("--sample", type=int, help="so many items, always the same ones")
    parser.add_argument("--minutes", type=float, help="stop after so many, and report on the items until then")
    parser.add_argument("--show", action="store_true", help="print what was wrong, missed and mistimed (dev half only)")
    given = parser.parse_args()
    items = [json.loads(line) for file in given.items for line in file.read_text(encoding="utf-8").splitlines()]
    items = sampled(items, given.sample) if given.sample else items
    tally = Tally()
    began = clock.monotonic()
    reader = Reader(given.model, given.weights, given.answers, is_alone=given.alone) if given.model else None
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/facts.db")
        migrate(database)
        people.ensure_installation(database)
        for number, item in enumerate(items):
            if given.minutes and clock.monotonic() - began > given.minutes * 60:
                items = items[:number]
                break
            score(item, *learned(database, item, number, reader), tally)
        database.close()
    if reader is not None:
        reader.close()
        print(f"{reader.asked} entries asked, {reader.tokens} tokens, {reader.listed} facts listed, {reader.kept} kept")
        took = reader.seconds or [0]
        print(f"{statistics.median(took):.1f} s an entry (median), {max(took):.1f} at most")
    for name, value in report(tally).items():
        print(f"| {name} | {value} |")
    print(f"{len(items)} items in {clock.monotonic() - began:.1f} s")
    if given.show:
        for name, found in (("wrong", tally.wrong), ("missed", tally.missed), ("mistimed", tally.mistimed)):
            print(f"\n{name}")
            for item_id, what in found:
                print(f"  {item_id} {what}")


if __name__ == "__main__":
    main()
