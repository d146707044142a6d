"""`everword schedule`: when work is begun by itself."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import Client, Refused, connect
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose schedules, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ScheduleArgument = Annotated[str, typer.Argument(help="The schedule's id, or its end, as the list prints it.")]
schedule_app = typer.Typer(help="Work that begins by itself, at times you say in words or cron.", no_args_is_help=True)
_ID_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(schedule_app, name="schedule")


@schedule_app.command("list")
def list_schedules(as_json: JsonOption = False, person: PersonOption = None) -> None:
    """List all schedules: what, when, and when next."""
    with connect(environment.read(), person=person) as client:
        found = client.call("GET", "/api/schedules")["schedules"]
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is understood.")] = False,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """Make a schedule, and say what was understood and the next three times."""
    asked = {"when": when, "time_zone": time_zone}
    with connect(environment.read(), person=person) as client:
        told = client.call("POST", "/api/schedules/preview", asked)
        if not dry_run:
            rules = {"on_missed": on_missed, "on_overlap": on_overlap, "client_id": new_id()}
            told |= client.call("POST", "/api/schedules", asked | rules | {"text": text})
    if as_json:
        print(json.dumps(told, indent=2))
        return
    print(f"{told['says']} ({told['time_zone']}). Next, in UTC: {', '.join(map(_minute, told['next']))}")
    if not dry_run:
        print(line_of(told))


@schedule_app.command("pause")
def pause(
    schedule: ScheduleArgument,
    off: Annotated[bool, typer.Option("--off", help="Let it be due again.")] = False,
    person: PersonOption = None,
) -> None:
    """Let a schedule rest, until it is resumed."""
    with connect(environment.read(), person=person) as client:
        path = f"/api/schedules/{whole(client, schedule)}"
        print(line_of(client.call("PATCH", path, {"is_paused": not off})))


@schedule_app.command("remove")
def remove(schedule: ScheduleArgument, person: PersonOption = None) -> None:
    """Delete a schedule: it is not due again. What it did stays."""
    with connect(environment.read(), person=person) as client:
        client.call("DELETE", f"/api/schedules/{whole(client, schedule)}")
    print("Deleted. It is not due again.")


def whole(client: Client, end: str) -> str:
    """The id that ends so. Raises Refused where none does, or several do."""
    found = [each["id"] for each in client.call("GET", "/api/schedules")["schedules"] if each["id"].endswith(end)]
    if len(found) != 1:
        raise Refused(message=f"{'Several schedules end' if found else 'No schedule ends'} with {end!r}.")
    return str(found[0])


def line_of(schedule: dict[str, Any]) -> str:
    """A schedule on one line, or two where it was paused for a reason."""
    state = f"next {_minute(schedule['next_at'])} UTC" if schedule["next_at"] else schedule["state"]
    text = " ".join(schedule["text"].split())[:60]
    line = f"{schedule['id'][-_ID_SHOWN:]}  {schedule['says']} ({schedule['time_zone']}), {state}: {text}"
    return f"{line}\n    paused: {schedule['reason']}" if schedule["reason"] else line


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
