"""A process that imports what is queued, to be killed by a test: `python -m ... DATABASE_URL FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from everword.intake.service import Intake
from everword.storage.database import Database


def main() -> None:
    """Go on with whatever is there, slowly enough to be caught in the middle."""
    asked = 0

    def should_yield() -> float:
        nonlocal asked
        asked += 1
        return 0.05 if asked % 2 else 0.0

    database = Database(sys.argv[1])
    intake = Intake(database, Path(sys.argv[2]), should_yield=should_yield)
    intake.recover()
    intake.run_queued()
    database.close()


if __name__ == "__main__":
    main()
