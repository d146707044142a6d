"""Anthropic's Messages on loopback (platform.claude.com/docs/en/api/messages)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.wire.provider import Failure, ProviderServer, event


def _error(status: int, type: str, message: str, **headers: str) -> Failure:
    body = {"type": "error", "error": {"type": type, "message": message}, "request_id": "req_1"}
    return Failure(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class AnthropicServer(ProviderServer):
    """Answers with `pieces`."""

    failures: ClassVar[Mapping[str, Failure]] = {
        "no_credit": _error(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade.",
        ),
        "rate_limited": _error(
            429, "rate_limit_error", "This request would exceed your organization's rate limit.", retry_after="7"
        ),
        "context_full": _error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        "gone": _error(404, "not_found_error", "model: claude-99"),
        "overloaded": _error(529, "overloaded_error", "Overloaded"),
        "fault": _error(500, "api_error", "Internal server error"),
        "not_permitted": _error(403, "permission_error", "Your API key does not have permission to use this model."),
        "rejected": _error(400, "invalid_request_error", "max_tokens: Field required"),
    }

    def key_of(self, headers: Any) -> str | None:
        found: str | None = headers.get("x-api-key")
        return found or (headers.get("Authorization") or "").removeprefix("Bearer ") or None

    def wrong_key(self) -> Failure:
        return _error(401, "authentication_error", "invalid x-api-key")

    def models(self) -> Any:
        model = {"type": "model", "id": "claude-opus-5", "display_name": "Claude Opus 5", "created_at": "2026-01-01"}
        return {"data": [model], "has_more": False, "first_id": "claude-opus-5", "last_id": "claude-opus-5"}

    def frames(self) -> list[str]:
        message = {
            **self._message(),
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 11, "output_tokens": 1},
        }
        frames = [
            event({"type": "message_start", "message": message}, "message_start"),
            event(
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                "content_block_start",
            ),
            event({"type": "ping"}, "ping"),
        ]
        for piece in self.pieces:
            delta = {"type": "text_delta", "text": piece}
            frames.append(event({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta"))
        if self.stream_failure:
            return [*frames, event({"type": "error", "error": self.stream_failure}, "error")]
        ended = {"stop_reason": "end_turn", "stop_sequence": None}
        return [
            *frames,
            event({"type": "content_block_stop", "index": 0}, "content_block_stop"),
            event({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 3}}, "message_delta"),
            event({"type": "message_stop"}, "message_stop"),
        ]

    def whole(self) -> Any:
        content = [{"type": "text", "text": "".join(self.pieces)}]
        usage = {"input_tokens": 11, "output_tokens": 3}
        return {**self._message(), "content": content, "stop_reason": "end_turn", "usage": usage}

    def _message(self) -> dict[str, Any]:
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5", "stop_sequence": None}
