"""Made-up answers of an assistant: long, structured, full of the words just asked about, and telling nothing new.

Real ones are what recall has to look past: they repeat the topic in every paragraph, and the person's short message has
the fact. Written from a few patterns, the same for the same message.
"""

import random
import re
from itertools import pairwise

from everword.memory.words import is_stop_word, words

_OPENINGS = [
    "That's a great point about {a}! Let's look at it step by step.",
    "Thank you for telling me about {a} and {b}. Here is a structured way to think about it:",
    "Certainly! When it comes to {a}, there are a few things worth keeping in mind.",
    "Understood. Let's go through {a} together, and see how {b} fits in.",
    "Congratulations on the progress with {a}! Here are some thoughts on what comes next:",
]
_HEADINGS = ["Step {n}: {A}", "{n}. **{A} and {b}**", "### {A}", "**{A}**", "### How {a} relates to {b}"]
_SENTENCES = [
    "Start by writing down what you already know about {a}, so that nothing about {b} gets lost.",
    "If {a} turns out to be harder than expected, consider {b} as an alternative.",
    "Many people underestimate how much time {a} takes, so leave a margin of a week or two.",
    "It also helps to ask somebody with experience in {a} before you decide on {b}.",
    "Review {a} regularly, and adjust {b} when the circumstances change.",
    "Keep {a} and {b} in one place, for example in a table with a column for the date.",
    "A common mistake is to change {a} and {b} at the same time; then nobody knows which of them helped.",
    "Remember that {a} is only one part of the whole, and that {c} matters as well.",
    "You could set yourself a small goal for {a} every week, and reward yourself when it is reached.",
    "Compare at least three options for {a}, by price, quality and how reliable they are.",
    "Should there be a problem with {a}, first check whether {b} is up to date.",
    "For example, you might spend an hour on {a} on Monday, and another one on {c} on Thursday.",
    "Document what you decide about {a}; later you will be glad that you know why.",
    "In general, the simplest solution for {a} is the one that lasts longest.",
]
_CODE = (
    "```python\ndef check_{w}(rows):\n    result = []\n    for row in rows:\n        if row['{w}'] is not None:\n"
    "            result.append(row['{w}'])\n    return result\n```"
)
_CLOSINGS = [
    "Would you like me to go into more detail on {a}?",
    "Let me know how it goes with {a}, and we can look at {b} next.",
    "If you tell me more about {b}, I can make this more specific.",
]


def answer(message: str, before: str) -> str:
    """An answer of 800 to 5,000 characters to `message`; `before` is what was said earlier, and may come up again."""
    chance = random.Random(message)
    topics = _topics(message) or ["this"]
    older = [topic for topic in _topics(before) if topic not in topics] or topics

    def filled(pattern: str, number: int = 1) -> str:
        a, b = chance.choice(topics), chance.choice(topics)
        c = chance.choice(older)
        word = re.sub(r"\W", "", a) or "value"
        return pattern.format(a=a, b=b, c=c, A=a.capitalize(), n=number, w=word)

    parts = [filled(chance.choice(_OPENINGS))]
    for number in range(1, chance.randint(3, 9)):
        points = [f"- {filled(chance.choice(_SENTENCES))}" for _ in range(chance.randint(2, 5))]
        parts.append("\n".join([filled(chance.choice(_HEADINGS), number), *points]))
        if chance.random() < 0.12:
            parts.append(filled(_CODE))
    parts.append(filled(chance.choice(_CLOSINGS)))
    return "\n\n".join(parts)


def _topics(text: str) -> list[str]:
    """Up to eight telling words of a text, and pairs of them that stand together, in order."""
    found = [word for word in words(text) if not is_stop_word(word.folded) and len(word.folded) > 3]
    single = [text[word.start : word.end] for word in found]
    pairs = [text[left.start : right.end] for left, right in pairwise(found) if right.start - left.end == 1]
    return list(dict.fromkeys([*pairs[:4], *single[:8]]))
