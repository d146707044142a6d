"""`everword delete-account`: one of several people goes, with all that they said."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import Client, Refused, check, connect
from everword.core.errors import Invalid
from everword.settings import environment

_STAGES = {
    "stopping": "Stopping what runs",
    "forgetting": "Forgetting",
    "removing": "Removing the account",
    "looking": "Looking again",
}


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("delete-account")(delete_account)


def delete_account(
    person: Annotated[str | None, typer.Option("--person", help="Whose account.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
) -> None:
    """Delete a person's account: every word of theirs, keys, settings, the account itself. Prints a receipt.

    Who set this installation up cannot go alone: see delete-everything.
    """
    with connect(environment.read(), person=person, with_workers=True) as client:
        found = client.call("GET", "/api/account")
        typer.echo(f"The account of {found['name']}, with {found['entries']} entries.", err=True)
        question = f"This cannot be taken back. Type the name, {found['name']}"
        if not yes and typer.prompt(question, err=True).strip() != found["name"]:
            raise Invalid(why="That is another name. Nothing was deleted.")
        receipt = _follow(client, found["name"])
    typer.echo(json.dumps(receipt, indent=2) if as_json else _told(receipt))


def _follow(client: Client, name: str) -> dict[str, Any]:
    """Until it is done, telling how far it is. Interrupted, it goes on by itself. Raises Refused."""
    shown = ""
    with client.http.stream("POST", "/api/account/delete", json={"name": name}, timeout=None) as response:
        check(response)
        event = ""
        for line in response.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                event = value
            elif field == "data":
                told: dict[str, Any] = json.loads(value)
                if event == "done":
                    receipt: dict[str, Any] = told["receipt"]
                    return receipt
                if event == "failed":
                    raise Refused(message=told["error"]["message"])
                if told["stage"] != shown:
                    shown = told["stage"]
                    typer.echo(f"{_STAGES.get(shown, shown)}.", err=True)
    raise Refused(message="Everword ended in the middle. It goes on at the next start.")


def _told(receipt: dict[str, Any]) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in receipt["counts"].items() if count)
    lines = [f"Deleted: {counts}.", f"Receipt: {receipt['id']}"]
    lines += [f"Still held: {each['what']}, until {each['until']}. {each['how']}" for each in receipt["remains"]]
    return "\n".join(lines)
