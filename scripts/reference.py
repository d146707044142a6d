"""Writes docs/reference and openapi.json from the code, so that they cannot lag behind it.

`make docs` writes them; `--check` says which are stale, and a test runs that. docs/reference/events.md is written by
hand; a test holds it against the code.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import everword
from everword.core.errors import EverwordError

ROOT = Path(__file__).resolve().parent.parent
GENERATED = "<!-- Written by `make docs` from the code. Change it there. -->"


def main() -> int:
    """Write the files that changed; with `--check` name them and fail instead."""
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says: run `make docs`.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def pages() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    schema = api_schema()
    reference = ROOT / "docs" / "reference"
    return {
        reference / "settings.md": settings_page(),
        reference / "errors.md": errors_page(),
        reference / "api.md": api_page(schema),
        reference / "commands.md": commands_page(),
        ROOT / "openapi.json": json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
    }


def settings_page() -> str:
    """Every environment variable, and everything a person sets on a screen."""
    from everword.settings.environment import VARIABLES
    from everword.settings.preferences import PREFERENCES

    sections = [f"## `{variable.name}`\n\n{variable.does}\n" for variable in VARIABLES]
    for item in PREFERENCES:
        choices = f" One of {', '.join(f'`{choice}`' for choice in item.choices)}." if item.choices else ""
        default = f" Default: `{item.default}`." if item.default != "" else ""
        sections.append(f"## `{item.name}` (on the screen)\n\n{item.does}{choices}{default}\n")
    introduction = (
        "What the environment may say, and what a person sets on the settings screen. A value set in the environment "
        "wins over a screen, which shows it as locked."
    )
    return _page("Settings", introduction, sections)


def errors_page() -> str:
    """Every error, by its code."""
    kinds = {kind.code: kind for kind in every_error()}
    sections = (
        f"## `{code}`\n\nHTTP {kind.status}. {' '.join(inspect.cleandoc(kind.__doc__ or '').split())}\n"
        for code, kind in sorted(kinds.items())
    )
    introduction = (
        "What can go wrong, by the `code` that programs see. The sentence is what people see; words in `{braces}` are "
        "filled in. On the API an error is `{'error': {'code': ..., 'message': ...}}` under the HTTP status named "
        "here; `/v1` speaks OpenAI's form."
    )
    return _page("Errors", introduction, sections)


def every_error() -> list[type[EverwordError]]:
    """Every error that can be raised, from all rooms."""
    for module in pkgutil.walk_packages(everword.__path__, "everword."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[EverwordError]] = []
    open_: list[type[EverwordError]] = [EverwordError]
    while open_:
        kind = open_.pop()
        open_.extend(kind.__subclasses__())
        if kind.__module__.startswith("everword."):
            found.append(kind)
    return found


def api_schema() -> dict[str, Any]:
    """The OpenAPI description of the HTTP API."""
    from fastapi import FastAPI

    from everword.http.app import ROUTERS

    app = FastAPI(title="Everword", version=_version())
    for router in ROUTERS:
        app.include_router(router)
    return app.openapi()


def api_page(schema: dict[str, Any]) -> str:
    """Every route: what it does, what it takes, what it answers."""
    introduction = (
        "The HTTP API, which the browser UI uses too. Every route but health and signing in needs a session or a key "
        "(`Authorization: Bearer ...`, from `everword key create`). Shapes are in [openapi.json](../../openapi.json), "
        "which a running server also gives at `/api/openapi.json`."
    )
    sections = (
        _route(method, path, operation)
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    )
    return _page("HTTP API", introduction, sections)


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    lines = [f"## `{method.upper()} {path}`", "", inspect.cleandoc(operation.get("description", operation["summary"]))]
    parameters = [
        f"- `{parameter['name']}` ({parameter['in']}{'' if parameter.get('required') else ', optional'})"
        for parameter in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    parameters += [f"- body ({kind}): {_shape(content.get('schema', {}))}" for kind, content in body.items()]
    if parameters:
        lines += ["", *parameters]
    return "\n".join(lines) + "\n"


def _shape(schema: dict[str, Any]) -> str:
    return f"`{schema['$ref'].rsplit('/', 1)[1]}`" if "$ref" in schema else schema.get("type", "any")


def commands_page() -> str:
    """Every command with its arguments and options."""
    import typer

    from everword.cli.main import app

    group: Any = typer.main.get_command(app)
    introduction = (
        "`everword COMMAND`. Commands are clients: they find the running server through a file in the folder, and open "
        "the folder themselves only when none runs."
    )
    return _page("Commands", introduction, _commands(group, "everword"))


def _commands(group: Any, prefix: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix} {name}")
            continue
        options = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        lines = [f"## `{prefix} {name}`", "", inspect.cleandoc(command.help or "")]
        lines += ["", *options] if options else []
        yield "\n".join(lines) + "\n"


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    title = ", ".join([*parameter.opts, *parameter.secondary_opts]) if is_option else parameter.name.upper()
    explanation = getattr(parameter, "help", None)
    return f"- `{title}`: {explanation}" if explanation else f"- `{title}`"


def _page(title: str, introduction: str, sections: Iterable[str]) -> str:
    return f"{GENERATED}\n\n# {title}\n\n{introduction}\n\n" + "\n".join(sections)


def _version() -> str:
    from importlib.metadata import version

    return version("everword")


if __name__ == "__main__":
    sys.exit(main())
