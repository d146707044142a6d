"""From Enter to the quotes, and to the first word, on the screen of a real browser.

`python -m benchmarks.agents.quotes_on_screen [--entries N] [--questions N] [--model EVERWORD_MODEL]`

A server of its own on an empty folder, a ledger of N entries (the questions' own, made-up ones beside them), Chromium.
The questions are asked one after the other in one conversation, so the later ones stand in a long one. Both times are
taken inside the page, between the key and the change of its document, by one clock. The peer of the first is a request
that does nothing (`GET /api/health`) from the same page: what is left is Everword's. Run it on an idle machine.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from everword.cli.client import Client, connect
from everword.core import clock
from everword.http.control import find_server
from everword.settings import environment
from tests.chromium import ARGUMENTS, find

QUESTIONS = Path(__file__).parent.parent / "questions"
PASSWORD = "a sentence that is long enough"
_WAIT_S = 900.0
_ANSWER_S = 60.0
_THINKING_MS = 3000  # who asks reads the answer before asking on; a local model reads it too, meanwhile

WATCH = """() => {
  const marks = (window.marks = { enter: 0, quotes: 0, word: 0, over: 0 });
  const look = () => {
    if (!marks.enter) return;
    const turn = [...document.querySelectorAll(".turns .said:not(.said-owner)")].at(-1);
    if (!turn || turn.dataset.seen) return;
    if (!marks.quotes && turn.querySelector(".found li")) marks.quotes = performance.now();
    const words = turn.querySelector(".markdown")?.textContent.trim();
    if (!marks.word && words) marks.word = performance.now();
    if (marks.word && turn.getAttribute("aria-busy") !== "true") marks.over = performance.now();
  };
  for (const turn of document.querySelectorAll(".turns .said")) turn.dataset.seen = "yes";
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(look);
  window.watcher.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
  const pressed = (event) => event.key === "Enter" && (marks.enter ||= performance.now());
  addEventListener("keydown", pressed, { capture: true, once: true });
}"""
ROUND_TRIP = "async () => { const at = performance.now(); await fetch('/api/health'); return performance.now() - at; }"


def main() -> None:
    """Measure, and print one line for each of the waits."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--questions", type=int, default=40)
    arguments.add_argument("--model", default="")
    options = arguments.parse_args()
    path = find()
    if path is None:
        sys.exit("This needs Chromium: sudo apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        given = {**os.environ, "EVERWORD_HOME": str(home), "EVERWORD_PORT": "0", "EVERWORD_OPEN_BROWSER": "0"}
        given |= {"EVERWORD_MODEL": options.model} if options.model else {}
        server = subprocess.Popen([sys.executable, "-m", "everword.cli.main", "serve"], env=given)
        try:
            _wait_for_server(home)
            with connect(environment.read(given)) as client:
                client.call("POST", "/api/control/setup", {"name": "Tessa", "password": PASSWORD})
                _fill(client, Path(folder), options.entries)
                _wait_for_model(client)
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
                    page = browser.new_page(base_url=str(client.http.base_url), viewport={"width": 1440, "height": 900})
                    _measure(page, options.questions)
                    browser.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _measure(page: Page, count: int) -> None:
    page.goto("/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Sign in").wait_for(state="detached")
    page.goto("/conversations/new")
    round_trips = [page.evaluate(ROUND_TRIP) for _ in range(20)]
    quotes: list[float] = []
    words: list[float] = []
    for question in _questions(count):
        marks = _ask(page, question)
        if marks["quotes"]:
            quotes.append(marks["quotes"] - marks["enter"])
        if marks["word"]:
            words.append(marks["word"] - marks["enter"])
    _say("a request that does nothing", round_trips)
    _say("Enter to quotes", quotes)
    _say("Enter to first word", words)
    _say("of these, the last ten", words[-10:])
    print(f"quotes after {median(quotes) / median(round_trips):.1f} round trips; {len(quotes)} of {count} had some")


def _ask(page: Page, question: str) -> dict[str, float]:
    """Ask in the opened conversation; the page's own times, in milliseconds. A long answer is stopped."""
    field = page.get_by_role("textbox", name="Say something in this conversation")
    field.fill(question)
    page.evaluate(WATCH)
    field.press("Enter")
    _wait(page, "window.marks.word > 0")
    page.wait_for_timeout(1500)  # some words of the answer belong to the conversation that the next question stands in
    if not page.evaluate("window.marks.over"):
        page.keyboard.press("Escape")
    _wait(page, "!document.querySelector('.turns [aria-busy=true]')")
    page.wait_for_timeout(_THINKING_MS)
    marks: dict[str, float] = page.evaluate("({ ...window.marks })")
    return marks


def _wait(page: Page, condition: str) -> None:
    """Until `condition` holds in the page. Asked from outside: its policy forbids scripts made of strings."""
    deadline = clock.monotonic() + _ANSWER_S
    while not page.evaluate(condition):
        assert clock.monotonic() < deadline, f"in vain: {condition}"
        page.wait_for_timeout(100)


def _questions(count: int) -> list[str]:
    lines = (QUESTIONS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [line["question"] for line in map(json.loads, lines) if line["kind"] == "answerable"]
    return [asked[index % len(asked)] for index in range(count)]


def _fill(client: Client, folder: Path, count: int) -> None:
    """Import a ledger of `count` entries, and wait until all of it can be found."""
    path = folder / "ledger.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for line in _lines(count):
            file.write(json.dumps(line) + "\n")
    with path.open("rb") as content:
        sent = client.http.post("/api/imports", params={"name": path.name, "me": "Tessa"}, content=content)
    job = sent.raise_for_status().json()["job"]["id"]
    _until(lambda: client.call("GET", f"/api/imports/{job}")["job"]["state"] == "delivered", "the import")
    _until(lambda: client.call("GET", "/api/memory/status")["index"]["is_current"], "the index")
    print(f"{client.call('GET', '/api/memory/status')['entries']:,} entries")


def _lines(count: int) -> Iterator[dict[str, object]]:
    """The questions' own entries, and beside them sentences made of their words, the same each time."""
    own = [json.loads(line) for line in (QUESTIONS / "entries.jsonl").read_text(encoding="utf-8").splitlines()][:count]
    yield from own
    words = [word for line in own for word in line["text"].split()]
    chance = random.Random(count)
    for number in range(count - len(own)):
        yield {
            "conversation": f"made-{number // 200}",
            "id": f"made:{number}",
            "said_at": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00",
            "speaker": chance.choice(["Tessa", "Ivo", "Mara", "Piet"]),
            "text": " ".join(chance.choices(words, k=chance.randint(6, 30))),
        }


def _wait_for_server(home: Path) -> None:
    _until(lambda: find_server(home) is not None, "the server")


def _wait_for_model(client: Client) -> None:
    _until(lambda: client.call("GET", "/api/models")["state"] == "ready", "the model")
    print(client.call("GET", "/api/models")["active"]["title"])


def _until(is_so: Callable[[], bool], what: str) -> None:
    deadline = clock.monotonic() + _WAIT_S
    while not is_so():
        assert clock.monotonic() < deadline, f"{what} did not come"
        threading.Event().wait(0.2)


def _say(name: str, waits_ms: list[float]) -> None:
    p95 = quantiles(waits_ms, n=20)[-1]
    print(
        f"{name:>28}: {median(waits_ms):7.0f} ms median {p95:7.0f} ms p95 {max(waits_ms):7.0f} ms worst, "
        f"{len(waits_ms)} times"
    )


if __name__ == "__main__":
    main()
