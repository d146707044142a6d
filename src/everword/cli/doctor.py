"""`everword doctor`: what is configured, what is wrong, and what to do."""

import json
from typing import Annotated

import typer

from everword.cli.client import connect
from everword.settings import environment

_SIGNS = {"ok": "ok     ", "warning": "look   ", "problem": "PROBLEM"}


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    person: Annotated[str | None, typer.Option("--person", help="Whose, where several people live here.")] = None,
) -> None:
    """Say what is configured, what is wrong, and what to do. Ends with 1 where something does not work."""
    settings = environment.read()
    with connect(settings, person=person) as client:
        checks = client.call("GET", "/api/doctor")["checks"]
        if not client.is_running:
            running = {"name": "server", "state": "warning", "says": "Everword is not running.", "do": "everword serve"}
            checks = [running, *(check for check in checks if check["name"] not in {"local model", "runs", "index"})]
    if as_json:
        typer.echo(json.dumps(checks, indent=2))
    else:
        for check in checks:
            typer.echo(
                f"{_SIGNS[check['state']]}  {check['says']}" + (f"\n         {check['do']}" if check["do"] else "")
            )
    if any(check["state"] == "problem" for check in checks):
        raise typer.Exit(1)
