"""What is left out, put in front, said of a thing, a wish or an "it": each general rule on sentences of its own."""

from __future__ import annotations

import pytest

from everword.core.types import Label
from everword.memory.facts.reading.promises import promises_of
from tests.unit.memory.facts.saying import days_of, said, told


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("Since the divorce I'm in a two-room flat in Turin.", "You are in a two-room flat in Turin"),
        ("Thursday nights I'm at the rehearsal.", "You are at the rehearsal thursday nights"),
        ("On Mondays Idris has fencing till 8.", "Idris has fencing till 8 on Mondays"),
        ("From June I report to Pia.", "You report to Pia"),
    ],
)
def test_times_and_habits_may_stand_in_front(text: str, statement: str) -> None:
    """What a clause begins with counts as if it stood at its end."""
    assert [claim.statement for claim in told(text)] == [statement]


@pytest.mark.parametrize(
    ("text", "statement", "days"),
    [
        ("12 hens in the yard since March", "You have 12 hens in the yard", ("2026-03-01", None)),
        ("back on the old inhaler since Sunday", "You are back on the old inhaler", ("2026-04-26", None)),
        ("Handed in my notice yesterday", "You handed in your notice", ("2026-04-27", None)),
        ("hate marzipan", "You hate marzipan", (None, None)),
        ("violin lesson every other Monday at Mrs Roth's", None, (None, None)),
        ("not into opera at all", "You are not into opera", (None, None)),
    ],
)
def test_notes_without_subject_or_verb(text: str, statement: str | None, days: tuple[str | None, str | None]) -> None:
    """ "I am", "I have" and "I" are read where a stretch of time, a habit, a taste or a turn of life shows them."""
    (claim,) = told(text)
    assert statement is None or claim.statement == statement
    assert days_of(claim.interval) == days


@pytest.mark.parametrize(
    ("text", "statement", "days"),
    [
        ("The scan got moved to Monday.", "Your scan is on 4 May 2026", ("2026-05-04", "2026-05-05")),
        ("The physio moved me to the 19th.", "Your physio appointment is on 19 May 2026", ("2026-05-19", "2026-05-20")),
        ("My lease got extended till December.", "Your lease is extended", (None, "2027-01-01")),
        ("The heating's been leaking since the 9th", "Your heating is leaking", ("2026-04-09", None)),
        ("The spare key is under the blue pot.", "Your spare key is under the blue pot", (None, None)),
        ("gate code 4471", "Your gate code is 4471", (None, None)),
        ("The bins go out on Friday nights", "Your bins go out on Friday nights", (None, None)),
    ],
)
def test_what_happens_to_things(text: str, statement: str, days: tuple[str | None, str | None]) -> None:
    """Things have another day, last longer, go wrong since, lie somewhere, and agree with their verb."""
    (claim,) = told(text)
    assert claim.statement == statement
    assert days_of(claim.interval) == days


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("I used to live in Bath, now it's Leeds.", "You live in Leeds"),
        ("My name isn't Rob, it's Robin.", "Your name is Robin"),
        ("Choir was on Mondays. Since March it's Tuesdays.", "Your choir is Tuesdays"),
    ],
)
def test_it_says_anew_what_was_told_before(text: str, statement: str) -> None:
    """ "It's ... now" has the subject and the slot of the clause before it."""
    assert statement in [claim.statement for claim in told(text)]


@pytest.mark.parametrize(
    "text", ["I saw the film. It's great now.", "It's raining now.", "It's a mess, now it's late."]
)
def test_it_that_points_nowhere_teaches_nothing(text: str) -> None:
    """Without a clause that told of a place, a thing or a day, "it" is nothing."""
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("Never book me a window seat.", ["You want: never book you a window seat"]),
        ("Always use metric units when you write to me.", ["You want: always use metric units"]),
        ("Don't suggest fish recipes to me again today.", []),
        ("Never mind.", []),
        ("Always look on the bright side of life.", []),
    ],
)
def test_standing_wishes(text: str, statements: list[str]) -> None:
    """What the owner always or never wants done is kept; what is wanted now, or said to nobody, is not."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("Sesame gives me hives.", ["You get hives from sesame"]),
        ("Rye and me don't get along.", ["You do not tolerate rye"]),
        ("I have to wear a splint at night.", ["You have to wear a splint at night"]),
        ("I'd rather have evenings free.", ["You prefer to have evenings free"]),
        ("Ada is at Fernhill Primary and Otto does the books.", ["Ada is at Fernhill Primary", "Otto does the books"]),
        ("The old vet, Dr Lund, retired at Christmas.", ["Dr Lund is retired"]),
        ("We've now got a lodger called Bea.", ["You have a lodger called Bea"]),
        ("We split in 2019.", ["You split"]),
    ],
)
def test_verbs_by_meaning(text: str, statements: list[str]) -> None:
    """Reactions, duties, preferences, offices and turns of life are read by the class of their verb."""
    assert [claim.statement for claim in told(text)] == statements


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Meine Frau ist Ärztin.", "your wife"),
        ("Mein Auto ist ein alter Polo.", ""),
        ("Die Frau Roth ist seit Februar in Rente.", "Frau Roth"),
        ("Opa liegt seit gestern im Krankenhaus.", "your grandpa"),
        ("Los jueves tengo clase de piano.", ""),
        ("Ya no fumo desde hace dos años.", ""),
        ("Mi cuñada guarda las llaves.", "your sister-in-law"),
    ],
)
def test_german_and_spanish_subjects(text: str, subject: str) -> None:
    """Whom a clause of theirs is about is kept too: the speaker's things are the speaker's own."""
    (claim,) = told(text)
    assert claim.subject == subject


@pytest.mark.parametrize(
    "text",
    [
        "my mage died AGAIN, sold my horse for a potion, what level do I respec",
        "how do you say this in Polish: I have two dogs and my mother is a pilot",
        "my homework: 'My uncle Ben lives in a lighthouse and he has been a smuggler.'",
        "I saw how counselling and support groups improved my life.",
        "Handling changes has been hard.",
        "Love is truly magical.",
        "A lot happened since our last chat.",
        "They say the bakery is closing on Friday.",
    ],
)
def test_games_renderings_and_nouns_that_look_like_verbs_teach_nothing(text: str) -> None:
    """Who plays, translates or lists nouns says nothing of themselves."""
    assert told(text) == []


def test_a_tools_we_is_nobody() -> None:
    """A newsletter's "we" and "our" are no person's."""
    text = "Our head chef Marco leaves us in November. From the 1st we open at 5."
    assert [claim.statement for claim in told(text, label=Label.TOOL, speaker="Mail")] == []


@pytest.mark.parametrize(
    ("text", "action", "due"),
    [
        ("By Sunday evening I'll have sorted the slides.", "Have sorted the slides by sunday evening", "2026-05-04"),
        ("I've agreed to bake two cakes for Friday.", "Bake two cakes for Friday", "2026-05-02"),
        ("promised Ama the photos by the weekend", "Get Ama the photos by the weekend", "2026-05-04"),
        ("I owe Tobias a reply by Monday.", "Get Tobias a reply by Monday", "2026-05-05"),
        ("Reply to Ines: yes, I'll bring the tent on Saturday", "Bring the tent on Saturday", "2026-05-03"),
        ("I'll confirm the numbers on Friday week.", "Confirm the numbers on Friday week", "2026-05-09"),
        ("I'm picking Dario up on Friday.", "Picking Dario up on Friday", "2026-05-02"),
        ("Ich schick dir bis Freitag die Unterlagen.", "Ich schick dir bis Freitag die Unterlagen", "2026-05-02"),
        ("Mañana te mando el informe.", "Mañana te mando el informe", "2026-04-30"),
        ("I'll translate the letters for my aunt.", "Translate the letters for my aunt", None),
    ],
)
def test_promises_in_their_forms(text: str, action: str, due: str | None) -> None:
    """Pledges, debts, words for others and first persons of three languages bind, with their day."""
    (spoken,) = promises_of(said(text))
    assert spoken.action == action
    assert (spoken.due.at.date().isoformat() if spoken.due else None) == due


@pytest.mark.parametrize(
    "text",
    [
        "I'll also check out Glassdoor.",
        "I'll make sure to revise.",
        "I'll see what I can do.",
        "I'll use the second one.",
    ],
)
def test_an_answer_to_advice_is_no_promise(text: str) -> None:
    """Without a day, what is done for nobody in particular binds nobody."""
    assert promises_of(said(text)) == []


def test_a_number_that_tells_one_from_the_next_teaches_nothing() -> None:
    """Nobody's job is 17, but a rent is 900."""
    assert [claim.statement for claim in told("Job 17.") + told("House 3") + told("Rent 900.")] == ["Your rent is 900"]
