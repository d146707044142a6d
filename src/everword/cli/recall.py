"""Commands that look into memory: `recall`, for one question or a file of them, and `index rebuild`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from everword.cli.client import Client, Refused, connect
from everword.core import clock
from everword.core.errors import Invalid
from everword.settings import environment

index_app = typer.Typer(help="The indexes that recall looks into.", no_args_is_help=True)

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose memory, where several people live here.")]
_BETWEEN_LOOKS_S = 0.3


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("recall")(recall)
    app.add_typer(index_app, name="index")


def recall(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="A file of questions, one JSON object a line; - for standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
    k: Annotated[int, typer.Option("--k", min=1, max=200, help="How many entries at most.")] = 10,
    conversation: Annotated[
        str | None,
        typer.Option("--conversation", help="Look only in this one: its id, or the one it was imported under."),
    ] = None,
    person: PersonOption = None,
) -> None:
    """Find what was said: entries for a question, best first, with who, when and why. No model is asked."""
    if (question is None) == (batch is None):
        raise Invalid(why='Give one question, as in: everword recall "what did Anna promise", or --batch FILE.')
    with connect(environment.read(), person=person, with_workers=True) as client:
        _wait_for_index(client)
        if batch is not None:
            bad = _answer_all(client, batch, {"k": k, "conversation": conversation})
            if bad:
                typer.echo(f"{bad} of the questions could not be asked; their lines say why.", err=True)
                raise typer.Exit(1)
            return
        found = _ask(client, {"question": question, "k": k, "conversation": conversation})
    if as_json:
        print(json.dumps(found))
    else:
        _show(found)


@index_app.command("rebuild")
def rebuild(person: PersonOption = None) -> None:
    """Build every index anew from the ledger. The old ones answer until it is done."""
    with connect(environment.read(), person=person) as client:
        typer.echo("Building the indexes anew; recall goes on meanwhile.", err=True)
        client.http.timeout = None
        done = client.call("POST", "/api/memory/index/rebuild")
        typer.echo(f"Done: indexed to position {done['position']}.")


def _ask(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    given = {name: asked[name] for name in ("question", "k", "conversation") if asked.get(name) is not None}
    found: dict[str, Any] = client.call("POST", "/api/memory/recall", given)
    return found


def _entries(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What a program reads of each find; `id` is the one it was imported under, its own where it was not imported."""
    return [
        {
            "id": hit["entry"]["external_id"] or hit["entry"]["id"],
            "entry_id": hit["entry"]["id"],
            "score": hit["score"],
            "start": hit["start"],
            "end": hit["end"],
            "reasons": hit["reasons"],
        }
        for hit in found["hits"]
    ]


def _show(found: dict[str, Any]) -> None:
    if not found["hits"]:
        typer.echo("Nothing found.")
    elif not found["is_supported"]:
        typer.echo("Nothing that was found supports an answer. The nearest:\n")
    for hit in found["hits"]:
        entry = hit["entry"]
        who = entry["speaker"] or ("you" if entry["label"] == "owner" else entry["label"])
        where = f" in {entry['conversation_title']}" if entry["conversation_title"] else ""
        typer.echo(f"{entry['said_at'][:16].replace('T', ' ')}  {who}{where}")
        typer.echo(f"    {entry['text'][hit['start'] : hit['end']].strip()}\n")


def _answer_all(client: Client, batch: Path, defaults: dict[str, Any]) -> int:
    """Print one line for each question of a file, in its order. A bad line gets its error; returns how many did."""
    bad = 0
    for number, line in _lines(batch):
        asked: dict[str, Any] = {}
        try:
            asked = _parsed(line)
            if not isinstance(asked.get("question"), str):
                raise Invalid(why='The line needs a "question", as in {"id": "1", "question": "..."}.')
            answer: dict[str, Any] = {"id": asked.get("id"), "entries": _entries(_ask(client, defaults | asked))}
        except (Invalid, Refused) as error:
            bad += 1
            code = error.values.get("code", error.code)
            answer = {"id": asked.get("id"), "line": number, "error": {"code": code, "message": error.message}}
        print(json.dumps(answer), flush=True)
    return bad


def _parsed(line: str) -> dict[str, Any]:
    """The object in a line, without what is null. Raises Invalid."""
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise Invalid(why=f"The line is not JSON: {error}.") from error
    if not isinstance(asked, dict):
        raise Invalid(why="The line is JSON, but not an object in braces.")
    return {name: value for name, value in asked.items() if value is not None}


def _lines(batch: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, with their numbers. Raises Invalid where it cannot be read."""
    try:
        with sys.stdin if str(batch) == "-" else batch.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise Invalid(why=f"{batch} cannot be read: {error}.") from error


def _wait_for_index(client: Client) -> None:
    """Until everything in the ledger can be found; says so where that takes a while."""
    told = False
    while not (index := client.call("GET", "/api/memory/status")["index"])["is_current"]:
        if not told:
            left = index["ledger_position"] - index["position"]
            typer.echo(f"Indexing {left} entries first.", err=True)
            told = True
        clock.sleep(_BETWEEN_LOOKS_S)
