"""What code decides for a small model: its tools, what may stand in a call, what counts as an answer."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from everword.agents.borne_out import is_borne_out, is_copied, what_came_back
from everword.agents.examples import EXAMPLES
from everword.agents.held import held_step, read_step, schema_of, without_made_up_times
from everword.agents.offering import offer
from everword.agents.steps import NoStep, Step
from everword.agents.work_log import Log
from everword.core import clock
from everword.core.ids import EntryId, SpaceId, new_id
from everword.core.types import Effect, Label
from everword.memory.types import Entry, EntryKind, EntryState
from everword.models.fake import MODEL_NAME, ScriptedServer
from everword.models.script import Answer, Rule, Script
from everword.tools import due
from everword.tools.manifest import Reach, Tool
from everword.tools.naming import ID, parameters
from everword.tools.toolbox import Toolbox

_TEXT = {"type": "string"}


def tool(name: str, effect: Effect = Effect.READ, address: str | None = None, **properties: dict[str, Any]) -> Tool:
    reach = Reach.OUTSIDE if "__" in name else Reach.OWN
    schema = parameters(None, **properties)
    return Tool(
        name, f"About {name}.", schema, effect=effect, reach=reach, says=lambda _arguments: name, address=address
    )


TOOLBOX = Toolbox(
    [
        tool("recall", question=_TEXT),
        tool("remember", Effect.CREATE, text=_TEXT),
        tool("task_write", Effect.CREATE, title=_TEXT, due=due.SCHEMA),
        tool("task_list"),
        tool("task_finish", Effect.EDIT, id=ID),
        tool("web_fetch", Effect.QUERY, address="url", url=_TEXT),
        tool("time__convert_time", Effect.EXECUTE, time=_TEXT),
    ]
)


def entry(text: str, kind: EntryKind = EntryKind.MESSAGE, label: Label = Label.OWNER) -> Entry:
    now = clock.now()
    return Entry(
        position=1,
        id=EntryId(new_id()),
        space_id=SpaceId(new_id()),
        conversation_id=None,
        parent_id=None,
        version_of=None,
        kind=kind,
        label=label,
        speaker="",
        source="work",
        external_id=None,
        state=EntryState.COMPLETE,
        run_id=None,
        model=None,
        basis=None,
        said_at=now,
        recorded_at=now,
        text=text,
        details=None,
    )


def log(*entries: Entry) -> Log:
    return Log(entries, entries[0], None, None, entries[0].text)


def called(schema: dict[str, Any]) -> list[str]:
    return [each["properties"]["tool"]["const"] for each in schema["anyOf"] if "tool" in each["properties"]]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Remember that the cellar key hangs behind the door.", "remember"),
        ("Add washing the car to my tasks.", "task_write"),
        ("I washed the car, so that task is done.", "task_finish"),
        ("What did Marta say about the boat?", "recall"),
        ("Tell me what http://boats.example/list says.", "web_fetch"),
        ("Convert the time 9:00 from London to Lima.", "time__convert_time"),
    ],
)
def test_a_request_is_offered_the_tools_of_what_it_resembles(asked: str, name: str) -> None:
    """Few tools, the right one among them, those of MCP servers too; the same request gets the same ones."""
    offered = offer(asked, TOOLBOX)
    assert name in [each.name for each in offered.tools]
    assert len(offered.tools) <= 4
    assert offer(asked, TOOLBOX) == offered


def test_where_nothing_is_alike_nothing_is_changed() -> None:
    """An odd request is offered what reads, memory among it, and nothing that acts."""
    offered = offer("Zebras, quantum lighthouse marmalade?", TOOLBOX)
    assert "recall" in [each.name for each in offered.tools]
    assert {each.effect for each in offered.tools} <= {Effect.READ, Effect.QUERY}


def test_an_id_is_one_that_was_seen() -> None:
    """A tool that needs an id is not offered before one stands in a result, and then takes only those."""
    asked = entry("I washed the car, so that task is done.")
    offered = offer(asked.text, TOOLBOX)
    assert called(schema_of(offered, log(asked))) == ["task_list"]
    listed = entry("0123456789ab  Wash the car", EntryKind.TOOL_RESULT, Label.TOOL)
    schema = schema_of(offered, log(asked, listed))
    finish = next(each for each in schema["anyOf"] if each["properties"].get("tool") == {"const": "task_finish"})
    assert finish["properties"]["arguments"]["properties"]["id"] == {"enum": ["0123456789ab"]}


@pytest.mark.parametrize(
    ("asked", "said", "is_kept"),
    [
        ("Add washing the car to my tasks.", "as soon as possible", False),
        ("Add washing the car to my tasks.", "now", False),
        ("Add washing the car on Friday to my tasks.", "on Friday", True),
        ("Add washing the car to my tasks, due Fri.", "Fri", True),
        ("Add washing the car to my tasks, due 2026-12-24.", "2026-12-24", True),
    ],
)
def test_a_day_that_nobody_named_is_left_out(asked: str, said: str, is_kept: bool) -> None:
    """A task without a day gets none; what the owner named stays."""
    request = entry(asked)
    step = Step(tool="task_write", arguments={"title": "Wash the car", "due": said})
    kept = without_made_up_times(step, offer(asked, TOOLBOX), log(request)).arguments
    assert kept == {"title": "Wash the car"} | ({"due": said} if is_kept else {})


def test_a_call_made_before_is_not_made_again_with_another_made_up_day() -> None:
    """What the model repeats is held against what was called, both without their made-up days; then it must answer."""
    request = entry("Add washing the car to my tasks.")
    first = json.dumps({"tool": "task_write", "arguments": {"title": "Wash the car"}})
    made = entry(first, EntryKind.TOOL_CALL, Label.ASSISTANT)
    written = entry("Wrote the task: Wash the car.", EntryKind.TOOL_RESULT, Label.TOOL)
    again = {"tool": "task_write", "arguments": {"title": "Wash the car", "due": "as soon as possible"}}
    said = [json.dumps(again), json.dumps({"answer": "The task Wash the car was written."})]

    def says(_messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
        return Answer(said.pop(0))

    with ScriptedServer(Script([Rule(re.compile(""), says)])) as server:
        provider = OpenAIProvider(base_url=server.base_url, api_key="none")
        model = OpenAIChatModel(MODEL_NAME, provider=provider)
        step = asyncio.run(held_step(model, log(request, made, written), request.text, TOOLBOX, ""))
    assert step == Step("The task Wash the car was written.")


def test_what_acts_cannot_be_answered_away() -> None:
    """A request that clearly wants a tool cannot be answered before one was called."""
    asked = entry("Remember that the cellar key hangs behind the door.")
    offered = offer(asked.text, TOOLBOX)
    assert not any("answer" in each["properties"] for each in schema_of(offered, log(asked))["anyOf"])
    noted = entry("Noted.", EntryKind.TOOL_RESULT, Label.TOOL)
    assert any("answer" in each["properties"] for each in schema_of(offered, log(asked, noted))["anyOf"])


def test_examples_are_such_as_a_model_may_give() -> None:
    """Each example's calls are what the reader of steps takes, and it has an answer."""
    for example in EXAMPLES:
        assert example.answer
        for made in example.made:
            step = read_step(made.said)
            assert (step.tool, step.arguments) == (made.tool, made.arguments)


def test_a_broken_object_is_no_step() -> None:
    """Words are an answer; an object that breaks off, as where a model went round in circles, is nothing."""
    assert read_step("It is done.").text == "It is done."
    assert read_step('{"answer": "Done."}').text == "Done."
    with pytest.raises(NoStep):
        read_step('{"answer": "the car, the car, the c')


def test_an_examples_words_are_not_the_owners() -> None:
    """A text that an example had and the request has not is copied; the request's own words are not."""
    examples = [{"text": "Paul does not eat fish."}]
    given = ["Remember that the tyres are at Kovac's garage."]
    assert is_copied({"text": "I noted that Paul does not eat fish."}, examples, given)
    assert not is_copied({"text": "The tyres are at Kovac's garage."}, examples, given)
    assert not is_copied({"text": "Paul does not eat fish."}, examples, ["Remember: Paul does not eat fish."])


def test_an_answer_stands_in_what_was_given() -> None:
    """A figure that nobody named, or mostly foreign words, are not borne out; then what came back is said as it is."""
    given = ["How much flour?", "14 October 2026, You: The cake needs 400 grams of flour."]
    assert is_borne_out("The cake needs 400 grams of flour.", given)
    assert not is_borne_out("The cake needs 100 grams of flour.", given)
    assert not is_borne_out("Somebody promised chocolate pudding yesterday evening.", given)
    assert "400 grams" in what_came_back(given[1:])
