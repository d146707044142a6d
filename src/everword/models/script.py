"""What the scripted model says: rules from the last message to an answer, so that a test knows it beforehand."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is an error: its HTTP status and the body a real server would send."""

    status: int
    error: Mapping[str, Any]
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What to stream. `drop_after` cuts the connection after so many tokens; `wait_s` passes before the first."""

    text: str
    token_delay_s: float | None = None
    drop_after: int | None = None
    wait_s: float = 0.0


#: From the conversation (OpenAI's message objects) and the match of the rule's pattern to what is answered.
Reply = Callable[[Sequence[Mapping[str, Any]], re.Match[str]], Answer | Failure]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `pattern` is found in the last message, `reply` says what is answered."""

    pattern: re.Pattern[str]
    reply: Reply


def text_of(message: Mapping[str, Any]) -> str:
    """The text of an OpenAI message object, whose content may be a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content if part.get("type") == "text")


class Script:
    """Rules in order; the first whose pattern is found in the last message answers."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = [*rules, *DEFAULT_RULES]

    def answer(self, messages: Sequence[Mapping[str, Any]]) -> Answer | Failure:
        """What is answered to a conversation."""
        last = text_of(messages[-1]) if messages else ""
        for rule in self._rules:
            if match := rule.pattern.search(last):
                return rule.reply(messages, match)
        return Answer(f"You said: {last}")

    @staticmethod
    def failing(kind: str) -> "Script":
        """Every answer is that error of `FAILURES`."""
        return Script([Rule(re.compile(""), lambda _messages, _match: FAILURES[kind])])

    @staticmethod
    def load(path: Path) -> "Script":
        """Rules from a JSON list of {"pattern", "answer", "token_delay_s"?}; `answer` may use \\1 for a group."""
        records = json.loads(path.read_text(encoding="utf-8"))
        return Script([_from_record(record) for record in records])


def rule(pattern: str, answer: str, token_delay_s: float | None = None) -> Rule:
    """A rule with a fixed answer, in which \\1 stands for the pattern's first group."""
    return Rule(
        re.compile(pattern, re.IGNORECASE | re.DOTALL),
        lambda _messages, match: Answer(match.expand(answer), token_delay_s),
    )


def _from_record(record: Mapping[str, Any]) -> Rule:
    return rule(record["pattern"], record["answer"], record.get("token_delay_s"))


def _count(_messages: Sequence[Mapping[str, Any]], match: re.Match[str]) -> Answer:
    delay = float(match[2]) / 1000 if match[2] else None
    return Answer(" ".join(str(number) for number in range(1, int(match[1]) + 1)), delay)


def _history(messages: Sequence[Mapping[str, Any]], _match: re.Match[str]) -> Answer:
    roles = ", ".join(str(message.get("role")) for message in messages)
    return Answer(f"I was given {len(messages)} messages: {roles}.")


def _failure(_messages: Sequence[Mapping[str, Any]], match: re.Match[str]) -> Answer | Failure:
    kind = match[1].lower()
    if kind == "drop":
        return Answer("This answer breaks off before its end", drop_after=3)
    if kind == "timeout":
        return Answer("Too late", wait_s=3600)
    return FAILURES[kind]


def _error(status: int, kind: str, code: str | None, message: str, retry_after_s: int | None = None) -> Failure:
    return Failure(status, {"message": message, "type": kind, "param": None, "code": code}, retry_after_s)


#: The errors of a real server, by the word that asks for them ("fail key").
FAILURES: Mapping[str, Failure] = {
    "key": _error(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-***."),
    "credit": _error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    "rate": _error(429, "requests", "rate_limit_exceeded", "Rate limit reached.", retry_after_s=7),
    "context": _error(
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    ),
    "server": _error(500, "server_error", None, "The server had an error while processing your request."),
    "refused": _error(400, "invalid_request_error", "content_policy_violation", "Rejected by the safety system."),
}

DEFAULT_RULES: tuple[Rule, ...] = (
    rule(r"^\s*echo:\s*(.*)", r"\1"),
    Rule(re.compile(r"\bcount to (\d+)(?: every (\d+) ?ms)?", re.IGNORECASE), _count),
    Rule(re.compile(r"^\s*history\b", re.IGNORECASE), _history),
    Rule(re.compile(rf"^\s*fail ({'|'.join(FAILURES)}|drop|timeout)\b", re.IGNORECASE), _failure),
    rule(r"^\s*quote \"(.+?)\"", r'You wrote "\1".'),
)
