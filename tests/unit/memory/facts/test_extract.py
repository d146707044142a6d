"""What the rules learn from sentences, about whom, and what they leave alone."""

from __future__ import annotations

import pytest

from everword.core.types import Label
from everword.memory.facts.reading.extract import claims_of
from everword.memory.types import EntryKind
from tests.unit.memory.facts.saying import said, told


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("I live in Lisbon and work at a bakery.", ["You live in Lisbon", "You work at a bakery"]),
        ("My favourite colour is teal.", ["Your favourite colour is teal"]),
        ("I'm allergic to peanuts and shellfish.", ["You are allergic to peanuts and shellfish"]),
        ("Anna moved to Porto last month.", ["Anna lives in Porto"]),
        ("We have a dog named Rex.", ["You have a dog named Rex"]),
        ("I speak English and Portuguese.", ["You speak English and Portuguese"]),
        ("My birthday is on 3 May.", ["Your birthday is on 3 May"]),
        ("Edie swims on Tuesdays.", ["Edie swims on Tuesdays"]),
        ("I can't eat gluten.", ["You do not eat gluten"]),
        ("My mom's name is Helga.", ["Your mom's name is Helga"]),
    ],
)
def test_what_is_said_is_learned(text: str, statements: list[str]) -> None:
    """Plain statements become facts in plain sentences."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    "text",
    [
        "Do you think I live in Paris?",
        "If I lived in Paris, I would be happy.",
        "I wish I lived in Paris.",
        "I might move to Paris in June.",
        "Translate this: I am a doctor in Berlin.",
        "Rewrite: my name is Otto and I live in Graz.",
        '"I live in Paris", she wrote.',
        "> I live in Paris",
        "I'm a bit tired today.",
        "I love it!",
        "My back is killing me.",
        "Tom said he works at Google.",
        "I'm moving to Paris.",
        "My password is hunter2.",
        "I think Anna lives in Paris.",
        "In the novel, Anna lives in Paris.",
        "Thanks, that is great!",
        "I had a coffee and it was good.",
        "It is raining and the train is late.",
        "I've been to Paris.",
        "I ran a charity race last Saturday.",
        "I love the progress that we made.",
        "Having loved ones is important.",
        "My favourite is when we won.",
        "I'm trying to maintain control and avoid risks.",
    ],
)
def test_what_is_no_statement_teaches_nothing(text: str) -> None:
    """Questions, wishes, plans without a day, tasks, quotations, hearsay, moods and secrets are refused."""
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("I usually knit on the train.", ["You knit on the train"]),
        ("My uncle repairs clocks, sings in a choir and cannot stand jazz.",
         ["Your uncle repairs clocks", "Your uncle sings in a choir", "Your uncle hates jazz"]),
        ("I lost my job at the mill in April.", ["You lost your job at the mill"]),
        ("Rosa and I split up.", ["You split up with Rosa"]),
        ("vegan since 2020", ["You are vegan"]),
        ("Switched to decaf.", ["You switched to decaf"]),
        ("The doctor put me on 20 mg of citalopram.", ["You are on 20 mg of citalopram"]),
        ("My boss is Carla.", ["Your boss is Carla"]),
        ("Plumber: Jansen & Sons, 020 555 1234", ["Your plumber is Jansen & Sons, 020 555 1234"]),
        ("Our rent is due on the 5th.", ["Your rent is due on the 5th"]),
        ("My lease ends on 31 August.", ["Your lease ends on 31 August 2026"]),
        ("I'm on parental leave until June.", ["You are on parental leave"]),
        ("I'm a widow, 68, retired.", ["You are a widow", "You are 68 years old", "You are retired"]),
        ("Met Tove yesterday. She runs a kennel in Drammen.", ["Tove runs a kennel in Drammen"]),
        ("Is my brother-in-law home? He collects stamps.", ["Your brother-in-law collects stamps"]),
        ("Ich wohne seit 2019 in Hamburg.", ["You live in Hamburg"]),
        ("Mein Sohn isst kein Fleisch.", ["Your son does not eat Fleisch"]),
        ("Soy alérgica a los mariscos.", ["You are allergic to mariscos"]),
    ],
)  # fmt: skip
def test_what_is_said_in_other_ways_is_learned(text: str, statements: list[str]) -> None:
    """Habits, turning points, things, notes without a subject, pronouns with somebody before them, other languages."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    "text",
    [
        "I can bring a salad.",
        "I found a bug and fixed it.",
        "I got some good advice.",
        "I'm organising a party.",
        "We walked home.",
        "I have a question about taxes.",
        "My code is broken.",
        "The meeting is at 3.",
        'My son said: "I live in the bathtub and eat only pasta."',
        "Wenn ich in Rom wohne, lerne ich Italienisch.",
    ],
)
def test_what_passes_teaches_nothing(text: str) -> None:
    """What is possible, happened once or is going on is no fact; nor what stands in quotation marks."""
    assert told(text) == []


def test_nobody_else_tells_the_owner_what_they_are() -> None:
    """A stranger's "your administrator is Kevin" makes nothing of the owner's, nor of the stranger's."""
    assert told("As agreed, your administrator is Kevin. I am your lawyer.", label=Label.STRANGER, speaker="Max") == []


def test_a_coworkers_degree_is_the_coworkers() -> None:
    """A fact about somebody else never becomes the owner's, by name, by relation or by pronoun."""
    claims = told("My coworker Dana has a degree in biology. She lives in Ghent. My sister is a nurse.")
    assert [(claim.subject, claim.statement) for claim in claims] == [
        ("", "You have a coworker named Dana"),
        ("Dana", "Dana has a degree in biology"),
        ("Dana", "Dana lives in Ghent"),
        ("your sister", "Your sister is a nurse"),
    ]


def test_a_pronoun_without_anybody_before_it_is_dropped() -> None:
    """Who is meant is not guessed."""
    assert told("She lives in Ghent.") == []


def test_another_speakers_i_is_that_speaker() -> None:
    """In what Jonah says, "I" is Jonah and "my sister" is his."""
    claims = told("I live in Ghent. My sister lives in Bruges.", label=Label.MEMBER, speaker="Jonah")
    assert [(claim.subject, claim.statement, claim.label) for claim in claims] == [
        ("Jonah", "Jonah lives in Ghent", Label.MEMBER),
        ("Jonah's sister", "Jonah's sister lives in Bruges", Label.MEMBER),
    ]


def test_the_assistant_teaches_nothing() -> None:
    """What the assistant says is never learned from."""
    assert told("You live in Lisbon. I live in a computer. Anna lives in Porto.", label=Label.ASSISTANT) == []


def test_nobody_is_i_in_a_document() -> None:
    """Of a document only what it says of people by name counts."""
    claims = told(
        "I live in Ghent. Anna lives in Porto.", kind=EntryKind.DOCUMENT, label=Label.STRANGER, speaker="cv.pdf"
    )
    assert [claim.subject for claim in claims] == ["Anna"]


def test_the_quote_is_the_sentence() -> None:
    """A claim points at the words that it was read from."""
    entry = said("Good morning! I live in Lisbon. How are you?")
    (claim,) = claims_of(entry)
    assert entry.text[claim.start : claim.end] == "I live in Lisbon."
