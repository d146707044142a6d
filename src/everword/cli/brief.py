"""`everword brief`: the day's brief in the terminal."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import Refused, connect
from everword.settings import environment

_ANSWERS = ("done", "later", "dismissed", "less")
_HELD = {
    "most": "seven are the most",
    "alike": "more of the same",
    "less": "you asked for less like this",
    "later": "set aside until the next brief",
}


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(brief)


def brief(
    now: Annotated[bool, typer.Option("--now", help="Make it now; where it is made, add what has come since.")] = False,
    held: Annotated[bool, typer.Option("--held", help="Show what is held back, too.")] = False,
    say: Annotated[
        tuple[int, str] | None, typer.Option("--say", metavar="CARD WHAT", help=f"Say {', '.join(_ANSWERS)} to a card.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    person: Annotated[str | None, typer.Option("--person", help="Whose brief, where several people live here.")] = None,
) -> None:
    """Print today's brief: what is to be decided, was prepared, has changed, is to be watched."""
    with connect(environment.read(), person=person) as client:
        found = client.call("POST" if now else "GET", "/api/brief")
        if say is not None:
            client.call("PUT", f"/api/brief/cards/{_card(found, *say)}", {"says": say[1]})
            found = client.call("GET", "/api/brief")
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for line in lines_of(found, with_held=held):
        print(line)


def lines_of(found: dict[str, Any], *, with_held: bool) -> list[str]:
    """A brief as it is printed."""
    if found["made_at"] is None:
        following = found["next_at"]
        when = f"The next is made at {_minute(following)} UTC." if following else "It is switched off in Settings."
        return [f"No brief yet. {when} `everword brief --now` makes one."]
    missed = f", due {_minute(found['due_at'])}, when Everword did not run" if found["was_missed"] else ""
    lines = [f"Brief of {found['day']} (made {_minute(found['made_at'])} UTC{missed})"]
    if found["summary"]["text"]:
        lines += ["", f"{found['summary']['text']} (worded by {found['summary']['model']} from these cards)"]
    for number, card in enumerate(found["cards"], 1):
        lines += ["", f"{number}. {card['kind'].capitalize()}: {card['title']}", f"   Why now: {card['why']}"]
        lines += [f"   {card['body']}"] if card["body"] else []
        lines += [f"   “{card['quote']['text']}”, {_minute(card['quote']['said_at'])} UTC"] if card["quote"] else []
    lines += ["", "That is all." + (f" Held back: {len(found['held_back'])}." if found["held_back"] else "")]
    if with_held:
        lines += [f"   {card['title']} ({_HELD[card['held_back']]})" for card in found["held_back"]]
    return lines


def _card(found: dict[str, Any], number: int, what: str) -> str:
    if what not in _ANSWERS:
        raise Refused(message=f"Say one of {', '.join(_ANSWERS)} to a card.")
    if not 1 <= number <= len(found["cards"]):
        raise Refused(message=f"There is no card {number}.")
    return str(found["cards"][number - 1]["id"])


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
