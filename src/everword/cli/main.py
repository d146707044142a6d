"""`everword`: the commands, each in the module of its noun."""

import gc
import sys
from typing import Annotated

import typer

from everword.cli import (
    account,
    accounts,
    asking,
    backup,
    brief,
    doctor,
    facts,
    forget,
    intake,
    mcp,
    note,
    recall,
    schedule,
    task,
    trigger,
    work,
)
from everword.core.errors import EverwordError

app = typer.Typer(
    name="everword",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"everword {version('everword')}")
        raise typer.Exit


@app.callback()
def everword(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and nothing else.")
    ] = False,
) -> None:
    """Everword: an assistant that remembers every word."""


_PARTS = (
    account,
    accounts,
    asking,
    backup,
    brief,
    doctor,
    facts,
    forget,
    intake,
    mcp,
    note,
    recall,
    schedule,
    task,
    trigger,
    work,
)
for part in _PARTS:
    part.register(app)


@app.command()
def serve() -> None:
    """Start the server, on this machine only unless told otherwise, and print its address."""
    gc.disable()  # until it listens: what is imported stays, and searching it for cycles is a fifth of the start
    from everword.bootstrap.serve import serve as serve_until_stopped
    from everword.settings import environment

    serve_until_stopped(environment.read(), typer.echo)


def main() -> None:
    """Run a command. Errors of ours are one sentence on standard error and a status of 1."""
    try:
        app()
    except EverwordError as error:
        typer.echo(error.message, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
