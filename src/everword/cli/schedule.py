"""`everword schedule`: when work is begun by itself."""

import json
from typing import Annotated, Any

import typer

from everword.cli.ceilings import CallsOption, DollarsOption, MinutesOption, TokensOption, ceiling, told
from everword.cli.client import connect
from everword.cli.naming import ending, whole
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose schedules, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ScheduleArgument = Annotated[str, typer.Argument(help="The schedule's id, or its end, as the list prints it.")]
schedule_app = typer.Typer(help="Work that begins by itself, at times you say in words or cron.", no_args_is_help=True)
_PATH = "/api/schedules"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(schedule_app, name="schedule")


@schedule_app.command("list")
def list_schedules(as_json: JsonOption = False, person: PersonOption = None) -> None:
    """List all schedules: what, when, and when next."""
    with connect(environment.read(), person=person) as client:
        found = client.call("GET", _PATH)["schedules"]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for schedule in found:
        print(line_of(schedule))
    if not found:
        typer.echo('There is no schedule. Make one: everword schedule add "every day at 7" "..."', err=True)


@schedule_app.command("add")
def add(
    when: Annotated[str, typer.Argument(help='"every weekday at 8:30", "in 2 hours", or cron: "30 8 * * 1-5".')],
    text: Annotated[str, typer.Argument(help="What is to be done, in plain words.")],
    time_zone: Annotated[str | None, typer.Option("--time-zone", help="Such as Europe/Lisbon. Default: yours.")] = None,
    on_missed: Annotated[
        str, typer.Option("--on-missed", help="catch_up (once for all missed) or report.")
    ] = "catch_up",
    on_overlap: Annotated[str, typer.Option("--on-overlap", help="skip, or queue: one waits.")] = "skip",
    tokens: TokensOption = None,
    calls: CallsOption = None,
    dollars: DollarsOption = None,
    minutes: MinutesOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is understood.")] = False,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Make a schedule, and say what was understood and the next three times."""
    asked = {"when": when, "time_zone": time_zone}
    with connect(environment.read(), person=person) as client:
        made = client.call("POST", f"{_PATH}/preview", asked)
        if not dry_run:
            rules = {"on_missed": on_missed, "on_overlap": on_overlap, "client_id": new_id()}
            bounds = {"ceiling": ceiling(tokens, calls, dollars, minutes)}
            made |= client.call("POST", _PATH, asked | rules | bounds | {"text": text})
    if as_json:
        print(json.dumps(made, indent=2))
        return
    print(f"{made['says']} ({made['time_zone']}). Next, in UTC: {', '.join(map(_minute, made['next']))}")
    if not dry_run:
        print(line_of(made))


@schedule_app.command("change")
def change(
    schedule: ScheduleArgument,
    text: Annotated[str | None, typer.Option("--text", help="What is to be done from now on.")] = None,
    when: Annotated[str | None, typer.Option("--when", help="When, in words or cron.")] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Such as Europe/Lisbon; '' for yours, whatever it is.")
    ] = None,
    on_missed: Annotated[str | None, typer.Option("--on-missed", help="catch_up or report.")] = None,
    on_overlap: Annotated[str | None, typer.Option("--on-overlap", help="skip or queue.")] = None,
    tokens: TokensOption = None,
    calls: CallsOption = None,
    dollars: DollarsOption = None,
    minutes: MinutesOption = None,
    person: PersonOption = None,
) -> None:
    """Change what is done, when, or by which rules. What is not named stays as it is."""
    wanted = {"text": text, "when": when, "time_zone": time_zone, "on_missed": on_missed, "on_overlap": on_overlap}
    asked = {**wanted, "ceiling": ceiling(tokens, calls, dollars, minutes)}
    body: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if time_zone == "":
        body["time_zone"] = None
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("PATCH", f"{_PATH}/{whole(client, _PATH, 'schedule', schedule)}", body)))


@schedule_app.command("pause")
def pause(
    schedule: ScheduleArgument,
    off: Annotated[bool, typer.Option("--off", help="Let it be due again.")] = False,
    person: PersonOption = None,
) -> None:
    """Let a schedule rest, until it is resumed."""
    with connect(environment.read(), person=person) as client:
        path = f"{_PATH}/{whole(client, _PATH, 'schedule', schedule)}"
        print(line_of(client.call("PATCH", path, {"is_paused": not off})))


@schedule_app.command("remove")
def remove(schedule: ScheduleArgument, person: PersonOption = None) -> None:
    """Delete a schedule: it is not due again. What it did stays."""
    with connect(environment.read(), person=person) as client:
        client.call("DELETE", f"{_PATH}/{whole(client, _PATH, 'schedule', schedule)}")
    print("Deleted. It is not due again.")


def line_of(schedule: dict[str, Any]) -> str:
    """A schedule on a line, what its runs may use on another, and why it was paused, where it was for a reason."""
    state = f"next {_minute(schedule['next_at'])} UTC" if schedule["next_at"] else schedule["state"]
    text = " ".join(schedule["text"].split())[:60]
    line = f"{ending(schedule)}  {schedule['says']} ({schedule['time_zone']}), {state}: {text}"
    line += f"\n    at most {told(schedule['ceiling'])}"
    return f"{line}\n    paused: {schedule['reason']}" if schedule["reason"] else line


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
