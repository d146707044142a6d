"""The process that converts weights: `python -m everword.weights.conversion_child SOURCE TARGET`.

Started by `everword.weights.convert`. Each line of its output is how many bytes of SOURCE are done, so that it ends,
and leaves no TARGET, soon after its parent is gone. What goes wrong is the last line of its complaints.
"""

import sys
from pathlib import Path

from everword.weights.gguf import BrokenGguf
from everword.weights.requantize import requantize_file


def main() -> None:
    """Convert one file."""
    try:
        requantize_file(Path(sys.argv[1]), Path(sys.argv[2]), lambda done: print(done, flush=True))  # noqa: T201 (the protocol)
    except (OSError, BrokenGguf) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
