"""The house rules that a linter off the shelf does not know. Each has its reason, an example that breaks it, an escape.

The escape is a comment on the line that breaks the rule, and it must say why: `# allowed: <rule>: <reason>`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.source import Module

Check = Callable[[Module], Iterator[tuple[int, str]]]


@dataclass(frozen=True)
class Rule:
    """A rule: why it is one, code that breaks it, and the check, which yields a line and what is wrong there."""

    name: str
    reason: str
    breaks: str
    check: Check

    def findings(self, module: Module) -> list[str]:
        """What breaks the rule in `module`, escapes apart."""
        escape = re.compile(rf"#.*\ballowed: {re.escape(self.name)}: \S+")
        return [
            f"{module.path}:{line}: {what}"
            for line, what in self.check(module)
            if not (0 < line <= len(module.lines) and escape.search(module.lines[line - 1]))
        ]


RULES: list[Rule] = []


def rule(*, reason: str, breaks: str) -> Callable[[Check], Check]:
    """Register a check under the function's name."""

    def register(check: Check) -> Check:
        RULES.append(Rule(check.__name__.replace("_", "-"), reason, breaks, check))
        return check

    return register


@rule(
    reason="A handler that catches everything hides faults. Catch what you expect; at a named boundary (one step, one "
    "request, one connector poll) say `# boundary: <why>` on the line and record the traceback.",
    breaks="try:\n    work()\nexcept Exception:\n    pass\n",
)
def catch_all(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node.type):
            if _lets_through(node):
                continue
            if not re.search(r"# boundary: \S+", module.lines[node.lineno - 1]):
                yield node.lineno, "catches everything, and is no named boundary"
            elif not _records(node):
                yield node.lineno, "a boundary that neither records the traceback nor raises"
        elif (
            isinstance(node, ast.Call)
            and _dotted(node.func).endswith("suppress")
            and any(map(_catches_everything, node.args))
        ):
            yield node.lineno, "suppresses everything"


@rule(
    reason="A permit is guard's leave for one exact effect. Whoever else made one would act unguarded.",
    breaks="permit = Permit(effect_id, run_id, 'send_mail', arguments_hash)\n",
)
def permit(module: Module) -> Iterator[tuple[int, str]]:
    if "everword/guard/" in str(module.path):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _dotted(node.func).rpartition(".")[2] == "Permit":
            yield node.lineno, "makes a permit, and is not guard"


def _catches_everything(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_catches_everything(part) for part in kind.elts)
    return kind is None or _dotted(kind) in {"Exception", "BaseException"}


def _lets_through(handler: ast.ExceptHandler) -> bool:
    """Whether it only tidies up, or puts the error into other words, and raises on."""
    return isinstance(handler.body[-1], ast.Raise)


def _records(handler: ast.ExceptHandler) -> bool:
    """Whether it raises, logs with the traceback, formats it, or hands the whole error on to code that does."""
    for node in (inner for statement in handler.body for inner in ast.walk(statement)):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            hands_on = any(isinstance(part, ast.Name) and part.id == handler.name for part in arguments)
            named = _dotted(node.func).endswith((".exception", "format_exc", "format_exception", "print_exc"))
            if hands_on or named or any(keyword.arg == "exc_info" for keyword in node.keywords):
                return True
    return False


@rule(
    reason="Settings are one table, read once: only `everword.settings` reads the environment, so that what is set "
    "there can be shown as locked and no room depends on the machine.",
    breaks="import os\nport = os.environ['PORT']\n",
)
def environment(module: Module) -> Iterator[tuple[int, str]]:
    if module.is_in("everword.settings"):
        return
    for line, name in _uses(module):
        if name in {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.getenvb"}:
            yield line, f"uses {name}"


_CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")),
}
_CHANCE = re.compile(
    r"random\.|numpy\.random|os\.urandom|uuid\.uuid\d|secrets\.(token_|choice|randbelow|randbits|SystemRandom)"
)


@rule(
    reason="Time, ids and randomness come from `everword.core`, so that a run can be replayed.",
    breaks="from datetime import UTC, datetime\nseen_at = datetime.now(UTC)\n",
)
def clock_and_chance(module: Module) -> Iterator[tuple[int, str]]:
    if module.is_in("everword.core"):
        return
    for line, name in _uses(module):
        if name in _CLOCKS or _CHANCE.match(name):
            yield line, f"uses {name}; take it from everword.core.clock or everword.core.ids"


_DATABASE_LIBRARIES = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}


@rule(
    reason="Only store modules and storage contain SQL, so that scoping and both databases are cared for in one place. "
    "Others may name sqlalchemy's `Connection` to hand one on.",
    breaks="from sqlalchemy import select\n",
)
def sql(module: Module) -> Iterator[tuple[int, str]]:
    if module.is_in("everword.storage") or module.file_word == "store" or module.file_word.endswith("_store"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] in _DATABASE_LIBRARIES and name != "sqlalchemy.Connection":
                yield node.lineno, f"imports {name}"


@rule(
    reason="Every store call names who asks, so that nobody's rows are ever read for somebody else.",
    breaks="def get(connection, entry_id):\n    return connection.execute(entry_id)\n",
)
def who_asks(module: Module) -> Iterator[tuple[int, str]]:
    if not (module.file_word == "store" or module.file_word.endswith("_store") or module.name == "<snippet>"):
        return
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = [argument.arg for argument in node.args.args]
            if names[:1] == ["connection"] and names[1:2] != ["who"]:
                yield node.lineno, f"{node.name}(connection, ...) does not take `who` second"


@rule(
    reason="Provider SDKs and wire formats appear only under models/providers, so that a provider can be added or "
    "dropped without touching what uses models.",
    breaks="from pydantic_ai.models.openai import OpenAIChatModel\n",
)
def provider_wire(module: Module) -> Iterator[tuple[int, str]]:
    if module.is_in("everword.models.providers"):
        return
    wires = re.compile(r"pydantic_ai\.(models|providers)\.(openai|anthropic|google|bedrock|mistral|groq|cohere)")
    for line, name in _imports(module):
        if wires.match(name):
            yield line, f"imports {name}"


_VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "tools_", "stuff"}


@rule(
    reason="A helper lives beside its only user or becomes a module named for what it owns; a drawer for everything "
    "grows until nobody finds anything.",
    breaks="class ConnectionManager:\n    pass\n",
)
def vague_name(module: Module) -> Iterator[tuple[int, str]]:
    words = set(module.file_word.split("_"))
    if words & _VAGUE:
        yield 1, f"module {module.name} is named {', '.join(words & _VAGUE)}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?)$", node.name):
            yield node.lineno, f"class {node.name}"


@rule(
    reason="A module's docstring says in one sentence what it owns: it is the map for whoever comes next.",
    breaks="answer = 42\n",
)
def module_docstring(module: Module) -> Iterator[tuple[int, str]]:
    if module.text.strip() and not ast.get_docstring(module.tree):
        yield 1, "has no docstring"


LONGEST_FUNCTION = 100


@rule(
    reason=f"A function over {LONGEST_FUNCTION} lines does more than one thing; under 40 is the aim.",
    breaks="def endless():\n" + "    step()\n" * LONGEST_FUNCTION,
)
def function_length(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} has {length} lines"


DEEPEST_NESTING = 4
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


@rule(
    reason=f"More than {DEEPEST_NESTING} blocks inside each other cannot be read; return early or name the inner part.",
    breaks="def deep():\n    if a:\n        for b in c:\n            while d:\n                with e:\n"
    "                    if f:\n                        g()\n",
)
def nesting(module: Module) -> Iterator[tuple[int, str]]:
    for function in ast.walk(module.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for line in _too_deep(function.body, 0):
                yield line, f"is nested more than {DEEPEST_NESTING} deep in {function.name}"


def _too_deep(body: list[ast.stmt], depth: int) -> Iterator[int]:
    for statement in body:
        if not isinstance(statement, _BLOCKS):
            continue
        if depth == DEEPEST_NESTING:
            yield statement.lineno
            continue
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(statement, name, [])
            is_elif = name == "orelse" and len(inner) == 1 and isinstance(inner[0], ast.If)
            yield from _too_deep(inner, depth if is_elif else depth + 1)
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _too_deep(part.body, depth + 1)


def _dotted(node: ast.expr | None) -> str:
    """`a.b.c` for such an expression; "" for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _uses(module: Module) -> Iterator[tuple[int, str]]:
    """Every outside name the module uses, in full, whatever it was imported as."""
    known: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = _dotted(node).partition(".")
            if first in known:
                yield node.lineno, f"{known[first]}.{rest}" if rest else known[first]
