"""What can go wrong with a model: one sentence and a next step each. What the person typed is in the ledger by then."""

from everword.core.errors import EverwordError


class ModelError(EverwordError):
    """{model} could not answer. Try again, or pick another model."""

    code = "model_error"
    status = 502


class WrongKey(ModelError):
    """{provider} does not accept the key. Enter a valid key under Connections and models."""

    code = "model_wrong_key"


class NotPermitted(ModelError):
    """{provider} does not let this key use {model}. Pick another model, or ask for access at {provider}."""

    code = "model_not_permitted"


class NoCredit(ModelError):
    """The account at {provider} has no credit left. Add credit there, or pick another model."""

    code = "model_no_credit"


class RateLimited(ModelError):
    """{provider} takes no more requests for now. Try again {when}, or pick another model."""

    code = "model_rate_limited"
    status = 429

    @property
    def retry_after_s(self) -> int | None:
        """Seconds after which the provider would take a request again, where it said so."""
        value = self.values.get("retry_after_s")
        return value if isinstance(value, int) else None


class ContextFull(ModelError):
    """The conversation is longer than {model} can read. Start a new conversation, or pick a model with a \
larger context."""

    code = "model_context_full"
    status = 413


class ModelTimeout(ModelError):
    """{model} did not answer in time. Try again, or pick another model."""

    code = "model_timeout"
    status = 504


class ModelUnreachable(ModelError):
    """{provider} cannot be reached at {address}. Check that it is running and that the address is right."""

    code = "model_unreachable"
    status = 503


class AnswerBroken(ModelError):
    """The connection to {provider} broke before the answer was complete. Try again."""

    code = "model_answer_broken"


class ContentRefused(ModelError):
    """{provider} refused this content by its own rules. Say it differently, or pick another model."""

    code = "model_content_refused"
    status = 422


class ModelGone(ModelError):
    """{provider} has no model called {model}. Pick one of those it lists under Connections and models."""

    code = "model_gone"
    status = 404


class ProviderOverloaded(ModelError):
    """{provider} has a fault or is overloaded (HTTP {http_status}). Try again in a minute, or pick another model."""

    code = "model_provider_overloaded"
    status = 503


class RequestRejected(ModelError):
    """{provider} did not accept the request: {why}. Pick another model, or report this as a fault."""

    code = "model_request_rejected"


class NoModel(ModelError):
    """No model is ready to answer yet: {why}. Pick one under Connections and models."""

    code = "model_none"
    status = 503


class LocalEngineFailed(ModelError):
    """The local model could not be started: {why}. Run `everword doctor`, or pick another model."""

    code = "model_local_failed"
    status = 503


class Overloaded(ModelError):
    """Everyone who is waiting comes first and the queue is full. Try again in {retry_after_s} seconds."""

    code = "model_overloaded"
    status = 429


class LockedByEnvironment(ModelError):
    """The model is set by EVERWORD_MODEL in the environment. Unset it there to choose on the screen."""

    code = "model_locked"
    status = 409
