"""`everword backup` and `everword restore`."""

from pathlib import Path
from typing import Annotated

import typer

from everword.core.errors import Invalid
from everword.settings import environment


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    path: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="A file with the recovery key; made where there is none. For scripts."),
    ] = None,
    keep_days: Annotated[
        int | None, typer.Option("--keep-days", min=1, help="For how long you keep it: receipts say so.")
    ] = None,
) -> None:
    """Back everything up into one encrypted file, also while the server runs. The recovery key is shown once."""
    from everword.bootstrap.backup import back_up
    from everword.storage.backup.sealing import new_recovery_key

    if path.exists():
        raise Invalid(why=f"{path} is there already. Name a new file.")
    known = key_file is not None and key_file.exists()
    recovery_key = key_file.read_text(encoding="ascii").strip() if key_file and known else new_recovery_key()
    if key_file is not None and not known:
        key_file.touch(mode=0o600)
        key_file.write_text(f"{recovery_key}\n", encoding="ascii")
    size = back_up(environment.read(), path, recovery_key, keep_days)
    typer.echo(f"{path}: {size / 1e6:.1f} MB", err=True)
    if key_file is None:
        typer.echo("Recovery key, shown only now. Without it the backup cannot be read:", err=True)
        typer.echo(recovery_key)


def restore(
    path: Annotated[Path, typer.Argument(help="The backup.")],
    key_file: Annotated[
        Path | None, typer.Option("--key-file", help="A file with the recovery key. Without it you are asked.")
    ] = None,
    forgotten: Annotated[
        list[Path] | None,
        typer.Option("--forgotten", help="A list of forgotten entries; the one beside the backup is read anyway."),
    ] = None,
) -> None:
    """Restore a backup into an empty home, without what was forgotten after it was made."""
    from everword.bootstrap.backup import restore as put_back

    if not path.is_file():
        raise Invalid(why=f"{path} is no file.")
    if key_file is not None:
        recovery_key = key_file.read_text(encoding="ascii").strip()
    else:
        recovery_key = str(typer.prompt("Recovery key", hide_input=True, err=True))
    restored = put_back(environment.read(), path, recovery_key, forgotten or [])
    typer.echo(f"Restored as of {restored.created_at:%Y-%m-%d %H:%M} UTC: {restored.rows} rows.")
    if restored.forgotten:
        typer.echo(f"{restored.forgotten} entries were left out: they were forgotten after the backup was made.")
