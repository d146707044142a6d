"""`everword trigger`: work that begins when something comes."""

import json
from typing import Annotated, Any

import typer

from everword.cli.ceilings import CallsOption, DollarsOption, MinutesOption, TokensOption, ceiling, told
from everword.cli.client import connect
from everword.cli.naming import ending, whole
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose triggers, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TriggerArgument = Annotated[str, typer.Argument(help="The trigger's id, or its end, as the list prints it.")]
TextArgument = Annotated[str, typer.Argument(help="What is to be done, in plain words.")]
OverlapOption = Annotated[str, typer.Option("--on-overlap", help="queue (one after the other) or skip.")]
trigger_app = typer.Typer(help="Work that begins when something comes: an entry, a webhook.", no_args_is_help=True)
_PATH = "/api/triggers"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(trigger_app, name="trigger")


@trigger_app.command("list")
def list_triggers(as_json: JsonOption = False, person: PersonOption = None) -> None:
    """List all triggers."""
    with connect(environment.read(), person=person) as client:
        found = client.call("GET", _PATH)["triggers"]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for trigger in found:
        print(line_of(trigger))
    if not found:
        typer.echo('There is no trigger. Make one: everword trigger add "..." --words "invoice"', err=True)


@trigger_app.command("add")
def add(
    text: TextArgument,
    words: Annotated[str, typer.Option("--words", help="Words that a new entry has to say, all of them.")] = "",
    speaker: Annotated[str, typer.Option("--speaker", help="Who has to say it.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it has to come from.")] = "",
    webhook: Annotated[bool, typer.Option("--webhook", help="Set off by what is sent to an address.")] = False,
    on_overlap: OverlapOption = "queue",
    tokens: TokensOption = None,
    calls: CallsOption = None,
    dollars: DollarsOption = None,
    minutes: MinutesOption = None,
    person: PersonOption = None,
) -> None:
    """Make a trigger. A webhook's secret is printed this once."""
    body = {
        "kind": "webhook" if webhook else "entry",
        "text": text,
        "words": words,
        "speaker": speaker,
        "source": source,
        "on_overlap": on_overlap,
        "ceiling": ceiling(tokens, calls, dollars, minutes),
        "client_id": new_id(),
    }
    with connect(environment.read(), person=person) as client:
        made = client.call("POST", _PATH, body)
    print(line_of(made))
    if made["secret"]:
        print(f"    deliver to {made['path']}, signed with {made['secret']} (it is not shown again)")


@trigger_app.command("change")
def change(
    trigger: TriggerArgument,
    text: Annotated[str | None, typer.Option("--text", help="What is to be done from now on.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="Words that a new entry has to say; '' for any.")] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", help="Who has to say it; '' for anyone.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where it has to come from; '' for anywhere.")] = None,
    on_overlap: Annotated[str | None, typer.Option("--on-overlap", help="queue or skip.")] = None,
    tokens: TokensOption = None,
    calls: CallsOption = None,
    dollars: DollarsOption = None,
    minutes: MinutesOption = None,
    person: PersonOption = None,
) -> None:
    """Change what is done, or what sets it off. What came before the change does not."""
    wanted = {"text": text, "words": words, "speaker": speaker, "source": source, "on_overlap": on_overlap}
    asked = {**wanted, "ceiling": ceiling(tokens, calls, dollars, minutes)}
    body = {name: value for name, value in asked.items() if value is not None}
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("PATCH", f"{_PATH}/{whole(client, _PATH, 'trigger', trigger)}", body)))


@trigger_app.command("pause")
def pause(
    trigger: TriggerArgument,
    off: Annotated[bool, typer.Option("--off", help="Let it be set off again.")] = False,
    person: PersonOption = None,
) -> None:
    """Let a trigger rest, until it is resumed. What comes meanwhile does not set it off."""
    with connect(environment.read(), person=person) as client:
        path = f"{_PATH}/{whole(client, _PATH, 'trigger', trigger)}"
        print(line_of(client.call("PATCH", path, {"is_paused": not off})))


@trigger_app.command("secret")
def secret(trigger: TriggerArgument, person: PersonOption = None) -> None:
    """Give a webhook another secret, and print it; the one it had no longer holds."""
    with connect(environment.read(), person=person) as client:
        print(client.call("POST", f"{_PATH}/{whole(client, _PATH, 'trigger', trigger)}/secret")["secret"])


@trigger_app.command("remove")
def remove(trigger: TriggerArgument, person: PersonOption = None) -> None:
    """Delete a trigger: nothing sets it off again. What it did stays."""
    with connect(environment.read(), person=person) as client:
        client.call("DELETE", f"{_PATH}/{whole(client, _PATH, 'trigger', trigger)}")
    print("Deleted. Nothing sets it off again.")


def line_of(trigger: dict[str, Any]) -> str:
    """A trigger on a line, what its runs may use on another, and why it was paused, where it was for a reason."""
    by = [f"{name} “{trigger[name]}”" for name in ("words", "speaker", "source") if trigger[name]]
    when = "webhook" if trigger["kind"] == "webhook" else f"entry with {', '.join(by)}"
    line = f"{ending(trigger)}  {when}, {trigger['state']}: {' '.join(trigger['text'].split())[:60]}"
    line += f"\n    at most {told(trigger['ceiling'])}"
    return f"{line}\n    paused: {trigger['reason']}" if trigger["reason"] else line
