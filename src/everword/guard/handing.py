"""Permits on their way to a child process: guard alone makes one, on the other side of the pipe too."""

from typing import Any

from everword.core.ids import EffectId, RunId
from everword.core.types import Permit


def packed(permit: Permit) -> dict[str, str]:
    """A permit as JSON."""
    return {
        "effect_id": permit.effect_id,
        "run_id": permit.run_id,
        "tool": permit.tool,
        "arguments_hash": permit.arguments_hash,
    }


def unpacked(told: dict[str, Any]) -> Permit:
    """The permit that was packed. Only for what came from the process that keeps the records."""
    return Permit(EffectId(told["effect_id"]), RunId(told["run_id"]), str(told["tool"]), str(told["arguments_hash"]))
