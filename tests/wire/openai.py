"""OpenAI's Chat Completions on loopback (platform.openai.com/docs/api-reference/chat)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.wire.provider import Failure, ProviderServer, event


def _error(status: int, message: str, type: str, code: str | None, **headers: str) -> Failure:
    body = {"error": {"message": message, "type": type, "param": None, "code": code}}
    return Failure(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class OpenAIServer(ProviderServer):
    """Answers with `pieces`."""

    failures: ClassVar[Mapping[str, Failure]] = {
        "no_credit": _error(
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
        "rate_limited": _error(
            429, "Rate limit reached for gpt-5 in organization org.", "requests", "rate_limit_exceeded", retry_after="7"
        ),
        "context_full": _error(
            400,
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
            "invalid_request_error",
            "context_length_exceeded",
        ),
        "gone": _error(
            404, "The model `gpt-99` does not exist or you do not have access to it.", "invalid_request_error",
            "model_not_found",
        ),
        "overloaded": _error(503, "The engine is currently overloaded, please try again later.", "server_error", None),
        "fault": _error(500, "The server had an error while processing your request.", "server_error", None),
        "refused": _error(
            400, "Your request was rejected as a result of our safety system.", "invalid_request_error",
            "content_policy_violation",
        ),
        "not_permitted": _error(403, "Project does not have access to model `gpt-5`.", "invalid_request_error", None),
        "rejected": _error(400, "Unsupported parameter: 'foo'.", "invalid_request_error", "unsupported_parameter"),
    }  # fmt: skip

    def key_of(self, headers: Any) -> str | None:
        return (headers.get("Authorization") or "").removeprefix("Bearer ") or None

    def wrong_key(self) -> Failure:
        return _error(401, "Incorrect API key provided: wrong.", "invalid_request_error", "invalid_api_key")

    def models(self) -> Any:
        names = ["gpt-5", "text-embedding-3-large", "gpt-4o"]
        models = [{"id": name, "object": "model", "created": 1, "owned_by": "openai"} for name in names]
        return {"object": "list", "data": models}

    def frames(self) -> list[str]:
        frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5-2026-01-01"}

        def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
            return event({**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None})

        frames = [chunk({"role": "assistant", "content": "", "refusal": None})]
        frames += [chunk({"content": piece}) for piece in self.pieces]
        if self.stream_failure:
            return [*frames, event({"error": self.stream_failure})]
        usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
        return [*frames, chunk({}, "stop"), event({**frame, "choices": [], "usage": usage}), "data: [DONE]\n\n"]

    def whole(self) -> Any:
        message = {"role": "assistant", "content": "".join(self.pieces), "refusal": None}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-5-2026-01-01",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
        }
