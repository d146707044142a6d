"""`everword forget`: shows what would go, asks, lets it go, and prints the receipt."""

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from everword.cli.client import Client, connect
from everword.core import clock
from everword.core.errors import Invalid
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose memory, where several people live here.")]
_SHOWN = 20
_POLL_S = 0.2
_LINE = 100


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("forget")(forget)
    app.command("delete-everything")(delete_everything)


def forget(
    words: Annotated[str | None, typer.Argument(help="Forget the entries that have all of these words.")] = None,
    entry: Annotated[list[str] | None, typer.Option("--entry", help="An entry by its id; may be given again.")] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", help="A whole conversation by its id.")] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", help="What one person said, by the whole name; me: what you said.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="From this day or moment on (2026-05-01).")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this moment, or to the end of this day.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="What came from there: chatgpt, files, chat.")] = None,
    keep_repeats: Annotated[
        bool, typer.Option("--keep-repeats", help="Leave answers that repeat the words as they are.")
    ] = False,
    all_repeats: Annotated[
        bool, typer.Option("--all-repeats", help="Black out the words in whatever repeats them, not only in answers.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
    person: PersonOption = None,
) -> None:
    """Forget: entries go with all that came of them, from every store. Shows what would go and asks first.

    What is named must all fit: words, speaker and time together limit each other.
    """
    selection = {
        "entry_ids": entry or [],
        "conversation_id": conversation,
        "speaker": speaker,
        "from": _moment(since, is_end=False),
        "to": _moment(until, is_end=True),
        "source": source,
        "words": words or "",
    }
    with connect(environment.read(), person=person, with_workers=True) as client:
        preview = client.call("POST", "/api/memory/forget/preview", selection)
        if not preview["entry_count"]:
            raise Invalid(why="Nothing fits that, so nothing was forgotten.")
        chosen = [
            repeat["entry"]["id"]
            for repeat in preview["repeats"]
            if not keep_repeats and (all_repeats or repeat["is_chosen"])
        ]
        if not yes:
            _show(preview, set(chosen))
            typer.confirm("Forget this for good?", abort=True, err=True)
        asked = {"selection": selection, "up_to": preview["up_to"], "redact": chosen}
        receipt = _follow(client, client.call("POST", "/api/memory/forget", asked))
    typer.echo(json.dumps(receipt, indent=2) if as_json else _told(receipt))
    if receipt["state"] != "delivered":
        sys.exit(1)


def delete_everything(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete this installation: everybody's words, accounts, keys, indexes and weights. Stop the server first."""
    from everword.bootstrap.erase import erase, extent

    settings = environment.read()
    found = extent(settings)
    typer.echo(f"{found.home}: {found.people} people, {found.entries} entries.", err=True)
    if not yes:
        typed = typer.prompt("This cannot be taken back. Type: delete everything", err=True)
        if typed.strip() != "delete everything":
            raise Invalid(why="Nothing was deleted.")
    held = erase(settings)
    typer.echo("Everything is deleted.")
    for place in found.backups:
        typer.echo(f"Still there: the backup {place}. Remove it yourself.")
    for each in held:
        typer.echo(f"Still held: {each.what}, until {each.until}. {each.how}")


def _show(preview: dict[str, Any], chosen: set[str]) -> None:
    counts = ", ".join(f"{name} {count}" for name, count in preview["counts"].items() if count)
    typer.echo(f"This would go: {counts}.\n", err=True)
    for entry in preview["entries"][:_SHOWN]:
        typer.echo(_line(entry), err=True)
    if preview["entry_count"] > _SHOWN:
        typer.echo(f"  and {preview['entry_count'] - _SHOWN} more", err=True)
    if preview["repeats"]:
        typer.echo("\nThese stay, and repeat the words:", err=True)
    for repeat in preview["repeats"]:
        mark = "blacked out" if repeat["entry"]["id"] in chosen else "left as it is"
        typer.echo(f"{_line(repeat['entry'])}  [{mark}]", err=True)
    if preview["backups"]:
        typer.echo(f"\n{preview['backups']} backups keep the words until they are removed.", err=True)
    typer.echo("", err=True)


def _line(entry: dict[str, Any]) -> str:
    who = entry["speaker"] or ("you" if entry["label"] == "owner" else entry["label"])
    text = " ".join(entry["text"].split())
    cut = text if len(text) <= _LINE else f"{text[:_LINE]}..."
    return f"  {entry['said_at'][:16].replace('T', ' ')}  {who}: {cut}"


def _follow(client: Client, begun: dict[str, Any]) -> dict[str, Any]:
    """Until it has ended. Interrupted, it goes on: in the running server, or at the next start."""
    forgetting = begun
    try:
        while forgetting["state"] == "running":
            clock.sleep(_POLL_S)
            forgetting = client.call("GET", f"/api/memory/forget/{begun['id']}")
    except KeyboardInterrupt:
        where = "in the running server" if client.is_running else "when Everword is next started"
        typer.echo(f"\nForgetting goes on {where}.", err=True)
        raise typer.Exit(130) from None
    return forgetting


def _told(receipt: dict[str, Any]) -> str:
    if receipt["state"] != "delivered":
        return str(receipt["error"])
    counts = ", ".join(f"{name} {count}" for name, count in receipt["counts"].items())
    places = ", ".join(f"{check['place']} ({check['looked']})" for check in receipt["checks"])
    lines = [f"Forgotten: {counts}.", f"Looked again, and found nothing, in: {places}.", f"Receipt: {receipt['id']}"]
    lines += [f"Still held: {each['what']}, until {each['until']}. {each['how']}" for each in receipt["remains"]]
    return "\n".join(lines)


def _moment(text: str | None, *, is_end: bool) -> str | None:
    """A moment, or a whole day in the zone of this machine, as ISO 8601. Raises Invalid."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-05-01"):
            day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
            return datetime.combine(day, time()).astimezone(UTC).isoformat()
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(why=f"{text} is no day and no moment. Write it like 2026-05-01 or 2026-05-01T14:00.") from error
    return moment.astimezone(UTC).isoformat()
