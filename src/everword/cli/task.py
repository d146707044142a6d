"""`everword task`: what you have to do."""

import json
from typing import Annotated, Any

import typer

from everword.cli.client import Client, connect
from everword.cli.naming import ending, whole
from everword.core.ids import new_id
from everword.settings import environment

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose tasks, where several people live here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TaskArgument = Annotated[str, typer.Argument(help="The task's id, or its end, as the list prints it.")]
DueOption = Annotated[str | None, typer.Option("--due", help='"2026-12-24", "on Friday", "tomorrow at 9".')]
task_app = typer.Typer(help="Tasks: what you have to do.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(task_app, name="task")


@task_app.command("list")
def list_tasks(
    done: Annotated[bool, typer.Option("--done", help="Those that are done.")] = False,
    as_json: JsonOption = False,
    person: PersonOption = None,
) -> None:
    """List open tasks, what is due first first."""
    with connect(environment.read(), person=person) as client:
        found = client.call("GET", "/api/tasks", state="done" if done else "open")["tasks"]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for task in found:
        print(line_of(task))
    if not found:
        typer.echo("No task is done." if done else 'No task is open. Write one: everword task add "..."', err=True)


@task_app.command("add")
def add(
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    due: DueOption = None,
    person: PersonOption = None,
) -> None:
    """Write a task."""
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("POST", "/api/tasks", {"title": title, "due": due, "client_id": new_id()})))


@task_app.command("edit")
def edit(
    task: TaskArgument,
    title: Annotated[str | None, typer.Option("--title", help="What is to be done instead.")] = None,
    due: DueOption = None,
    person: PersonOption = None,
) -> None:
    """Change what a task says, or when it is due (--due "" takes that away)."""
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("PATCH", _path(client, task), {"title": title, "due": due})))


@task_app.command("done")
def done(
    task: TaskArgument,
    off: Annotated[bool, typer.Option("--off", help="It is not done after all.")] = False,
    person: PersonOption = None,
) -> None:
    """Mark a task as done."""
    with connect(environment.read(), person=person) as client:
        print(line_of(client.call("PATCH", _path(client, task), {"is_done": not off})))


@task_app.command("remove")
def remove(task: TaskArgument, person: PersonOption = None) -> None:
    """Delete a task. Its title stays in memory until it is forgotten."""
    with connect(environment.read(), person=person) as client:
        client.call("DELETE", _path(client, task))
    print("Deleted.")


def line_of(task: dict[str, Any]) -> str:
    """A task on one line."""
    due = f", due {task['due'][:16].replace('T', ' ')}" if task["due"] else ""
    state = ", done" if task["state"] == "done" else ", overdue" if task["is_overdue"] else ""
    return f"{ending(task)}  {' '.join(task['title'].split())}{due}{state}"


def _path(client: Client, end: str) -> str:
    open_ones = client.call("GET", "/api/tasks", limit=1_000)["tasks"]
    state = "open" if any(each["id"].endswith(end) for each in open_ones) else "done"
    return f"/api/tasks/{whole(client, '/api/tasks', 'task', end, state=state, limit=1_000)}"
