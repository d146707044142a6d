"""`everword work`: background work by its true state, and what waits for you."""

import json
from typing import Annotated, Any

import typer

from everword.cli.ceilings import CallsOption, DollarsOption, MinutesOption, TokensOption, ceiling, told
from everword.cli.client import Client, connect
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose work, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunArgument = Annotated[str, typer.Argument(help="The run's id, or its beginning, as the list prints it.")]
work_app = typer.Typer(help="Work in the background, and what of it waits for you.", invoke_without_command=True)
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(work_app, name="work")


@work_app.callback()
def work(
    context: typer.Context,
    state: Annotated[list[str] | None, typer.Option("--state", help="Only runs in this state.")] = None,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """List the newest runs."""
    if context.invoked_subcommand is not None:
        return
    with connect(environment.read(), person=person) as client:
        runs = client.call("GET", "/api/work", state=state, limit=_SHOWN)["runs"]
    if as_json:
        print(json.dumps(runs, indent=2))
        return
    for run in runs:
        print(line_of(run))
    if not runs:
        typer.echo('Nothing was begun. Begin something: everword work do "..."', err=True)


@work_app.command("do")
def do(
    text: Annotated[str, typer.Argument(help="What is to be done, in plain words.")],
    tokens: TokensOption = None,
    calls: CallsOption = None,
    dollars: DollarsOption = None,
    minutes: MinutesOption = None,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Begin to work on something. Where no server runs it begins when one does."""
    body = {"text": text, "client_id": new_id(), "ceiling": ceiling(tokens, calls, dollars, minutes)}
    with connect(environment.read(), person=person) as client:
        _print(client.call("POST", "/api/work", body)["run"], as_json=as_json)
        if not client.is_running:
            typer.echo("It begins when the server runs: everword serve", err=True)


@work_app.command("limits")
def limits(
    tokens: Annotated[int | None, typer.Option("--tokens", min=0, help="Set the most tokens a day; 0: no end.")] = None,
    dollars: Annotated[
        float | None, typer.Option("--dollars", min=0, help="Set the most US dollars a day; 0: no end.")
    ] = None,
    calls: Annotated[
        int | None, typer.Option("--calls", min=0, help="Set the most calls of tools a day; 0: no end.")
    ] = None,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Show, or set, what background work may use in a day. At such a limit it waits for the next day."""
    asked = (("day_tokens", tokens), ("day_dollars", dollars), ("day_calls", calls))
    wanted = {name: value or None for name, value in asked if value is not None}
    with connect(environment.read(), person=person) as client:
        if wanted:
            client.call("PATCH", "/api/settings", wanted)
        day = client.call("GET", "/api/bounds")
    if as_json:
        print(json.dumps(day, indent=2))
        return
    for name in ("tokens", "dollars", "calls"):
        most = day["at_most"][name]
        print(f"{name:<8} {day['used'][name]:>12,.10g} of {'no end' if most is None else format(most, ',.10g')}")
    if day["used"]["unpriced"]:
        typer.echo(f"{day['used']['unpriced']} calls to models of unknown price are not in the dollars.", err=True)
    if day["reached"]:
        typer.echo(f"{day['reached']} are used: background work goes on at {day['until']}.", err=True)


@work_app.command("show")
def show(run: RunArgument, as_json: JsonOption = False, person: PersonOption = None) -> None:
    """Show a run: its steps, how it came to its state, what it used."""
    with connect(environment.read(), person=person) as client:
        opened = client.call("GET", f"/api/work/{whole(client, run)}")
    if as_json:
        print(json.dumps(opened, indent=2))
        return
    print(line_of(opened["run"]))
    print(f"  used {told(opened['run']['spent'])}")
    print(f"  at most {told(opened['run']['ceiling'])}")
    for step in opened["steps"]:
        effect = f" [{step['effect']['state']}: {step['effect']['cause']}]" if step["effect"] else ""
        print(f"  {step['at'][11:19]} {step['kind']:<7} {step['tool'] or ''} {step['text']}{effect}")
    for child in opened["children"]:
        print(f"  started {line_of(child)}")
    for change in opened["transitions"]:
        print(f"  {change['at'][11:19]} {change['to_state']}: {change['cause']}")


@work_app.command("stop")
def stop(run: RunArgument, as_json: JsonOption = False, person: PersonOption = None) -> None:
    """Stop a run, whatever it does."""
    _act(run, "POST", "/api/runs/{run}/stop", None, as_json=as_json, person=person)


@work_app.command("pause")
def pause(run: RunArgument, as_json: JsonOption = False, person: PersonOption = None) -> None:
    """Let a run stop after its current step."""
    _act(run, "POST", "/api/work/{run}/pause", None, as_json=as_json, person=person)


@work_app.command("resume")
def resume(run: RunArgument, as_json: JsonOption = False, person: PersonOption = None) -> None:
    """Let a paused run go on."""
    _act(run, "POST", "/api/work/{run}/resume", None, as_json=as_json, person=person)


@work_app.command("note")
def note(
    run: RunArgument,
    text: Annotated[str, typer.Argument(help="What it should know.")],
    person: PersonOption = None,
) -> None:
    """Steer a run: it is read after the current step."""
    with connect(environment.read(), person=person) as client:
        client.call("POST", f"/api/work/{whole(client, run)}/note", {"text": text})


@work_app.command("again")
def again(run: RunArgument, as_json: JsonOption = False, person: PersonOption = None) -> None:
    """Begin the same work anew."""
    with connect(environment.read(), person=person) as client:
        _print(client.call("POST", f"/api/work/{whole(client, run)}/again")["run"], as_json=as_json)


@work_app.command("waiting")
def waiting(as_json: JsonOption = False, person: PersonOption = None) -> None:
    """List what waits for your yes, your answer or your look, each with the exact effect."""
    with connect(environment.read(), person=person) as client:
        cards = client.call("GET", "/api/needs-you")["cards"]
    if as_json:
        print(json.dumps(cards, indent=2))
        return
    for card in cards:
        print(f"{card['id']}  {card['kind']:<9} {card['title']}")
        for argument in card["arguments"]:
            print(f"    {argument['name']}: {argument['value']} ({argument['origin']})")
        for words in filter(None, (card["text"], card["on_expiry"])):
            print(f"    {words}")
    if not cards:
        typer.echo("Nothing waits for you.", err=True)


@work_app.command("yes")
def yes(
    card: Annotated[str, typer.Argument(help="The card's id, as `everword work waiting` prints it.")],
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Say yes to exactly what the card shows. Of an effect nobody can tell of: it happened."""
    _answer(card, is_yes=True, as_json=as_json, person=person)


@work_app.command("no")
def no(
    card: Annotated[str, typer.Argument(help="The card's id.")],
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Say no. Of an effect nobody can tell of: it did not happen."""
    _answer(card, is_yes=False, as_json=as_json, person=person)


@work_app.command("reply")
def reply(
    run: RunArgument,
    text: Annotated[str, typer.Argument(help="Your answer.")],
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Answer the question that a run waits with."""
    _act(run, "POST", "/api/runs/{run}/reply", {"text": text}, as_json=as_json, person=person)


def line_of(run: dict[str, Any]) -> str:
    """One run as a line: its id, its true state and what it waits for, and what was asked."""
    state = run["state"] + (f" ({run['waiting_for']})" if run["waiting_for"] else "")
    why = f": {run['error']['message']}" if run["error"] else ""
    return f"{run['id']}  {state:<20} {run['title'] or ''}{why}"


def whole(client: Client, run: str) -> str:
    """The whole id of a run of which the beginning was given; what was given, where none or several begin so."""
    found = [each["id"] for each in client.call("GET", "/api/work", limit=200)["runs"] if each["id"].startswith(run)]
    return str(found[0]) if len(found) == 1 else run


def _answer(card_id: str, *, is_yes: bool, as_json: bool, person: str | None) -> None:
    with connect(environment.read(), person=person) as client:
        cards = [card for card in client.call("GET", "/api/needs-you")["cards"] if card["id"] == card_id]
        if not cards:
            typer.echo("Nothing waits under this id. See: everword work waiting", err=True)
            raise typer.Exit(1)
        if cards[0]["kind"] == "approval":
            run = client.call("POST", f"/api/approvals/{card_id}/answer", {"yes": is_yes, "hash": cards[0]["hash"]})
        elif cards[0]["kind"] == "unknown":
            run = client.call("POST", f"/api/effects/{card_id}/settle", {"happened": is_yes})
        else:
            typer.echo('This is answered with words: everword work reply RUN "..."', err=True)
            raise typer.Exit(1)
        _print(run, as_json=as_json)


def _act(run: str, method: str, path: str, body: Any, *, as_json: bool, person: str | None) -> None:
    with connect(environment.read(), person=person) as client:
        _print(client.call(method, path.format(run=whole(client, run)), body), as_json=as_json)


def _print(run: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(run, indent=2) if as_json else line_of(run))
