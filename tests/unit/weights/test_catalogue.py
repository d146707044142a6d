"""The catalogue that ships."""

import pytest

from everword.weights import catalogue
from everword.weights.catalogue import Role
from everword.weights.errors import UnknownWeights
from everword.weights.transformers import TRANSFORMERS


def test_the_smallest_chat_model_comes_first_and_every_entry_has_a_source() -> None:
    """Every entry that is offered can be had from somewhere, and the one to start with is the smallest."""
    entries = catalogue.catalogue()
    assert next(entry.name for entry in entries if entry.role is Role.CHAT) == "smollm2-135m"
    assert all(entry.hub or entry.packages for entry in entries)


def test_what_an_entry_needs_is_in_the_catalogue() -> None:
    """A transformer comes with its tokenizer, and the code knows each one that is offered."""
    embedding = [entry for entry in catalogue.catalogue() if entry.role is Role.EMBEDDING]
    assert {entry.name for entry in embedding} == set(TRANSFORMERS)
    assert all(catalogue.find(name).role is Role.TOKENIZER for entry in embedding for name in entry.needs)


def test_the_packages_of_an_entry_add_up_to_its_file() -> None:
    """The parts named for an entry are, together, exactly as long as the file they make."""
    for entry in catalogue.catalogue():
        assert sum(package.size_bytes for package in entry.packages) == entry.size_bytes
        assert all(len(package.sha256) == 64 for package in entry.packages)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    """Asking for weights that are not in the catalogue says which are."""
    with pytest.raises(UnknownWeights, match=r"smollm2-135m, qwen2\.5-coder-1\.5b"):
        catalogue.find("gpt-9")
