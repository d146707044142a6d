"""Writes the locks (`requirements/*.txt`) anew: exact versions with hashes, one file for every Python and platform."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What each lock is made from. dev.txt holds what comes on top of run.txt, in versions that go with it.
SOURCES = {
    "run.txt": ["pyproject.toml"],
    "dev.txt": ["--group", "dev", "--constraint", "requirements/run.txt"],
    "build.txt": ["requirements/build.in"],
}


def main() -> int:
    """Lock all three; `--upgrade` takes the newest versions, else what is locked stays where it still fits."""
    options = [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--quiet",
    ]
    options += [argument for argument in sys.argv[1:] if argument == "--upgrade"]
    for lock, sources in SOURCES.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", *options, *sources, "-o", f"requirements/{lock}"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
