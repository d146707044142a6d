"""`everword facts`: what is known and on what words it stands, and the owner's say in it."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import connect
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose memory, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
facts_app = typer.Typer(
    help="What is known: facts with their quotes, and the time they hold.", invoke_without_command=True
)
_QUOTE = 90
_AT_ONCE = 200


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(facts_app, name="facts")


@facts_app.callback()
def facts(
    context: typer.Context,
    words: Annotated[str, typer.Option("--words", help="Only facts with all of these words.")] = "",
    about: Annotated[str | None, typer.Option("--about", help="Only about one person; me for yourself.")] = None,
    state: Annotated[str, typer.Option("--state", help="current, past, disputed, refused or all.")] = "current",
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """List facts, those said last first, each with its first quote. Words and names limit each other."""
    if context.invoked_subcommand is not None:
        return
    query: dict[str, Any] = {"state": state, "words": words, "limit": _AT_ONCE}
    if about is not None:
        query["subject"] = "" if about == "me" else about
    with connect(environment.read(), person=person) as client:
        found: list[dict[str, Any]] = []
        while True:
            page = client.call("POST", "/api/memory/facts/search", query | {"skip": len(found)})
            found += page["facts"]
            if len(page["facts"]) < _AT_ONCE:
                break
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for fact in found:
        print(told(fact))
    if not found:
        typer.echo("No fact fits that.", err=True)


@facts_app.command("correct")
def correct(
    fact: Annotated[str, typer.Argument(help="The fact's id, as --json and the list print it.")],
    statement: Annotated[str, typer.Argument(help="What is right, as one sentence.")],
    since: Annotated[str | None, typer.Option("--since", help="Since when: 2026-05-01, 2026-05 or 2026.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Until when, that day included.")] = None,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Set a fact right. Your word outranks what was inferred, and is kept as an entry of yours."""
    body = {"statement": statement, "since": since, "until": until}
    _do("POST", f"/api/memory/facts/{fact}/correct", body, as_json=as_json, person=person)


@facts_app.command("pin")
def pin(
    fact: Annotated[str, typer.Argument(help="The fact's id.")],
    off: Annotated[bool, typer.Option("--off", help="Pin it no longer.")] = False,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Keep a fact in sight."""
    _do("DELETE" if off else "PUT", f"/api/memory/facts/{fact}/pin", None, as_json=as_json, person=person)


@facts_app.command("refuse")
def refuse(
    fact: Annotated[str, typer.Argument(help="The fact's id.")],
    off: Annotated[bool, typer.Option("--off", help="Take the refusal back.")] = False,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Say that this is no fact: it is not shown and not learned again. Its entries stay."""
    _do("DELETE" if off else "PUT", f"/api/memory/facts/{fact}/refusal", None, as_json=as_json, person=person)


@facts_app.command("bring-back")
def bring_back(
    fact: Annotated[str, typer.Argument(help="The id of a fact that was superseded.")],
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Let a fact that was superseded hold again."""
    _do("POST", f"/api/memory/facts/{fact}/bring-back", None, as_json=as_json, person=person)


def told(fact: dict[str, Any]) -> str:
    """A fact on two lines: what and when, and the first words it stands on."""
    marks = [mark for mark, is_so in (("pinned", fact["is_pinned"]), ("disputed", fact["is_disputed"])) if is_so]
    if fact["state"] in {"superseded", "past", "refused"}:
        marks.append(fact["state"])
    when = _when(fact)
    beside = (f" ({when})" if when else "") + (f" [{', '.join(marks)}]" if marks else "")
    line = f"{fact['statement']}{beside}  {fact['id']}"
    if not fact["quotes"]:
        return line
    quote = fact["quotes"][0]
    text = " ".join(quote["text"].split())
    who = quote["speaker"] or "you"
    more = f", and {fact['entries'] - 1} more" if fact["entries"] > 1 else ""
    return f"{line}\n    {quote['said_at'][:10]} {who}: {text[:_QUOTE]}{'...' if len(text) > _QUOTE else ''}{more}"


def _when(fact: dict[str, Any]) -> str:
    since, until = fact["since"], fact["until"]
    parts = [f"since {_day(since)}"] if since else []
    if until:
        parts.append(f"over by {_day(until)}" if until["precision"] == "by" else f"until {_day(until)}")
    return ", ".join(parts)


def _day(day: dict[str, str]) -> str:
    return day["day"][: {"year": 4, "month": 7}.get(day["precision"], 10)]


def _do(method: str, path: str, body: Any, *, as_json: bool, person: str | None) -> None:
    with connect(environment.read(), person=person) as client:
        fact = client.call(method, path, body)
    print(json.dumps(fact, indent=2) if as_json else told(fact))
