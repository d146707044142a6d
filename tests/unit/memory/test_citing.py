"""Citations by rule."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everword.core.ids import EntryId, SpaceId
from everword.core.types import Label
from everword.memory.citing import Citer, cite, unquoted
from everword.memory.types import Entry, EntryKind, EntryState

SAID = datetime(2025, 3, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Find:
    """A find that is its whole entry."""

    entry: Entry

    @property
    def start(self) -> int:
        return 0

    @property
    def end(self) -> int:
        return len(self.entry.text)


def find(text: str, speaker: str = "Anna", name: str = "1") -> Find:
    entry = Entry(
        position=1,
        id=EntryId(name),
        space_id=SpaceId("s"),
        conversation_id=None,
        parent_id=None,
        version_of=None,
        kind=EntryKind.MESSAGE,
        label=Label.STRANGER,
        speaker=speaker,
        source="chat",
        external_id=None,
        state=EntryState.COMPLETE,
        run_id=None,
        model=None,
        basis=None,
        said_at=SAID,
        recorded_at=SAID,
        text=text,
        details=None,
    )
    return Find(entry)


NUTS = find("I can't eat cashews any more. The tests in Lucca cost 42.50 euros.")
FLAT = find("We moved to Lisbon in May, and Ben found a flat near the river.", "Ben", "2")


@pytest.mark.parametrize(
    ("answer", "cited"),
    [
        ("The tests in Lucca cost 42.50 euros.", ["1"]),
        ("The tests in Lucca cost 45 euros.", []),
        ("The tests in Rome cost 42.50 euros.", []),
        ("On 5 March 2025 Anna said that the tests in Lucca cost 42.50 euros.", ["1"]),
        ("On 6 March 2025 the tests in Lucca cost 42.50 euros.", []),
        ("5 March 2025, Anna: The tests in Lucca cost 42.50 euros.", ["1"]),
        ("6 March 2025, Anna: The tests in Lucca cost 42.50 euros.", []),
        ("Carla: The tests in Lucca cost 42.50 euros.", []),
        ("Anna cannot eat cashews.", ["1"]),
        ("Anna can't eat cashews.", ["1"]),
        ("Anna can eat cashews.", []),
        ("Carla found a flat near the river.", []),
        ("Ben found a flat near the river. The tests in Lucca cost 42.50 euros.", ["2", "1"]),
        ("Did Ben find a flat near the river?", []),
        ("Bananas are yellow.", []),
        ("```\nBen found a flat near the river.\n```", []),
        ("", []),
    ],
)
def test_a_sentence_is_cited_only_where_a_quote_agrees(answer: str, cited: list[str]) -> None:
    """Words, numbers, names, dates and denials of the sentence must be the quote's."""
    assert [citation.entry_id for citation in cite(answer, [NUTS, FLAT])] == cited


def test_what_was_asked_is_no_evidence() -> None:
    """A sentence that only repeats the question is not cited."""
    assert cite("The tests in Lucca.", [NUTS], asked="What about the tests in Lucca?") == []


def test_the_quote_is_the_sentence_that_agrees() -> None:
    """The span of a citation is the sentence in the entry, not the whole of it."""
    (citation,) = cite("The tests in Lucca cost 42.50 euros.", [NUTS])
    assert NUTS.entry.text[citation.start : citation.end] == "The tests in Lucca cost 42.50 euros."


words_of_finds = st.lists(
    st.sampled_from(
        [
            "Ben",
            "Anna",
            "found",
            "a",
            "flat",
            "near",
            "the",
            "river",
            "Lisbon",
            "May",
            "not",
            "cashews",
            "cost",
            "42.50",
            "45",
            "euros",
            ".",
            "?",
            "\n",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(words_of_finds, st.integers(1, 7))
def test_streaming_gives_what_the_whole_answer_gives(answer: str, step: int) -> None:
    """However the answer is cut into pieces, the citations are those of the whole, and none comes twice."""
    citer = Citer([NUTS, FLAT])
    found = [item for end in range(0, len(answer), step) for item in citer.feed(answer[:end])]
    found += citer.feed(answer, is_finished=True)
    assert found == cite(answer, [NUTS, FLAT])


@given(words_of_finds)
def test_no_number_is_cited_that_the_quote_has_not(answer: str) -> None:
    """A cited piece never has a figure that neither its quote nor its date has."""
    for citation in cite(answer, [NUTS, FLAT]):
        entry = NUTS.entry if citation.entry_id == "1" else FLAT.entry
        assert 0 <= citation.start < citation.end <= len(entry.text)
        assert 0 < citation.after <= len(answer)
        piece = answer[: citation.after].replace("\n", ".").split(" . ")[-1].split("? ")[-1]
        assert "45" not in piece.split()[-3:] or "45" in entry.text


def test_a_name_in_two_quotes_gets_two_numbers() -> None:
    """Quotes are numbered in the order in which they are first cited; the same quote keeps its number."""
    again = "Ben found a flat near the river. The tests in Lucca cost 42.50 euros. Ben found a flat near the river."
    other = replace(FLAT.entry, id=EntryId("3"), text="Nothing of the sort.")
    assert [item.number for item in cite(again, [NUTS, FLAT, Find(other)])] == [1, 2, 1]


def test_what_one_says_of_oneself_bears_out_nothing_of_another() -> None:
    """A quote in the first person is no evidence about somebody else who speaks there, nor about the owner."""
    reptiles = find("I'm allergic to most reptiles and animals with fur.", "Joanna")
    finds = [reptiles, find("I had turtles once.", "Nate", "2")]
    asked = "What is Nate allergic to, or is it Joanna?"
    assert cite("Nate is allergic to most reptiles and animals with fur.", finds, asked) == []
    assert len(cite("Joanna is allergic to most reptiles and animals with fur.", finds, asked)) == 1
    assert cite("You are allergic to most reptiles and animals with fur.", finds, "What am I allergic to?") == []
    own = Find(replace(reptiles.entry, label=Label.OWNER, speaker=""))
    assert len(cite("You are allergic to most reptiles and animals with fur.", [own])) == 1


def test_the_day_that_yesterday_was_is_borne_out() -> None:
    """A date is borne out by a quote that said "yesterday" on the day after; the day before that is not."""
    group = find("I went to a support group yesterday and it was so powerful.", "Caroline")
    assert len(cite("Caroline went to the support group on 4 March 2025.", [group])) == 1
    assert cite("Caroline went to the support group on 3 March 2025.", [group]) == []


def test_sentences_without_a_quote_are_counted() -> None:
    """What no quote bears out is told apart from what one does."""
    answer = "Ben found a flat near the river. It has a balcony."
    found = [citation.after for citation in cite(answer, [FLAT])]
    assert unquoted(answer, found) == 1
    assert unquoted("Ben found a flat near the river.", found) == 0
    assert unquoted("", []) == 0
