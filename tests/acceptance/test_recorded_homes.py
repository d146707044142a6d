"""A home that an earlier version left in the middle of work: it migrates, and what waited is done."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from tests.server import Server

RECORDED = Path(__file__).parent.parent / "recorded"


def test_what_waited_before_the_upgrade_is_done_after_it(tmp_path: Path) -> None:
    """The broken-off answer is kept as it was shown and given again; the messages behind it are answered in order."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with zipfile.ZipFile(RECORDED / "home-0003.zip") as recorded:
        recorded.extractall(home)
    (home / "vault.key").chmod(0o600)
    server = Server(home).start()
    try:
        with server.client as client:
            deadline = time.monotonic() + 60
            while client.get("/api/runs", params={"state": ["queued", "running", "waiting"]}).json()["runs"]:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            runs = client.get("/api/runs").json()["runs"]
            assert [run["state"] for run in runs] == ["delivered"] * 4
            (talk,) = {run["conversation_id"] for run in runs[:3]}
            turns = client.get(f"/api/conversations/{talk}").json()["turns"]
        said = [turn["text"] for turn in turns]
        assert said[0] == "count to 40 every 100 ms"
        assert said[1].endswith(" 39 40")
        assert said[2:] == [
            "echo: and the pears, too",
            "and the pears, too",
            "echo: and the quinces",
            "and the quinces",
        ]
        assert [version["state"] for version in turns[1]["versions"]] == ["interrupted", "complete"]
        assert list((home / "before-migration").iterdir()), "the database was copied before it was migrated"
    finally:
        server.stop()
