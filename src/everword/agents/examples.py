"""What people ask for and how it is done with tools, as short dialogues: a small model is shown those like a request.

The smallest models do what they were just shown, and little that they were only told. So each way to use a tool has a
dialogue here, with results as tools give them; what needs no tool has some, too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ID, _OTHER = "9f2c41d07ab3", "51e8a07c6f24"


@dataclass(frozen=True, slots=True)
class Made:
    """A call, and what came back."""

    tool: str
    arguments: dict[str, Any]
    result: str

    @property
    def said(self) -> str:
        """The call as a held model says it."""
        return json.dumps({"tool": self.tool, "arguments": self.arguments}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A request, the calls that it took, and the answer."""

    asked: str
    answer: str
    made: tuple[Made, ...] = ()
    also: tuple[str, ...] = ()
    """Other ways to ask for the like: what a request is compared with, not shown."""

    @property
    def tools(self) -> frozenset[str]:
        """The tools that it uses."""
        return frozenset(each.tool for each in self.made)

    @property
    def ways(self) -> Sequence[str]:
        """Every way to ask."""
        return (self.asked, *self.also)


EXAMPLES = (
    Example(
        "When does Olga fly to Rome?",
        "Olga flies to Rome on 5 May.",
        (Made("recall", {"question": "When does Olga fly to Rome?"}, "02 April 2026, Olga: I fly to Rome on 5 May."),),
        (
            "What did I say about the roof?",
            "Look up what we agreed with the builder.",
            "What was the code again?",
            "Who said that?",
        ),
    ),
    Example(
        "Remember that Paul does not eat fish.",
        "I noted that Paul does not eat fish.",
        (Made("remember", {"text": "Paul does not eat fish."}, "Noted."),),
        (
            "Make a note that the boiler was serviced in May.",
            "Note that down.",
            "Jot that down.",
            "Keep this in mind.",
            "Remember that it is so.",
            "Remember the price.",
            "Make a note of it.",
        ),
    ),
    Example(
        "Put paying the rent on my list, by Thursday.",
        "I wrote down the task: Pay the rent, due on Thursday.",
        (Made("task_write", {"title": "Pay the rent", "due": "on Thursday"}, f"Written: {_ID}  Pay the rent"),),
        (
            "I have to ring the bank tomorrow.",
            "Add that to my tasks.",
            "Remind me to do it.",
            "I need to do that on Monday, put it on my list.",
            "New to-do.",
        ),
    ),
    Example(
        "Add two tasks: sweep the yard, and feed the cat.",
        "I wrote down both tasks: Sweep the yard, and Feed the cat.",
        (
            Made("task_write", {"title": "Sweep the yard"}, f"Written: {_ID}  Sweep the yard"),
            Made("task_write", {"title": "Feed the cat"}, f"Written: {_OTHER}  Feed the cat"),
        ),
        ("Write down three tasks for me.",),
    ),
    Example(
        "What do I still have to do?",
        "You have to sweep the yard, due 2026-06-01, and to feed the cat.",
        (Made("task_list", {}, f"{_ID}  Sweep the yard, due 2026-06-01\n{_OTHER}  Feed the cat"),),
        ("Show my open tasks.", "What is on my list?", "Which tasks are due?"),
    ),
    Example(
        "I fed the cat, so that task is done.",
        "The task Feed the cat is done.",
        (
            Made("task_list", {}, f"{_ID}  Sweep the yard\n{_OTHER}  Feed the cat"),
            Made("task_finish", {"id": _OTHER}, f"Changed: {_OTHER}  Feed the cat"),
        ),
        ("Mark the task about the fence as done.", "Tick off the shopping."),
    ),
    Example(
        "The yard task is due tomorrow instead.",
        "The task Sweep the yard is now due tomorrow.",
        (
            Made("task_list", {}, f"{_ID}  Sweep the yard\n{_OTHER}  Feed the cat"),
            Made("task_edit", {"id": _ID, "due": "tomorrow"}, f"Changed: {_ID}  Sweep the yard"),
        ),
        ("Change the due date of a task.", "Rename the task about the fence."),
    ),
    Example(
        "Delete the task about the cat.",
        "The task Feed the cat is deleted.",
        (
            Made("task_list", {}, f"{_ID}  Sweep the yard\n{_OTHER}  Feed the cat"),
            Made("task_delete", {"id": _OTHER}, "Deleted."),
        ),
        ("Take the fence off my tasks.", "Remove that to-do."),
    ),
    Example(
        "Which notes do you have?",
        "I have two notes: Paul eats no fish, and the ladder is in the shed.",
        (Made("note_list", {}, f"{_ID}  Paul eats no fish. (yours)\n{_OTHER}  The ladder is in the shed. (yours)"),),
        ("Show me your notes.", "Look through your notes."),
    ),
    Example(
        "Your note about the ladder is wrong, it is in the cellar. Correct it.",
        "I corrected the note: the ladder is in the cellar.",
        (
            Made("note_list", {}, f"{_ID}  Paul eats no fish. (yours)\n{_OTHER}  The ladder is in the shed. (yours)"),
            Made("note_edit", {"id": _OTHER, "text": "The ladder is in the cellar."}, "Changed."),
        ),
        ("Change your note.", "Update what you noted."),
    ),
    Example(
        "Delete your note about Paul.",
        "I deleted the note that Paul eats no fish.",
        (
            Made("note_list", {}, f"{_ID}  Paul eats no fish. (yours)\n{_OTHER}  The ladder is in the shed. (yours)"),
            Made("note_delete", {"id": _ID}, "Deleted."),
        ),
        ("Throw that note away.", "Forget your note on it, it is wrong."),
    ),
    Example(
        "Which files are there?",
        "There are two files: plan.txt and bye.txt.",
        (Made("list_files", {"path": "."}, "bye.txt\nplan.txt"),),
        ("List the files in my folder.",),
    ),
    Example(
        "What does plan.txt say about Tuesday?",
        "On Tuesday the plan is to paint the fence.",
        (Made("read_file", {"path": "plan.txt"}, "Monday: rest. Tuesday: paint the fence."),),
        ("Read plan.txt.", "Look into the file list.txt."),
    ),
    Example(
        "Write a file bye.txt with the text: See you.",
        "I wrote “See you.” into bye.txt.",
        (Made("write_file", {"path": "bye.txt", "text": "See you."}, "Written: bye.txt"),),
        ("Save this as a file.", "Put these words into a.txt."),
    ),
    Example(
        "Read plan.txt and write what is planned for Monday into monday.txt.",
        "I wrote into monday.txt that Monday is for rest.",
        (
            Made("read_file", {"path": "plan.txt"}, "Monday: rest. Tuesday: paint the fence."),
            Made("write_file", {"path": "monday.txt", "text": "Monday: rest."}, "Written: monday.txt"),
        ),
    ),
    Example(
        "Delete the file copy.txt.",
        "copy.txt is deleted.",
        (Made("delete_file", {"path": "copy.txt"}, "Deleted: copy.txt"),),
        ("Remove draft.doc from my folder.",),
    ),
    Example(
        "When is the pool open? https://pool.example/times",
        "The pool is open from seven to eight.",
        (Made("web_fetch", {"url": "https://pool.example/times"}, "The pool is open from seven to eight."),),
        ("Fetch https://example.org/news and tell me what is new.", "What does this page say: http://example.org/"),
    ),
    Example(
        "Ask me which of the two dates suits me.",
        "You said that the second date suits you.",
        (Made("ask_owner", {"question": "Which of the two dates suits you?"}, "The second."),),
        ("Order a cake, but ask me first which one.", "Ask me for it."),
    ),
    Example(
        "Let another run find out when the library opens.",
        "Another run found out that the library opens at nine.",
        (
            Made("start_run", {"request": "Find out when the library opens."}, f"Started: {_ID}."),
            Made("watch_run", {"run": _ID}, "The library opens at nine."),
        ),
        ("Have a separate run do that, and wait for it.",),
    ),
    Example("What is the largest planet?", "Jupiter.", also=("How much is 3 times 4?", "Who wrote Hamlet?")),
    Example("Write a greeting for a card.", "All the best!", also=("Translate this into French.", "Make up a rhyme.")),
    Example("Thank you, goodbye.", "Goodbye!", also=("Hello!", "Well done.")),
)
