"""Google's Gemini API on loopback (ai.google.dev/api/generate-content)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.wire.provider import Failure, ProviderServer, event

_RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}


def _error(status: int, name: str, message: str, *details: Any) -> Failure:
    error = {"code": status, "message": message, "status": name, **({"details": list(details)} if details else {})}
    return Failure(status, {"error": error})


class GoogleServer(ProviderServer):
    """Answers with `pieces`."""

    failures: ClassVar[Mapping[str, Failure]] = {
        "no_credit": _error(
            429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."
        ),
        "rate_limited": _error(
            429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota). Please retry in 7s.", _RETRY
        ),
        "context_full": _error(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
        "gone": _error(404, "NOT_FOUND", "models/gemini-99 is not found for API version v1beta."),
        "overloaded": _error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        "fault": _error(500, "INTERNAL", "An internal error has occurred."),
        "not_permitted": _error(403, "PERMISSION_DENIED", "Your project has been denied access."),
        "rejected": _error(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    }

    def key_of(self, headers: Any) -> str | None:
        found: str | None = headers.get("x-goog-api-key")
        return found

    def wrong_key(self) -> Failure:
        reason = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
        return _error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", reason)

    def models(self) -> Any:
        return {
            "models": [
                {
                    "name": "models/gemini-3-pro",
                    "displayName": "Gemini 3 Pro",
                    "inputTokenLimit": 1048576,
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                },
                {"name": "models/text-embedding-005", "supportedGenerationMethods": ["embedContent"]},
            ]
        }

    def is_stream(self, path: str, body: Mapping[str, Any]) -> bool:
        return ":streamGenerateContent" in path

    def frames(self) -> list[str]:
        frames = [event(self._chunk(piece)) for piece in self.pieces]
        if self.stream_failure:
            return [*frames, event({"error": self.stream_failure})]
        return [*frames, event(self._chunk("", "STOP"))]

    def whole(self) -> Any:
        return self._chunk("".join(self.pieces), "STOP")

    def _chunk(self, text: str, finish: str | None = None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        usage = {"promptTokenCount": 11, "candidatesTokenCount": 3, "totalTokenCount": 14}
        return {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": "gemini-3-pro",
            "responseId": "response-1",
        }
