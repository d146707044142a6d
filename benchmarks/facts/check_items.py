"""Checks that the labelled items are well formed: `python -m benchmarks.facts.check_items`."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benchmarks.facts.matching import Item, Label, has_word, plain, says, span

HERE = Path(__file__).parent
FILES = ("items.dev.jsonl", "items.heldout.jsonl")
LABELS = {"owner", "member", "stranger", "tool", "assistant"}
LEAST_ITEMS = 120


def load(name: str) -> list[Item]:
    """The items of one file, in its order."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def faults_of_label(label: Label) -> Iterator[str]:
    """What is wrong with one label: key words that its own statement lacks, dates, due."""
    if not says(label["statement"], label):
        yield f"its own statement lacks its key words: {label['statement']}"
    for field in ("valid_from", "valid_until", "due"):
        value = label.get(field)
        if value is not None and span(value)[0] > span(value)[1]:
            yield f"{field} ends before it starts: {value}"
    if (label.get("kind") == "promise") != (label.get("due") is not None):
        yield f"a promise has a day it is due, and nothing else has: {label['statement']}"


def faults_of_verbatim(label: Label, passage: str) -> Iterator[str]:
    """Groups of key words that the passage itself lacks: its own clause would not count as the fact."""
    text = plain(passage)
    for group in label["key_words"]:
        if not any(has_word(text, word) for word in group):
            yield f"nothing in the passage has one of {group}: {label['statement']}"


def faults_of_item(item: Item) -> Iterator[str]:
    """What is wrong with one item."""
    if datetime.fromisoformat(item["said_at"]).utcoffset() is None:
        yield "said_at has no offset"
    if not 1 <= len(item["messages"]) <= 6:
        yield "one to six messages"
    for message in item["messages"]:
        if message["label"] not in LABELS or not message["text"].strip():
            yield f"a message with an unknown label or without text: {message}"
        if message["label"] == "owner" and message["speaker"] != item["owner"]:
            yield f"{message['speaker']} speaks as the owner"
    if item["refuse"] != (not item["expect"] and not item["also_right"]):
        yield "refuse is true exactly where nothing may be learned"
    passage = "\n".join(message["text"] for message in item["messages"])
    for label in [*item["expect"], *item["also_right"]]:
        yield from faults_of_label(label)
    for label in item["expect"]:
        yield from faults_of_verbatim(label, passage)


def main() -> int:
    """Prints the faults and the counts; 1 if there are faults."""
    faults, ids, owners = 0, set[str](), dict[str, str]()
    for name in FILES:
        items = load(name)
        for item in items:
            found = list(faults_of_item(item))
            if item["id"] in ids:
                found.append("the id is there twice")
            if owners.setdefault(item["owner"], name) != name:
                found.append("its owner is in both files")
            ids.add(item["id"])
            faults += len(found)
            print(*(f"{item['id']}: {fault}" for fault in found), sep="\n", end="\n" if found else "")
        refused = sum(item["refuse"] for item in items)
        facts = [label for item in items for label in item["expect"]]
        promises = sum(label["kind"] == "promise" for label in facts)
        print(f"{name}: {len(items)} items, {refused} to refuse, {len(facts)} facts, {promises} of them promises")
        faults += len(items) < LEAST_ITEMS
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
