"""`everword note`: what the assistant wrote down for itself, and what you note yourself."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import connect
from everword.cli.naming import ending, whole
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose notes, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NoteArgument = Annotated[str, typer.Argument(help="The note's id, or its end, as the list prints it.")]
TextArgument = Annotated[str, typer.Argument(help="The note's words.")]
note_app = typer.Typer(help="Notes: the assistant's own, and yours.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(note_app, name="note")


@note_app.command("list")
def list_notes(as_json: JsonOption = False, person: PersonOption = None) -> None:
    """List the notes, what was changed last first."""
    with connect(environment.read(), person=person) as client:
        found = client.call("GET", "/api/notes")["notes"]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for note in found:
        print(line_of(note))
    if not found:
        typer.echo('There is no note. Write one: everword note add "..."', err=True)


@note_app.command("add")
def add(text: TextArgument, person: PersonOption = None) -> None:
    """Write a note."""
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("POST", "/api/notes", {"text": text, "client_id": new_id()})))


@note_app.command("edit")
def edit(note: NoteArgument, text: TextArgument, person: PersonOption = None) -> None:
    """Give a note other words. Those it had stay in memory."""
    with connect(environment.read(), person=person) as client:
        path = f"/api/notes/{whole(client, '/api/notes', 'note', note)}"
        print(line_of(client.call("PATCH", path, {"text": text})))


@note_app.command("remove")
def remove(note: NoteArgument, person: PersonOption = None) -> None:
    """Delete a note. Its words stay in memory until they are forgotten."""
    with connect(environment.read(), person=person) as client:
        client.call("DELETE", f"/api/notes/{whole(client, '/api/notes', 'note', note)}")
    print("Deleted.")


def line_of(note: dict[str, Any]) -> str:
    """A note on one line."""
    by = "the assistant" if note["by"] == "assistant" else "you"
    return f"{ending(note)}  {' '.join(note['text'].split())} ({by}, {note['updated_at'][:10]})"
