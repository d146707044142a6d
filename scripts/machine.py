"""What the tests need of the machine itself: Chromium and PostgreSQL. Never calls sudo.

As root in CI it installs them; anywhere else it prints the one command that would, and the tests say what they skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def lacking() -> list[str]:
    """The Debian packages that are missing here."""
    packages = []
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        packages.append("chromium")
    if not (shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        packages.append("postgresql")
    if sys.platform == "linux" and not any(Path("/usr/share/fonts").rglob("Inter*")):
        packages.append("fonts-inter")
    return packages


def main() -> int:
    """Install what is missing where that is our business; 0 unless the installation failed."""
    packages = lacking()
    if not packages:
        return 0
    apt = shutil.which("apt-get")
    in_ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    if not (apt and in_ci and hasattr(os, "geteuid") and os.geteuid() == 0):
        print(f"For every test: sudo apt-get install {' '.join(packages)}   (what needs them is skipped for now)")
        return 0
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ([apt, "update", "-q"], [apt, "install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)
            return 1
    print(f"Installed {', '.join(packages)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
