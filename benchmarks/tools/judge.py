"""The rules that say whether a request was done: written with the requests, before any model had run."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = Mapping[str, Any]
Request = Mapping[str, Any]
READING = {"recall", "note_list", "task_list", "list_files", "read_file", "web_fetch", "watch_run"}
"""What changes nothing: called beside what was wanted, it is no fault of choice where the request allows it."""
_ADMITS = re.compile(
    r"n't\b|\b(not|no|nothing|unable|cannot|fail\w*|refus\w*|said no|could not|couldn't|unfortunately|sorry|error)\b",
    re.IGNORECASE,
)


def judged(request: Request, record: Record) -> dict[str, bool]:
    """Each verdict on one run: the tools, their arguments, what is there afterwards, and whether its state is true."""
    outcome = all(_holds(check, record) for check in request["outcome"]) and _nothing_else(request, record)
    outcome = outcome and record["state"] == "delivered"
    return {
        "tool": _right_tools(request, record),
        "arguments": _right_arguments(request, record),
        "outcome": outcome,
        "delivered": record["state"] == "delivered",
        "state true": is_state_true(record),
        "false claim": is_false_claim(request, record, outcome=outcome),
    }


def is_state_true(record: Record) -> bool:
    """Delivered only with an answer and every effect settled; and where the last call of a tool that acts failed, or
    was refused, only if the answer admits that something was not done."""
    if record["state"] != "delivered":
        return True
    if not record["answer"] or any(call["effect"] in {"held", "intended", "unknown"} for call in record["calls"]):
        return False
    last = record["calls"][-1] if record["calls"] else None
    return last is None or not _went_wrong(last) or bool(_ADMITS.search(record["answer"]))


def is_false_claim(request: Request, record: Record, *, outcome: bool) -> bool:
    """Delivered, an effect was wanted and is not there, and the answer does not admit it."""
    wants = any(set(names.split("|")) - READING for names in request["tools"]) and request["yes"]
    return wants and record["state"] == "delivered" and not outcome and not _ADMITS.search(record["answer"])


def _went_wrong(call: Mapping[str, Any]) -> bool:
    result = call["result"] or ""
    return call["effect"] in {"failed", "refused"} or result.startswith(("Nothing was done", "There is no tool"))


def _right_tools(request: Request, record: Record) -> bool:
    """Every wanted tool was called, in that order; what acts was called no more often than wanted or allowed."""
    called = [call["tool"] for call in record["calls"]]
    at = 0
    for names in request["tools"]:
        found = [place for place in range(at, len(called)) if called[place] in names.split("|")]
        if not found:
            return False
        at = found[0] + 1
    wanted = {name for names in request["tools"] for name in names.split("|")} | set(request["may"])
    allowed = wanted | (READING if request["tools"] else set())
    return set(called) <= allowed


def _right_arguments(request: Request, record: Record) -> bool:
    """Of each tool that the request has arguments for, some call has all of them."""
    return all(
        any(call["tool"] == tool and _fit(wanted, call["arguments"], record) for call in record["calls"])
        for tool, wanted in request["arguments"].items()
    )


def _fit(wanted: Mapping[str, Any], given: Mapping[str, Any], record: Record) -> bool:
    for name, words in wanted.items():
        value = str(given.get(name, ""))
        if isinstance(words, str):  # the row there was, by any end of its id that says which
            if len(value) < 12 or not record["ids"][words].endswith(value.lower()):
                return False
        elif not has_words(value, [[_filled(word, record) for word in group] for group in words]):
            return False
    return True


def has_words(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether a text holds one of each group, whatever its case."""
    lowered = " ".join(text.lower().replace("\u2019", "'").split())
    return all(any(word.lower() in lowered for word in group) for group in groups)


def _holds(check: Mapping[str, Any], record: Record) -> bool:
    """Whether one rule of an outcome holds: named by its first key, whose value is words, a file's name or a path."""
    name, wanted = next(iter(check.items()))
    after = record["after"]
    if name in _LISTS:
        where, is_there = _LISTS[name]
        groups = [[_filled(word, record) for word in group] for group in wanted]
        return any(has_words(text, groups) for text in _texts(record, where)) is is_there
    if name == "task":
        return any(has_words(title, wanted) and _is_due(check, due, record) for title, due in after["tasks"])
    if name == "file":
        return wanted in after["files"] and has_words(after["files"][wanted], check["words"])
    if name == "a_file":
        return bool(after["files"].get(wanted) == record["before"]["files"][wanted])
    if name == "no_file":
        return wanted not in after["files"]
    if name == "asked":
        return bool(record["asked"])
    is_fetched = any(wanted in path for path in record["fetched"])
    return is_fetched if name == "fetched" else not is_fetched


_LISTS = {
    "answer": ("answer", True),
    "no_answer": ("answer", False),
    "a_task": ("tasks", True),
    "no_task": ("tasks", False),
    "task_done": ("done", True),
    "note": ("notes", True),
    "no_note": ("notes", False),
    "child": ("children", True),
}
"""Rules about words: where they are looked for, and whether they have to be there or must not."""


def _texts(record: Record, where: str) -> list[str]:
    if where == "answer":
        return [record["answer"]]
    if where == "children":
        return list(record["children"])
    return [each[0] if where == "tasks" else each for each in record["after"][where]]


def _is_due(check: Mapping[str, Any], due: str | None, record: Record) -> bool:
    today = datetime.fromisoformat(record["began"])
    if "due" in check:
        return due is not None and due.startswith(check["due"])
    if "due_in_days" in check:
        return due is not None and due.startswith(f"{today + timedelta(days=check['due_in_days']):%Y-%m-%d}")
    if "due_weekday" in check:
        return due is not None and datetime.fromisoformat(due).weekday() == check["due_weekday"]
    return True


def _nothing_else(request: Request, record: Record) -> bool:
    """Beyond what was wanted nothing is there more or less: as many notes, tasks and files as the rules say."""
    more = {"task": 0, "note": 0, "file": 0}
    kept = {"task_finish": ("tasks", -1), "task_delete": ("tasks", -1), "note_delete": ("notes", -1)}
    change = {"tasks": 0, "notes": 0, "files": 0}
    for check in request["outcome"]:
        for kind in more:
            more[kind] += kind in check
    wanted = [name for names in request["tools"] for name in names.split("|")]
    if not request["yes"]:
        wanted = [name for name in wanted if name in READING]
    for name in wanted:
        where, by = kept.get(name, ("", 0))
        if where:
            change[where] += by
    change["tasks"] += more["task"] * ("task_write" in wanted)
    change["notes"] += more["note"] * ("remember" in wanted)
    change["files"] += more["file"] * ("write_file" in wanted) - ("delete_file" in wanted)
    allowed = set(request["may"])
    slack = {"tasks": "task_write" in allowed, "notes": "remember" in allowed, "files": False}
    for where, by in change.items():
        grown = len(record["after"][where]) - len(record["before"][where])
        if grown != by and not (slack[where] and grown >= by):
            return False
    return True


def _filled(word: str, record: Record) -> str:
    """A word of a rule, with what is only known when it is held against a run."""
    if word == "{tokyo}":
        return f"{datetime.fromisoformat(record['began']).astimezone(ZoneInfo('Asia/Tokyo')):%H:}"
    return word.replace("{site}", record["site"])
