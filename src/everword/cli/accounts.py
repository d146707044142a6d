"""Commands for the door: set up the owner, replace a lost password, keys for programs."""

import json
import sys
from typing import Annotated

import typer

from everword.cli.client import connect
from everword.core.errors import EverwordError, Invalid
from everword.settings import environment

key_app = typer.Typer(help="Keys for programs.", no_args_is_help=True)

PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]
PersonOption = Annotated[str | None, typer.Option("--person", help="Whose, where several people live here.")]


class NotRunning(EverwordError):
    """Everword is not running, so no link can be opened. Start it with `everword serve`, which prints the link; or set
    up without a browser: everword setup --name NAME --password-stdin
    """

    code = "not_running"
    status = 503


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("setup")(setup)
    app.command("reset-password")(reset_password)
    app.add_typer(key_app, name="key")


def setup(
    name: Annotated[str, typer.Option("--name", help="What Everword calls you.")] = "Owner",
    password_stdin: PasswordStdin = False,
) -> None:
    """Make the owner: with a password from standard input, or by a fresh one-time link for the browser."""
    with connect(environment.read()) as client:
        if password_stdin:
            made = client.call("POST", "/api/control/setup", {"name": name, "password": _password()})
            then = f"Sign in at {client.address}" if client.is_running else "Start it with: everword serve"
            typer.echo(f"{made['name']} is the owner. {then}")
            return
        if not client.is_running:
            raise NotRunning
        link = client.call("POST", "/api/control/links", {"purpose": "setup"})
        typer.echo("Set Everword up within the hour by this one-time link:", err=True)
        typer.echo(client.address + link["path"])


def reset_password(person: PersonOption = None, password_stdin: PasswordStdin = False) -> None:
    """Replace a lost password: by a one-time link for the browser, or from standard input. Ends all sessions."""
    with connect(environment.read()) as client:
        if password_stdin:
            whose = client.call("PUT", "/api/control/password", {"person": person, "password": _password()})
            typer.echo(f"{whose['name']} has a new password and is signed out everywhere.")
            return
        link = client.call("POST", "/api/control/links", {"purpose": "reset_password", "person": person})
        if not client.is_running:
            typer.echo("Start Everword with `everword serve` first.", err=True)
        typer.echo("Choose a new password within the hour by this one-time link:", err=True)
        typer.echo(client.address + link["path"])


@key_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="What it opens: api (our own API), models (/v1), recall and remember (/mcp). Repeatable. "
            "Default: api and models.",
        ),
    ] = None,
    person: PersonOption = None,
) -> None:
    """Make a key and print it, this once."""
    with connect(environment.read(), person=person) as client:
        made = client.call("POST", "/api/keys", {"name": name, "scopes": scope or ["api", "models"]})
    typer.echo("Keep it where your program finds it; it is not shown again:", err=True)
    typer.echo(made["secret"])


@key_app.command("list")
def list_keys(
    person: PersonOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the keys: first characters, name, scopes, last use."""
    with connect(environment.read(), person=person) as client:
        keys = client.call("GET", "/api/keys")["keys"]
    if as_json:
        typer.echo(json.dumps(keys, indent=2))
        return
    if not keys:
        typer.echo("There are no keys. Make one with `everword key create NAME`.", err=True)
    for key in keys:
        used = key["last_used_at"] or "never used"
        typer.echo(f"{key['prefix']}…  {key['name']}  ({', '.join(key['scopes'])})  {used}")


@key_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Its first characters, its name or its id.")],
    person: PersonOption = None,
) -> None:
    """Revoke a key at once."""
    with connect(environment.read(), person=person) as client:
        given = key.removesuffix("…")
        found = [
            each
            for each in client.call("GET", "/api/keys")["keys"]
            if given in {each["id"], each["name"]} or given.startswith(each["prefix"])
        ]
        if len(found) != 1:
            raise Invalid(why=f"{len(found) or 'No'} keys answer to {key!r}. `everword key list` shows them.")
        client.call("DELETE", f"/api/keys/{found[0]['id']}")
    typer.echo(f"{found[0]['name']} no longer opens anything.")


def _password() -> str:
    """The first line of standard input."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Invalid(why="No password came on standard input. Send it as one line.")
    return password
