"""Talking to a server over its API, as the tests of conversations do."""

from __future__ import annotations

from typing import Any

import httpx

from everword.core.ids import new_id

Json = dict[str, Any]


def say(client: httpx.Client, text: str, said: Json | None = None, **more: object) -> Json:
    """Say something, in the conversation of `said` where that is given."""
    path = f"/api/conversations/{said['conversation']['id']}/messages" if said else "/api/messages"
    answer = client.post(path, json={"text": text, "client_id": new_id(), **more})
    assert answer.status_code == 202, answer.text
    told: Json = answer.json()
    return told


def edit(client: httpx.Client, said: Json, text: str) -> Json:
    """Say it in other words."""
    change = {"text": text, "client_id": new_id()}
    edited: Json = client.post(f"/api/entries/{said['entry']['id']}/edit", json=change).raise_for_status().json()
    return edited


def opened(client: httpx.Client, said: Json) -> Json:
    """The conversation of `said`, as a page opens it."""
    shown: Json = client.get(f"/api/conversations/{said['conversation']['id']}").raise_for_status().json()
    return shown


def turns(client: httpx.Client, said: Json) -> list[Json]:
    """The turns of it that are shown."""
    shown: list[Json] = opened(client, said)["turns"]
    return shown


def texts(client: httpx.Client, said: Json) -> list[str]:
    """Their words."""
    return [turn["text"] for turn in turns(client, said)]
