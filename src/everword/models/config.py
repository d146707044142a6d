"""What the composition root hands to this room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everword.models.types import ProviderKind
from everword.vault.types import Secret


@dataclass(frozen=True, slots=True)
class ModelsConfig:
    """`model` is what the environment says answers (EVERWORD_MODEL), None where the screen decides.

    It is `provider/model`, `scripted`, or `model@https://server/v1` for a server of one's own, whose key is
    `model_key`. `keys` are those found in the environment: offered, and used only for what was picked.
    """

    home: Path
    model: str | None = None
    model_key: Secret | None = None
    keys: Mapping[ProviderKind, Secret] = field(default_factory=dict)
    scripted_delay_s: float = 0.0
