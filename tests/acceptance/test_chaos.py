"""kill -9 in the middle of background work: every effect once, nothing lost, no false "delivered".

More kills than the sample, and again the same: `make chaos KILLS=500 SEED=7`; `DATABASE=postgresql PROCESSES=2` for
two processes that share the work, of which one dies at a time.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from everword.connectors.null import LetterBox
from everword.core.ids import new_id
from tests.acceptance.letters import await_delivery, begin, letters_of, opened, undelivered
from tests.postgres import PostgresServer

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("SEED", "20261123"))
AT_ONCE = 4
_PATIENCE_S = 20.0
_SAMPLE = [("sqlite", 1), pytest.param("postgresql", 2, marks=pytest.mark.slow)]
_CHOSEN = os.environ.get("DATABASE")
HOUSES = [(_CHOSEN, int(os.environ.get("PROCESSES", "1")))] if _CHOSEN else _SAMPLE


def await_letters(box: LetterBox, more: int) -> None:
    """Wait until so many more have arrived: however slow the machine, most who die have got somewhere before."""
    wanted = sum(box.arrived.values()) + more
    deadline = time.monotonic() + _PATIENCE_S
    while sum(box.arrived.values()) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.mark.parametrize(("kind", "count"), HOUSES)
def test_effects_happen_once_whatever_dies(
    kind: str, count: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Processes die at random moments while jobs of five letters run; afterwards each letter arrived once."""
    chance = random.Random(SEED)
    postgres: PostgresServer | None = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    runs: dict[str, str] = {}
    unfinished: set[str] = set()
    with opened(tmp_path, postgres.fresh_database() if postgres else None, count, chance) as (processes, box, owner):
        for _ in range(KILLS):
            while len(unfinished) < AT_ONCE * count:
                job = f"job {len(runs)}"
                runs[job] = begin(processes, job, new_id())
                unfinished.add(job)
            await_letters(box, chance.randrange(4))
            time.sleep(chance.uniform(0.0, 1.0))
            processes.kill_one()
            processes.bring_back()
            unfinished = undelivered(processes, {job: runs[job] for job in unfinished})
        processes.bring_back(all_of_them=True)
        unfinished = await_delivery(processes, {job: runs[job] for job in unfinished})
    wanted = letters_of(runs)
    failed = {text for text, happened in owner.settled if not happened}
    report = {
        "database": kind,
        "processes": count,
        "kills": KILLS,
        "seed": SEED,
        "runs": len(runs),
        "effects": len(wanted),
        "not delivered": sorted(unfinished),
        "lost": sorted(text for text in wanted - failed if not box.arrived[text]),
        "doubled": sorted(text for text, times in box.arrived.items() if times > 1),
        "false": sorted(text for text, times in box.arrived.items() if times and text in failed),
        "unknown": len(owner.settled),
    }
    print(json.dumps(report))
    assert not report["not delivered"]
    assert not report["lost"]
    assert not report["doubled"]
    assert not report["false"]
    assert all("letter 2" in text for text, _ in owner.settled), "only what cannot be asked may be unknown"
    assert len(owner.settled) <= KILLS * AT_ONCE * count
