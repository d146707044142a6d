"""Words and questions in languages other than English."""

from datetime import UTC, datetime

import pytest

from everword.memory.languages.detect import Language, language_of, stop_words
from everword.memory.question import parse
from everword.memory.support import is_about_past
from everword.memory.words import fold, stems, words

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where did we put the ladder?", Language.ENGLISH),
        ("Tell me a joke about penguins", Language.ENGLISH),
        ("The café was closed, so we went to the Müller bakery and it was fine.", Language.ENGLISH),
        ("", Language.ENGLISH),
        ("Wo habe ich die Leiter hingestellt?", Language.GERMAN),
        ("¿Dónde dejé la escalera?", Language.SPANISH),
        ("Куда я поставила лестницу?", Language.RUSSIAN),
        ("أين وضعت السلم؟", Language.ARABIC),
        ("我把梯子放在哪儿了？", Language.CHINESE),
        ("梯子はどこに置いたっけ？", Language.JAPANESE),
    ],
)
def test_the_language_of_a_text(text: str, language: Language) -> None:
    """Script and small words tell; what is unknown, or English with a foreign name, is English."""
    assert language_of(text) is language


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Die Schlüssel liegen beim Nachbarn.", "Schlüssels"),
        ("Los tomates los plantaron nuestros vecinos.", "plantar"),
        ("Лена повесила новые занавески.", "занавеску"),
        ("بعنا السيارة", "سيارة"),
    ],
)
def test_another_form_of_a_word_is_found(said: str, asked: str) -> None:
    """Inflected forms have one stem, in a text and in a question of the same language."""
    [stem] = [word.stem for word in words(f"{said} {asked}") if word.folded == fold(asked)]
    assert stem in stems(said)


def test_what_only_looks_different_is_folded_to_one() -> None:
    """Vowel signs and Arabic digits are as their plain forms; the short i of Cyrillic stays a letter."""
    assert fold("الرُّكبة") == fold("الركبة")
    assert fold("٢٠٢٤") == "2024"
    assert fold("Ёлка") == "елка"
    assert fold("мой") == "мой"


def test_small_words_are_folded() -> None:
    """Every stop word is written as `fold` writes it, or it would never be met."""
    for language in Language:
        assert [word for word in stop_words(language) if fold(word) != word] == []


@pytest.mark.parametrize(
    "question",
    [
        "Welche Hand hatte sich Mama gebrochen?",
        "¿En qué ciudad trabaja mi hermano?",
        "Что мне обещали в Зуевке?",
        "من أجرى عملية الركبة لوالدي؟",
        "我的老照片存在哪儿？",
        "母はどんな薬を飲んでいるの？",
    ],
)
def test_one_s_own_life_is_asked_about(question: str) -> None:
    """A question about oneself or one's family is about the past in each language."""
    assert is_about_past(parse(question, [], NOW, "UTC"), [])


@pytest.mark.parametrize(
    "task",
    [
        "Schreib mir ein Gedicht über den Herbst.",
        "Traduce esta frase al inglés: tengo hambre.",
        "Напиши мне письмо начальнику.",
        "اكتب لي رسالة قصيرة",
        "帮我写一首诗",
        "この文を英語に翻訳して",
    ],
)
def test_a_task_needs_no_memory(task: str) -> None:
    """What asks for something to be made is answered without the memory, though it says "me"."""
    assert not is_about_past(parse(task, [], NOW, "UTC"), [])


def test_a_speaker_is_known_in_another_case() -> None:
    """A name that a question inflects, or writes without spaces, is that of a known speaker."""
    assert parse("Что досталось Лене?", ["Лена", "Игорь"], NOW, "UTC").speakers == ("Лена",)
    assert parse("健太郎は何と言った？", ["健太郎"], NOW, "UTC").speakers == ("健太郎",)
