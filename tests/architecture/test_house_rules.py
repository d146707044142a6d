"""Every module keeps the house rules, and every rule can be broken."""

from __future__ import annotations

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.source import Module, modules

EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@EACH_RULE
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    """No module breaks the rule without saying why."""
    findings = [finding for module in modules() for finding in rule.findings(module)]
    assert not findings, (
        f"\n{rule.reason}\n\n"
        + "\n".join(findings)
        + f"\n\nWhere it must be: `# allowed: {rule.name}: <why>` on the line."
    )


@EACH_RULE
def test_the_rule_bites(rule: Rule) -> None:
    """Code that breaks the rule is found, and an escape without a reason is none."""
    assert rule.findings(Module("<snippet>", rule.breaks))
    marked = "\n".join(f"{line}  # allowed: {rule.name}:" for line in rule.breaks.splitlines())
    assert rule.findings(Module("<snippet>", marked))


@EACH_RULE
def test_a_reasoned_escape_holds(rule: Rule) -> None:
    """The same code passes when each line says why it may."""
    marked = "\n".join(f"{line}  # allowed: {rule.name}: the test says so" for line in rule.breaks.splitlines())
    assert not rule.findings(Module("<snippet>", marked))
