"""`everword ask`: say something from the terminal; the answer comes as it is written, with its quotes."""

import json
import sys
from typing import Annotated, Any

import typer

from everword.cli.client import Client, connect
from everword.core.errors import EverwordError, Invalid
from everword.core.ids import new_id
from everword.settings import environment

_WAIT_S = 20


class NoAnswer(EverwordError):
    """{why}"""

    code = "no_answer"
    status = 502


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("ask")(ask)


def ask(
    words: Annotated[list[str] | None, typer.Argument(help="What to say; from standard input where left out.")] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", help="Go on in this one, by its id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when the answer is whole.")] = False,
    person: Annotated[str | None, typer.Option("--person", help="Whose, where several people live here.")] = None,
) -> None:
    """Ask, and print the answer with what it quotes. What you say and the answer are kept, as in the browser."""
    text = " ".join(words) if words else sys.stdin.read().strip()
    if not text:
        raise Invalid(why='There is nothing to ask. Try: everword ask "What did I say about the roof?"')
    with connect(environment.read(), person=person, with_workers=True) as client:
        position = client.call("GET", "/api/events/poll", wait_s=0)["position"]
        path = f"/api/conversations/{conversation}/messages" if conversation else "/api/messages"
        said = client.call("POST", path, {"text": text, "client_id": new_id()})
        try:
            finished = _follow(client, said["run"]["id"], position, is_silent=as_json)
        except KeyboardInterrupt:
            client.call("POST", f"/api/runs/{said['run']['id']}/stop")
            raise
    _print(said, finished, as_json=as_json)


def _follow(client: Client, run_id: str, position: int, *, is_silent: bool) -> dict[str, Any]:
    """Print the answer as it comes; what the run's end told."""
    shown = ""
    while True:
        page = client.call("GET", "/api/events/poll", after=position, wait_s=_WAIT_S)
        position = page["position"]
        for event in page["events"]:
            if event["run_id"] != run_id:
                continue
            told = event["payload"]
            if event["type"] == "run.delta" and not is_silent:
                shown += told["text"]
                typer.echo(told["text"], nl=False)
            elif event["type"] == "run.reset" and shown:
                shown = ""
                typer.echo("\n(broken off; once more)")
            elif event["type"] == "run.finished":
                entry = told["entry"]
                if not is_silent and entry is not None:
                    typer.echo(entry["text"].removeprefix(shown))
                finished: dict[str, Any] = told
                return finished


def _print(said: dict[str, Any], finished: dict[str, Any], *, as_json: bool) -> None:
    entry, run = finished["entry"], finished["run"]
    if run["state"] != "delivered":
        error = run["error"] or {}
        raise NoAnswer(why=error.get("message") or f"The answer was {run['state']}.")
    if as_json:
        typer.echo(json.dumps({"conversation_id": said["conversation"]["id"], **entry}, ensure_ascii=False))
        return
    for citation in entry["citations"]:
        quote = citation["quote"]
        who = quote["speaker"] or ("Everword" if quote["label"] == "assistant" else "You")
        typer.echo(f"  [{citation['number']}] “{quote['text'].strip()}” {who}, {quote['said_at'][:10]}")
    if entry["basis"] == "not_from_memory":
        typer.echo("  (not from memory)", err=True)
