"""Is a brief's summary by a local model true to its cards? `python -m benchmarks.models.brief --model NAME ...`.

Twelve made-up briefs (briefs.jsonl: kind, title, why, body of each card) are worded as the product words them. Counted:
what passes the product's check, what of that a stricter reading by words finds foreign, and how long it takes. The
summaries are printed, to be read: words alone do not say whether a sentence is true. `--answers FILE` keeps them.
"""

import argparse
import asyncio
import json
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from everword.attention.briefs import Shown
from everword.attention.types import BriefId, Card, CardId, CardKind, CardState, Item, Source, SourceId
from everword.attention.wording import MOST_TOKENS, SCHEMA, checked, prompt
from everword.core import clock
from everword.core.ids import SpaceId
from everword.models.aside import ask
from everword.models.clients import Clients
from everword.models.local.engine import LocalEngine
from everword.models.local.types import EngineConfig, LocalModel
from everword.models.speed import SpeedBook
from everword.models.types import ProviderKind, Target
from everword.weights import catalogue

BRIEFS = Path(__file__).with_name("briefs.jsonl")
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z]{2,}")


def cards_of(cards: list[list[str]]) -> list[Shown]:
    """The cards of a brief as the product has them."""
    shown = []
    for place, (kind, title, why, body) in enumerate(cards):
        item = Item(
            source=Source.TASK,
            source_id=SourceId(str(place)),
            kind=CardKind(kind),
            title=title,
            why=why,
            body=body,
            came=clock.now(),
        )
        card = Card(
            id=CardId(str(place)),
            space_id=SpaceId(""),
            brief_id=BriefId(""),
            source=item.source,
            source_id=item.source_id,
            kind=item.kind,
            sort="",
            place=place,
            held_back=None,
            state=CardState.OPEN,
            decided_at=None,
        )
        shown.append(Shown(card, item, None))
    return shown


def main() -> None:
    """Word the briefs, print each with what the checks say, and the sums."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--threads", type=int, help="of the model; on a busy machine fewer are quicker")
    given = parser.parse_args()
    briefs = [json.loads(line) for line in BRIEFS.read_text(encoding="utf-8").splitlines()]
    known: dict[int, Any] = {}
    if given.answers and given.answers.exists():
        known = {each["number"]: each for each in map(json.loads, given.answers.read_text().splitlines())}
    if len(known) < len(briefs):
        asyncio.run(_worded(given, briefs, known))
    kept = []
    for number, brief in enumerate(briefs):
        words = checked(known[number]["answer"], cards_of(brief))
        kept.append(words)
        said = json.dumps(brief, ensure_ascii=False)
        foreign = [name for name in _NAME.findall(words or "") if name not in said]
        print(f"\n{number}: {'kept' if words else 'refused'}; names that are on no card: {foreign}")
        print(f"   {known[number]['answer'][:500]}")
    took = [each["seconds"] for each in known.values()]
    print(f"\n{sum(map(bool, kept))} of {len(briefs)} kept; {median(took)} s (median), {max(took)} at most")


async def _worded(given: argparse.Namespace, briefs: list[list[list[str]]], known: dict[int, Any]) -> None:
    entry = catalogue.find(given.model)
    path = catalogue.in_folder(given.weights, entry)
    if path is None:
        raise SystemExit(f"{given.weights} has no {entry.file}")
    with tempfile.TemporaryDirectory() as folder:
        usual = EngineConfig.for_this_machine()
        config = replace(usual, threads=given.threads or usual.threads)
        engine = LocalEngine(config, SpeedBook(Path(folder) / "speeds.json"))
        engine.use(LocalModel(entry.name, path, entry.context_tokens))
        engine.wait_ready(120)
        model = Clients(engine).model(Target(ProviderKind.LOCAL, "local", entry.name, "http://engine.invalid/v1"))
        for number, brief in enumerate(briefs):
            if number in known:
                continue
            began = clock.monotonic()
            answer = await ask(model, prompt(cards_of(brief)), SCHEMA, MOST_TOKENS)
            known[number] = {
                "number": number,
                "answer": answer.text,
                "seconds": round(clock.monotonic() - began, 1),
                "load": round(os.getloadavg()[0], 1),
            }
            if given.answers:
                with given.answers.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(known[number], ensure_ascii=False) + "\n")
        engine.stop()


if __name__ == "__main__":
    main()
