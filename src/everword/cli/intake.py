"""Commands that bring a past in and take everything out."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from everword.cli.client import Client, check, connect
from everword.core import clock
from everword.core.errors import EverwordError, Invalid
from everword.settings import environment

_ASK_S = 0.5
_CHUNK_BYTES = 1 << 20
_ENDED = ("delivered", "failed", "cancelled")
_REPORT_LINES = 20

PersonOption = Annotated[str | None, typer.Option("--person", help="Whose, where several people live here.")]


class NothingThere(EverwordError):
    """There is nothing to import at {path}: {why}."""

    code = "nothing_there"
    status = 404


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import")(bring)
    app.command("export")(export)


def bring(
    path: Annotated[Path, typer.Argument(help="A file, a zip, or a folder of Markdown and text.")],
    me: Annotated[str | None, typer.Option("--me", help="The speaker in it who is you.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="The account that was exported is yours.")] = False,
    format: Annotated[
        str | None,
        typer.Option("--format", help="chatgpt, claude, everword, entries or files. Default: found by looking."),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Where times without a zone were written. Default: your own.")
    ] = None,
    person: PersonOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Bring your past: a ChatGPT or Claude export, a folder of notes, JSON Lines, or an export of Everword.

    Importing the same twice is once. An import that is broken off goes on when it can.
    """
    options = {"me": me, "owner_is_me": mine or None, "format": format, "time_zone": time_zone}
    with connect(environment.read(), person=person, with_workers=True) as client:
        job = _send(client, path, {name: value for name, value in options.items() if value is not None})
        try:
            job = _follow(client, job)
        except KeyboardInterrupt:
            typer.echo(f"\nThe import goes on {_where(client)}.", err=True)
            raise typer.Exit(130) from None
    typer.echo(json.dumps(job, ensure_ascii=False, indent=2) if as_json else _told(job))
    if job["state"] != "delivered":
        sys.exit(1)


def export(
    path: Annotated[Path, typer.Argument(help="A file that ends in .zip, or a folder that is new or empty.")],
    person: PersonOption = None,
) -> None:
    """Take everything out: to import it elsewhere, and to read it without Everword."""
    is_zip = path.suffix.lower() == ".zip"
    if path.exists() and (is_zip or not path.is_dir() or any(path.iterdir())):
        raise Invalid(why=f"{path} is there already. Name a new file that ends in .zip, or a new folder.")
    draft = path.with_name(f"{path.name}.part")
    with connect(environment.read(), person=person) as client:
        try:
            size = _receive(client, draft)
            if is_zip:
                draft.replace(path)
            else:
                _unpack(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    typer.echo(f"{path}: {_size(size)}", err=True)


def _send(client: Client, path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Stream the file or folder to the server. Raises NothingThere, Refused."""
    if path.is_dir():
        from everword.intake.folder import Folder

        folder = Folder(path)
        if not len(folder):
            raise NothingThere(path=path, why="the folder holds no Markdown, no text and no export")
        for ending, count in folder.left_out.items():
            typer.echo(f"left out: {count} files with {ending}", err=True)
        name, content, headers = path.resolve().name, folder.zip(), {}
    elif path.is_file():
        stat = path.stat()
        options = {**options, "modified_at": stat.st_mtime}
        name, content, headers = path.name, _pieces(path), {"Content-Length": str(stat.st_size)}
    else:
        raise NothingThere(path=path, why="no such file or folder")
    response = client.http.post("/api/imports", params={**options, "name": name}, content=content, headers=headers)
    check(response)
    job: dict[str, Any] = response.json()["job"]
    return job


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def _follow(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """Wait for the end, telling how far it is."""
    is_terminal = sys.stderr.isatty()
    while job["state"] not in _ENDED:
        clock.sleep(_ASK_S)
        job = client.call("GET", f"/api/imports/{job['id']}")["job"]
        if is_terminal:
            share = 100 * job["done_bytes"] // max(job["size_bytes"], 1)
            entries = job["counts"]["entries"]
            typer.echo(f"\r{share:3d} %  {entries:,} entries  ", err=True, nl=False)
    if is_terminal:
        typer.echo("", err=True)
    return job


def _where(client: Client) -> str:
    return "in the background" if client.is_running else "when Everword is started"


def _told(job: dict[str, Any]) -> str:
    """The end of an import, for people."""
    counts = job["counts"]
    new = f"{counts['entries']:,} entries in {counts['conversations']:,} new conversations"
    others = f"{counts['already_there']:,} already there, {counts['skipped']:,} skipped"
    lines = [f"{job['name']} ({job['format'] or 'unknown format'}): {job['state']}", f"{new}, {others}"]
    report = job["report"]
    lines += [f"  {line['count']:,} x {line['what']}: {line['why']}" for line in report[:_REPORT_LINES]]
    if len(report) > _REPORT_LINES:
        lines.append(f"  and {len(report) - _REPORT_LINES} more reasons; --json lists them")
    if job["error"]:
        lines.append(job["error"]["message"])
    return "\n".join(lines)


def _receive(client: Client, draft: Path) -> int:
    """Write the export as it comes. Returns its size."""
    with client.http.stream("GET", "/api/export") as response, draft.open("xb") as file:
        check(response)
        for piece in response.iter_bytes():
            file.write(piece)
        return file.tell()


def _unpack(draft: Path, folder: Path) -> None:
    """Our own zip into a new folder; the library keeps its names inside of it."""
    import zipfile

    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(draft) as archive:
        archive.extractall(folder)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
