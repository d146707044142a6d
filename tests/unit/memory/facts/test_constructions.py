"""Constructions of English, German and Spanish that say something lasting, and what only looks so."""

from __future__ import annotations

import pytest

from everword.core.types import Label
from everword.memory.facts.reading.promises import promises_of
from tests.unit.memory.facts.saying import days_of, said, told


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        (
            "My flatmate, who teaches chess on Sundays, hates garlic.",
            ["Your flatmate hates garlic", "Your flatmate teaches chess on Sundays"],
        ),
        (
            "Kestrel Foods (my employer) was acquired by Brandt.",
            ["Your employer is Kestrel Foods", "Kestrel Foods was acquired by Brandt"],
        ),
        ("It's Rosalind who's the plumber.", ["Rosalind is the plumber"]),
        ("No hills for me because I use a walking stick.", ["You have a walking stick"]),
        ("Stairs are out because of my arthritis.", ["You have arthritis"]),
        (
            "He is kind of late, but my brother is selling the farm and moving to Cork in May.",
            ["Your brother is selling the farm", "Your brother lives in Cork"],
        ),
    ],
)
def test_clauses_inside_a_sentence_are_told_apart(text: str, statements: list[str]) -> None:
    """Relative clauses, appositions, clefts, reasons and coordinated verbs each say what they say."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    ("text", "subject", "statement"),
    [
        ("Mum and Dad live in Leeds.", "your mum and dad", "Your mum and dad live in Leeds"),
        ("My parents keep bees.", "your parents", "Your parents keep bees"),
        ("Ida and Noah live in Turin.", "Ida and Noah", "Ida and Noah live in Turin"),
        ("My sister's kids go to Hillside Primary.", "your sister's kids", "Your sister's kids go to Hillside Primary"),
        ("The dog is 12.", "your dog", "Your dog is 12 years old"),
        ("Olga says she'll return the ladder on Friday.", "Olga", "Olga will return the ladder"),
    ],
)
def test_several_people_and_a_household_are_subjects(text: str, subject: str, statement: str) -> None:
    """Whom a clause is about is kept where they are several, somebody's somebody, or of the house."""
    assert [(claim.subject, claim.statement) for claim in told(text)] == [(subject, statement)]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("can't have walnuts", "You cannot have walnuts"),
        ("gave up sugar", "You gave up sugar"),
        ("not a fan of olives", "You are not a fan of olives"),
        ("Drinking two litres a day now", "You are drinking two litres a day"),
        ("been sober since 2019", "You are sober"),
        ("Please note that from 1 July my address is 3 Mill Lane, Kelso.", "Your address is 3 Mill Lane, Kelso"),
        ("I told them I work nights.", "You work nights"),
        ("I've got two tortoises, Plato and Kant", "You have two tortoises named Plato and Kant"),
        ("I had my appendix removed in March.", "You had your appendix removed"),
        ("I do the bookkeeping.", "You do the bookkeeping"),
        ("I always want a window seat.", "You want a window seat"),
        ("The rent is 640 a month.", "Your rent is 640 a month"),
        ("My knee is bad.", "Your knee is bad"),
        ("He's no help here - my van's a 2016 Transit - can you find me a garage?", "Your van is a 2016 Transit"),
        ("Insurance runs out in June.", "Your insurance runs out in June 2026"),
    ],
)
def test_notes_and_asides_are_read(text: str, statement: str) -> None:
    """What is left out, led in with or followed by a question is the speaker's own all the same."""
    assert statement in [claim.statement for claim in told(text)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("I've been vegan 4 years this June.", ("2022-06-01", None)),
        ("I coach on Saturdays till the season ends in June.", (None, "2026-07-01")),
        ("We had a stall at the market until 2019.", (None, "2020-01-01")),
        ("My van's a 2016 Transit.", (None, None)),
    ],
)
def test_times_of_new_constructions(text: str, days: tuple[str | None, str | None]) -> None:
    """When it holds is read beside them too; a year in a thing's name is no time."""
    (claim,) = told(text)
    assert days_of(claim.interval) == days


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("Freitags arbeite ich von zu Hause.", ["Freitags arbeite ich von zu Hause"]),
        ("Mein Sohn ist gegen Penicillin allergisch.", ["Your son is allergic to Penicillin"]),
        ("Oma hat am 3. Mai Geburtstag.", ["Your grandma's birthday is on 3 May"]),
        ("Los martes juego al pádel.", ["Los martes juego al pádel"]),
        ("Juego al pádel los martes.", ["Juego al pádel los martes"]),
        ("Mi hija se llama Vera y tiene cinco años.", ["Your daughter's name is Vera"]),
        ("Trabajé en Renfe hasta 2018.", ["You worked at Renfe"]),
        ("Ich hoffe, dass ich bald wieder arbeite.", []),
        ("Si tengo tiempo, voy al cine los lunes.", []),
    ],
)
def test_plain_german_and_spanish(text: str, statements: list[str]) -> None:
    """What no pattern puts into English is kept in its own words, if it lasts."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    "text",
    [
        "Running a bakery isn't easy.",
        "Everyone I love was there.",
        "I can't find my keys.",
        "I can't wait for the weekend.",
        "I'm hiking with some friends this weekend.",
        "I'll make it through this - hang in there!",
        "Been a busy week.",
        "Nature gets me every time I go out.",
        "Kids can't be trusted with this.",
        "I've got to go.",
        "Tom told me he works at the mill.",
        "The neighbours say the shop is closing on Friday, but who knows.",
        "Is it rude to leave early - or do I stay?",
        "I need a minute.",
        "My shoulder is killing me.",
    ],
)
def test_what_only_looks_like_it_teaches_nothing(text: str) -> None:
    """Gerunds as subjects, moods, plans of the day, idioms, hearsay and questions stay refused."""
    assert told(text) == []


def test_a_relative_of_a_stranger_is_not_the_owners() -> None:
    """Plural subjects of somebody else's are that speaker's."""
    (claim,) = told("My parents live in Brno.", label=Label.MEMBER, speaker="Jonah")
    assert (claim.subject, claim.statement) == ("Jonah's parents", "Jonah's parents live in Brno")


def test_any_deed_with_a_day_is_a_promise() -> None:
    """ "I said I'd babysit on Friday" binds though no list has the verb; without a day only known deeds do."""
    (spoken,) = promises_of(said("I said I'd babysit for Karim on Friday"))
    assert spoken.action == "Babysit for Karim on Friday"
    assert promises_of(said("I'll manage somehow.")) == []
