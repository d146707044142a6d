#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks entries.jsonl and questions.jsonl; prints counts, fails on a fault."""
import collections
import difflib
import json
import pathlib

HERE = pathlib.Path(__file__).parent


def read(name):
    with open(HERE / name, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


entries, questions = read("entries.jsonl"), read("questions.jsonl")
ids = {e["id"] for e in entries}
assert len(ids) == len(entries), "an entry id occurs twice"
last = {}
for e in entries:
    assert set(e) == {"conversation", "id", "session", "said_at", "speaker", "text"}, e
    assert e["said_at"] > last.get(e["conversation"], ""), ("not ascending", e["id"])
    last[e["conversation"]] = e["said_at"]
assert len({q["id"] for q in questions}) == len(questions), "a question id occurs twice"
assert len({q["question"].lower() for q in questions}) == len(questions)
for q in questions:
    assert set(q) == {"id", "kind", "question", "evidence", "answer", "half"}, q
    assert set(q["evidence"]) <= ids, ("no such entry", q["id"])
    assert (1 <= len(q["evidence"]) <= 3) == (q["kind"] == "answerable"), q["id"]
counts = collections.Counter((q["kind"], q["half"]) for q in questions)
assert len(counts) == 6 and set(counts.values()) == {20}, counts

long = [e for e in entries if len(e["text"]) > 30]
words = {e["id"]: set(e["text"].lower().split()) for e in long}
for i, a in enumerate(long):
    for b in long[i + 1:]:
        x, y = words[a["id"]], words[b["id"]]
        if len(x & y) >= 0.6 * max(len(x), len(y)):
            if difflib.SequenceMatcher(None, a["text"], b["text"]).ratio() > 0.8:
                print("near duplicates:", a["id"], b["id"])

print(len(entries), "entries", dict(collections.Counter(e["conversation"] for e in entries)))
print(min(last.values()), max(last.values()), "last entries;", min(e["said_at"] for e in entries), "first")
print(len(questions), "questions", {" ".join(k): n for k, n in sorted(counts.items())})
